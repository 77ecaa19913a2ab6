/** What is ticked among the differing documents of one namespace. Pure; every change makes a new value. */
import { documentChanges, type DocumentChange } from '../../../../shared/diff';
import { changeOrder, type ChangeCounts, type PickedDocuments } from '../../../../shared/picks';

export type FieldPath = readonly string[];

/** Documents of one kind: all of them or none, but for those at `others`. */
interface KindTicks {
  readonly all: boolean;
  readonly others: ReadonlySet<number>;
}

export interface Ticks {
  readonly kinds: Readonly<Record<DocumentChange, KindTicks>>;
  /** Changed documents of which single fields are ticked, by position; never those ticked as wholes. */
  readonly fields: ReadonlyMap<number, readonly FieldPath[]>;
}

export type TickState = 'whole' | 'some' | 'none';

const nothing: KindTicks = { all: false, others: new Set() };
export const noTicks: Ticks = {
  kinds: { onlyInBackup: nothing, changed: nothing, onlyInTarget: nothing },
  fields: new Map(),
};

/** The kind of the document at a position of the whole list; null beyond its end. */
export function changeAt(counts: ChangeCounts, position: number): DocumentChange | null {
  let first = 0;
  for (const change of changeOrder) {
    if (position < first + counts[change]) return position < first ? null : change;
    first += counts[change];
  }
  return null;
}

/** The position of a kind's first document in the whole list. */
export function firstOf(counts: ChangeCounts, change: DocumentChange): number {
  return changeOrder.slice(0, changeOrder.indexOf(change)).reduce((sum, before) => sum + counts[before], 0);
}

function isWhole({ all, others }: KindTicks, position: number): boolean {
  return all !== others.has(position);
}

export function tickOf(ticks: Ticks, change: DocumentChange, position: number): TickState {
  if (isWhole(ticks.kinds[change], position)) return 'whole';
  return ticks.fields.has(position) ? 'some' : 'none';
}

/** Ticks documents as wholes, or takes their ticks away, those of single fields included. */
export function withDocuments(ticks: Ticks, counts: ChangeCounts, positions: Iterable<number>, ticked: boolean): Ticks {
  const others: Partial<Record<DocumentChange, Set<number>>> = {};
  const fields = new Map(ticks.fields);
  for (const position of positions) {
    const change = changeAt(counts, position);
    if (change === null) continue;
    fields.delete(position);
    const kind = ticks.kinds[change];
    const set = (others[change] ??= new Set(kind.others));
    if (kind.all === ticked) set.delete(position);
    else set.add(position);
  }
  const kinds = { ...ticks.kinds };
  for (const change of documentChanges) {
    const set = others[change];
    if (set) kinds[change] = { all: kinds[change].all, others: set };
  }
  return { kinds, fields };
}

/** Ticks every document of these kinds, or none of them. */
export function withKinds(ticks: Ticks, changes: readonly DocumentChange[], ticked: boolean): Ticks {
  const kinds = { ...ticks.kinds };
  for (const change of changes) kinds[change] = { all: ticked, others: new Set() };
  return { kinds, fields: changes.includes('changed') ? new Map() : ticks.fields };
}

/** Ticks these fields of a changed document and no others; none: the document is not ticked any more. */
export function withFields(ticks: Ticks, counts: ChangeCounts, position: number, paths: readonly FieldPath[]): Ticks {
  const cleared = withDocuments(ticks, counts, [position], false);
  if (paths.length === 0) return cleared;
  return { ...cleared, fields: new Map(cleared.fields).set(position, paths) };
}

/** Documents ticked of each kind; `fields` of the changed ones are ticked by single fields. */
export function tickedCounts(ticks: Ticks, counts: ChangeCounts): ChangeCounts & { readonly fields: number } {
  const whole = (change: DocumentChange) => {
    const { all, others } = ticks.kinds[change];
    return all ? counts[change] - others.size : others.size;
  };
  return {
    onlyInBackup: whole('onlyInBackup'),
    changed: whole('changed') + ticks.fields.size,
    onlyInTarget: whole('onlyInTarget'),
    fields: ticks.fields.size,
  };
}

/** The opposite of {@link pickOf}. */
export function ticksOf(counts: ChangeCounts, { changes, except, documents, fields }: PickedDocuments): Ticks {
  const whole = withDocuments(
    withDocuments(withKinds(noTicks, changes, true), counts, except, false),
    counts,
    documents,
    true,
  );
  return fields.reduce((ticks, { document, paths }) => withFields(ticks, counts, document, paths), whole);
}

/** The ticks as the services take them; null where nothing is ticked. */
export function pickOf(ns: string, ticks: Ticks): PickedDocuments | null {
  const pick: PickedDocuments = { ns, changes: [], except: [], documents: [], fields: [] };
  for (const change of changeOrder) {
    const { all, others } = ticks.kinds[change];
    if (all) pick.changes.push(change);
    const positions = all ? pick.except : pick.documents;
    for (const position of others) positions.push(position);
  }
  for (const [document, paths] of ticks.fields) {
    pick.fields.push({ document, paths: paths.map((path) => [...path]) });
  }
  return pick.changes.length + pick.documents.length + pick.fields.length === 0 ? null : pick;
}
