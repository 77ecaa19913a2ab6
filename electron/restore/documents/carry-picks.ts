/** Ticks of a preview taken over into the one that it was refreshed to: positions mean other documents there. */
import type { DocumentChange } from '../../../shared/diff';
import { changeOrder, PickedPositions, type PickedDocuments, type PickedPart } from '../../../shared/picks';
import type { DifferingEntry, DifferingReader } from '../../diff/differing-files';
import { openReader, type PairSource } from './document-pairs';

/** Where a preview keeps a namespace. */
export type ListSource = Pick<PairSource, 'previewFolder' | 'namespace'>;

export interface CarriedPicks {
  picks: PickedDocuments[];
  /** Documents whose ticks are gone: they do not differ any more, or were changed again. */
  lost: number;
}

const together = 8192;

/** The same document in two previews of one backup, unless the target's was changed in between. */
function keyOf({ ordinal, id, documentHash }: DifferingEntry): string {
  const hash = documentHash?.toString('latin1') ?? '';
  return ordinal === null ? `id ${hash} ${id?.toString('latin1') ?? ''}` : `at ${ordinal} ${hash}`;
}

async function forEachEntry(
  reader: DifferingReader,
  change: DocumentChange,
  visit: (entry: DifferingEntry, at: number) => void,
): Promise<void> {
  const count = reader.counts[change];
  for (let first = 0; first < count; first += together) {
    const entries = await reader.read(change, first, Math.min(together, count - first));
    entries.forEach((entry, at) => visit(entry, first + at));
  }
}

/**
 * The picks of one namespace as the later of two previews of the same backup tells them, both found by `sources`; null
 * where the later one does not hold the namespace.
 */
export async function carryPicks(
  ns: string,
  picks: readonly PickedDocuments[],
  sources: { from: ListSource; to: ListSource | null },
): Promise<{ pick: PickedDocuments; lost: number }> {
  const pick: PickedDocuments = { ns, changes: [], except: [], documents: [], fields: [] };
  const from = await openReader(sources.from);
  const to = sources.to && (await openReader(sources.to));
  let lost = 0;
  try {
    if (!from) return { pick, lost };
    const ticked = new PickedPositions(ns, picks, from.counts);
    for (const change of changeOrder) {
      const wanted = new Map<string, PickedPart>();
      await forEachEntry(from, change, (entry, at) => {
        const part = ticked.partOf(change, at);
        if (part !== null) wanted.set(keyOf(entry), part);
      });
      lost += wanted.size;
      if (!to || wanted.size === 0) continue;
      const first = to.firstIndex(change);
      const whole: number[] = [];
      await forEachEntry(to, change, (entry, at) => {
        const part = wanted.get(keyOf(entry));
        if (part === undefined) return;
        lost--;
        if (part === 'whole') whole.push(first + at);
        else pick.fields.push({ document: first + at, paths: part.map((path) => [...path]) });
      });
      if (whole.length === to.counts[change] && whole.length > 0) pick.changes.push(change);
      else for (const position of whole) pick.documents.push(position);
    }
    return { pick, lost };
  } finally {
    await from?.close();
    await to?.close();
  }
}
