/** Pages of differing documents, and one of them field by field. */
import { diffDocuments, summariseDocument } from '../../diff/document-diff';
import type { ListedBy } from '../../diff/details/order-task';
import type { DifferingReader } from '../../diff/differing-files';
import type { DifferingDocument, DocumentChange, DocumentDiff } from '../../../shared/diff';
import type { DocumentsRequest } from '../../../shared/restore';
import { fail } from '../../../shared/result';
import type { OrderedList } from './document-order';
import type { TaskRunner } from '../../jobs/run-in-worker';
import { forEachPair, idOf, openReader, type BothSides, type PairSource, type Placed } from './document-pairs';
import { isHuge, type DiffDocumentOutput, type SidesInput } from './read-document-task';

export interface DocumentSource extends PairSource {
  /** The list filtered and sorted. */
  order(listed: ListedBy): Promise<OrderedList>;
  /** Where huge documents are looked at. */
  tasks: Pick<TaskRunner, 'run'>;
}

/** They are opened while somebody waits: not behind a backup that takes hours. */
const atOnce = { resident: true };

async function summaryOf(source: DocumentSource, { entry }: Placed, sides: BothSides): Promise<string> {
  const { change } = entry;
  const gone = change !== 'onlyInBackup' && sides.target === null;
  if (gone && change === 'onlyInTarget') return 'deleted since the preview';
  const summary = isHuge(sides)
    ? await source.tasks.run<SidesInput & { change: DocumentChange }, string>(
        'restore.summarise-document',
        { ...sides, change },
        atOnce,
      )
    : summariseDocument(change, sides.backup, sides.target);
  return gone ? `deleted since the preview · ${summary}` : summary;
}

/** A page of the list with a line for each document; the live side is read now where the preview kept no version. */
export async function listDocuments(
  source: DocumentSource,
  request: DocumentsRequest,
): Promise<{ total: number; documents: DifferingDocument[] }> {
  const reader = await openReader(source);
  if (!reader) return { total: 0, documents: [] };
  try {
    const { total, page } = await choosePage(source, reader, request);
    const documents: DifferingDocument[] = [];
    await forEachPair(source, reader, page, async (placed, sides) => {
      const id = idOf(placed, sides);
      documents.push({
        index: placed.index,
        id: id.text,
        idType: id.type,
        change: placed.entry.change,
        summary: await summaryOf(source, placed, sides),
      });
    });
    return { total, documents };
  } finally {
    await reader.close();
  }
}

/** As {@link listDocuments}, but only where the documents stand in the whole list: what a pick names them by. */
export async function listPositions(
  source: DocumentSource,
  request: DocumentsRequest,
): Promise<{ total: number; positions: number[] }> {
  const reader = await openReader(source);
  if (!reader) return { total: 0, positions: [] };
  try {
    const { change, direction, offset, limit } = request;
    if (!isWholeList(request)) return await choosePositions(source, request);
    const total = reader.total(change);
    const start = change === null ? 0 : reader.firstIndex(change);
    const count = Math.max(Math.min(limit, total - offset), 0);
    const at = (step: number) => (direction === 'descending' ? total - 1 - offset - step : offset + step);
    return { total, positions: Array.from({ length: count }, (_, step) => start + at(step)) };
  } finally {
    await reader.close();
  }
}

interface Page {
  total: number;
  page: Placed[];
}

/** Documents of a kind, or all, in the order in which they were compared: pages of it need no list made. */
function isWholeList({ path, search, sort }: DocumentsRequest): boolean {
  return path === null && (search === null || search.trim() === '') && sort === 'position';
}

/** The entries of a page in the order asked for; any other than the list's own is made when first asked for, and kept. */
async function choosePage(source: DocumentSource, reader: DifferingReader, request: DocumentsRequest): Promise<Page> {
  const { change, direction, offset, limit } = request;
  if (!isWholeList(request)) {
    const { total, positions } = await choosePositions(source, request);
    return { total, page: await readEntries(reader, positions) };
  }
  const total = reader.total(change);
  if (direction === 'ascending') return { total, page: await reader.page(change, offset, limit) };
  const end = Math.max(total - offset, 0);
  const first = Math.max(end - limit, 0);
  return { total, page: (await reader.page(change, first, end - first)).reverse() };
}

async function choosePositions(
  source: DocumentSource,
  { change, path, search, sort, direction, offset, limit }: DocumentsRequest,
): Promise<{ total: number; positions: number[] }> {
  const descending = direction === 'descending';
  const list = await source.order({ change, path, search, sort });
  const { total } = list;
  const end = Math.min(offset + limit, total);
  const [first, last] = descending ? [Math.max(total - end, 0), total - offset] : [offset, end];
  const positions = last > first ? await list.read(first, last - first) : [];
  if (descending) positions.reverse();
  return { total, positions };
}

/** Entries at positions of the whole list, in the order given; neighbours are read together. */
async function readEntries(reader: DifferingReader, positions: readonly number[]): Promise<Placed[]> {
  const page: Placed[] = [];
  for (let at = 0; at < positions.length;) {
    const first = positions[at] ?? 0;
    let count = 1;
    while (positions[at + count] === first + count) count++;
    page.push(...(await reader.page(null, first, count)));
    at += count;
  }
  return page;
}

/** One document in two typed columns. Throws 'not-found' for an index beyond the list. */
export async function openDocument(source: DocumentSource, index: number): Promise<DocumentDiff> {
  const reader = await openReader(source);
  if (!reader) fail('not-found', 'There is no such document in the preview.');
  try {
    const page = await reader.page(null, index, 1);
    if (page.length === 0) fail('not-found', 'There is no such document in the preview.');
    let opened: DocumentDiff | null = null;
    await forEachPair(source, reader, page, async (placed, sides) => {
      const { rows, rowsOmitted } = isHuge(sides)
        ? await source.tasks.run<SidesInput, DiffDocumentOutput>('restore.diff-document', sides, atOnce)
        : diffDocuments(sides.backup, sides.target);
      opened = { id: idOf(placed, sides).text, change: placed.entry.change, rows, rowsOmitted };
    });
    return opened ?? fail('not-found', 'There is no such document in the preview.');
  } finally {
    await reader.close();
  }
}
