/** Which fields of a changed document can be put back by themselves, and what ticking one of them means. Pure. */
import type { FieldDiffRow } from '../../../../shared/diff';
import type { FieldPath } from './pick-state';

/** All of the document, or these fields. */
export type TickedPart = 'whole' | readonly FieldPath[];

export interface FieldTick {
  state: 'ticked' | 'partly' | 'none';
  /** Why it cannot be ticked by itself; null where it can. */
  refusal: string | null;
}

const onlyWhole = 'comes back only with the whole document';

function isBelow(path: FieldPath, above: FieldPath): boolean {
  return path.length > above.length && above.every((name, at) => path[at] === name);
}

function isSame(a: FieldPath, b: FieldPath): boolean {
  return a.length === b.length && a.every((name, at) => b[at] === name);
}

/** The nearest row above that a row stands inside of; -1 for fields of the document itself. */
function parentsOf(rows: readonly FieldDiffRow[]): number[] {
  const open: number[] = [];
  return rows.map(({ depth }, at) => {
    open.length = Math.min(depth, open.length);
    const parent = open[depth - 1] ?? -1;
    open[depth] = at;
    return parent;
  });
}

/** An object on one side at least, and nothing else on the other: fields in it can be put back one by one. */
function holdsFields({ backup, target }: FieldDiffRow): boolean {
  return [backup, target].every((value) => value === null || value.type === 'Object');
}

/**
 * Per row why it cannot be put back by itself; '' where it can, null where it does not differ. As the writer has it, which looks
 * again before it writes.
 */
function refusalsOf(rows: readonly FieldDiffRow[], parents: readonly number[]): (string | null)[] {
  const uses = new Map<string, number>();
  for (const { path } of rows) uses.set(path, (uses.get(path) ?? 0) + 1);
  const refusals: (string | null)[] = [];
  rows.forEach((row, at) => {
    const parent = parents[at] ?? -1;
    const above = rows[parent];
    const inherited = refusals[parent] ?? '';
    const next = rows[at + 1];
    const differsInside = next !== undefined && next.depth > row.depth && next.kind !== 'same';
    if (row.kind === 'same') refusals.push(null);
    else if (row.names[0] === '_id') refusals.push('is what tells documents apart');
    else if (inherited !== '') refusals.push(inherited);
    else if (above && !holdsFields(above)) refusals.push(`comes back only with all of ${above.path}`);
    else if ((uses.get(row.path) ?? 0) > 1) refusals.push(onlyWhole);
    else if (row.kind === 'order' && !differsInside) refusals.push(onlyWhole);
    else refusals.push('');
  });
  return refusals;
}

export class FieldTicks {
  readonly #parents: readonly number[];
  readonly #refusals: readonly (string | null)[];

  /** `isComplete`: no row was left out. */
  constructor(
    private readonly rows: readonly FieldDiffRow[],
    private readonly isComplete: boolean,
  ) {
    this.#parents = parentsOf(rows);
    this.#refusals = refusalsOf(rows, this.#parents);
  }

  /** Null for a row that does not differ. */
  of(at: number, part: TickedPart): FieldTick | null {
    const refusal = this.#refusals[at];
    const names = this.rows[at]?.names;
    if (refusal === null || refusal === undefined || !names) return null;
    if (part === 'whole') {
      return { state: 'ticked', refusal: refusal || (this.isComplete ? null : 'is put back with the whole document') };
    }
    const state = part.some((path) => isSame(path, names) || isBelow(names, path))
      ? 'ticked'
      : part.some((path) => isBelow(path, names))
        ? 'partly'
        : 'none';
    return { state, refusal: refusal || null };
  }

  /** What is ticked after the row at `at` was clicked. */
  toggle(at: number, part: TickedPart): readonly FieldPath[] {
    const names = this.rows[at]?.names ?? [];
    if (this.of(at, part)?.state !== 'ticked') {
      const others = part === 'whole' ? [] : part.filter((path) => !isBelow(path, names));
      return [...others, names];
    }
    if (part === 'whole') return this.#allBut(names, -1);
    const kept = part.filter((path) => !isSame(path, names) && !isBelow(names, path));
    const covering = part.find((path) => isBelow(names, path));
    const above = covering ? this.rows.findIndex((row) => isSame(row.names, covering)) : -1;
    return covering ? [...kept, ...this.#allBut(names, above)] : kept;
  }

  /** Every field inside the row `above` (-1: the document) that differs and can be put back, but for one. */
  #allBut(left: FieldPath, above: number): FieldPath[] {
    return this.rows.flatMap(({ names }, at) => {
      if (this.#parents[at] !== above || this.#refusals[at] !== '' || isSame(names, left)) return [];
      return isBelow(left, names) ? this.#allBut(left, at) : [names];
    });
  }
}
