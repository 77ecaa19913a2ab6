/** Which differing documents a pick means: pure, used by the window, the command line and the writer alike. */
import { z } from 'zod';
import { documentChangeSchema, type DocumentChange } from './diff';
import { fail } from './result';

/** Documents ticked in a diff, of one namespace; positions are those of the whole list of differing documents. */
export const pickSchema = z.object({
  /** Namespace in the backup. */
  ns: z.string(),
  /** All differing documents of these kinds, but those of `except`. */
  changes: z.array(documentChangeSchema),
  except: z.array(z.number().int().min(0)),
  /** And these. */
  documents: z.array(z.number().int().min(0)),
  /**
   * Changed documents of which only some fields are put back (each a path of names; one that the backup lacks is
   * removed). Arrays are put back as wholes.
   */
  fields: z.array(z.object({ document: z.number().int().min(0), paths: z.array(z.array(z.string()).min(1)).min(1) })),
});
export type PickedDocuments = z.infer<typeof pickSchema>;

/** Order of the list of differing documents: what is missing first. */
export const changeOrder: readonly DocumentChange[] = ['onlyInBackup', 'changed', 'onlyInTarget'];

export type ChangeCounts = Readonly<Record<DocumentChange, number>>;

/** Positions of one kind of change, counted from the kind's first. */
class PositionSet {
  readonly #bits: Uint8Array;
  count = 0;

  constructor(readonly size: number) {
    this.#bits = new Uint8Array(Math.ceil(size / 8));
  }

  fill(): void {
    this.#bits.fill(0xff);
    this.count = this.size;
  }

  has(at: number): boolean {
    return at < this.size && (((this.#bits[at >> 3] ?? 0) >> (at & 7)) & 1) === 1;
  }

  /** Returns whether it changed anything. */
  set(at: number, wanted: boolean): void {
    if (this.has(at) === wanted) return;
    this.#bits[at >> 3] = (this.#bits[at >> 3] ?? 0) ^ (1 << (at & 7));
    this.count += wanted ? 1 : -1;
  }
}

/** `whole`, or the paths of the fields that are put back. */
export type PickedPart = 'whole' | readonly (readonly string[])[];

/** The documents of one namespace that several picks mean together; a document picked as a whole is put back as a whole. */
export class PickedPositions {
  readonly #whole: Record<DocumentChange, PositionSet>;
  readonly #fields = new Map<number, string[][]>();
  readonly #first: Record<DocumentChange, number>;

  /** Throws 'usage' for a position beyond the list, and for fields of a document that is not a changed one. */
  constructor(ns: string, picks: readonly PickedDocuments[], counts: ChangeCounts) {
    this.#whole = {
      changed: new PositionSet(counts.changed),
      onlyInBackup: new PositionSet(counts.onlyInBackup),
      onlyInTarget: new PositionSet(counts.onlyInTarget),
    };
    this.#first = { onlyInBackup: 0, changed: counts.onlyInBackup, onlyInTarget: counts.onlyInBackup + counts.changed };
    for (const change of changeOrder) this.#addKind(ns, change, picks);
    for (const pick of picks) {
      for (const position of pick.documents) {
        const { change, at } = this.#locate(ns, position);
        this.#whole[change].set(at, true);
      }
    }
    for (const pick of picks) {
      for (const { document, paths } of pick.fields) this.#addFields(ns, document, paths);
    }
  }

  #addKind(ns: string, change: DocumentChange, picks: readonly PickedDocuments[]): void {
    const [first, ...others] = picks
      .filter(({ changes }) => changes.includes(change))
      .map(({ except }) => new Set(except));
    if (!first) return;
    this.#whole[change].fill();
    for (const position of first) {
      const place = this.#locate(ns, position);
      // What one pick leaves out, another may hold.
      if (place.change === change && others.every((other) => other.has(position))) {
        this.#whole[change].set(place.at, false);
      }
    }
  }

  #addFields(ns: string, document: number, paths: string[][]): void {
    const { change, at } = this.#locate(ns, document);
    if (change !== 'changed') {
      fail('usage', `Document ${document} of ${ns} is not on both sides: only as a whole can it be put back.`);
    }
    if (paths.some(([name]) => name === '_id')) {
      fail('usage', `The _id of document ${document} of ${ns} cannot be picked: it is what tells documents apart.`);
    }
    if (this.#whole.changed.has(at)) return;
    this.#fields.set(at, [...(this.#fields.get(at) ?? []), ...paths]);
  }

  #locate(ns: string, position: number): { change: DocumentChange; at: number } {
    for (const change of changeOrder) {
      const at = position - this.#first[change];
      if (at >= 0 && at < this.#whole[change].size) return { change, at };
    }
    return fail('usage', `The preview holds no document ${position} of ${ns}.`, 'Compare again, and pick again.');
  }

  /** Documents picked, wholly or by fields. */
  get counts(): ChangeCounts {
    const { changed, onlyInBackup, onlyInTarget } = this.#whole;
    return {
      changed: changed.count + this.#fields.size,
      onlyInBackup: onlyInBackup.count,
      onlyInTarget: onlyInTarget.count,
    };
  }

  /** `at` counts from the first document of that change; null: it was not picked. */
  partOf(change: DocumentChange, at: number): PickedPart | null {
    if (this.#whole[change].has(at)) return 'whole';
    return (change === 'changed' ? this.#fields.get(at) : undefined) ?? null;
  }

  /** The next picked position of that change from `at` on; null: there is none. */
  next(change: DocumentChange, at: number): number | null {
    const { size } = this.#whole[change];
    for (let position = at; position < size; position++) if (this.partOf(change, position) !== null) return position;
    return null;
  }

  /** Changed documents of which only fields are put back: their positions among the changed, ascending. */
  get byFields(): { at: number; paths: readonly (readonly string[])[] }[] {
    return [...this.#fields].map(([at, paths]) => ({ at, paths })).sort((a, b) => a.at - b.at);
  }
}

/** The picks by namespace. Throws 'not-found' for a namespace that is not among `known`. */
export function picksByNamespace(
  picks: readonly PickedDocuments[],
  known: Iterable<string>,
): Map<string, PickedDocuments[]> {
  const names = new Set(known);
  const byNamespace = new Map<string, PickedDocuments[]>();
  for (const pick of picks) {
    if (!names.has(pick.ns)) fail('not-found', `The preview does not hold ${pick.ns}.`);
    byNamespace.set(pick.ns, [...(byNamespace.get(pick.ns) ?? []), pick]);
  }
  return byNamespace;
}
