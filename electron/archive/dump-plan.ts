import { ArchiveDamage } from './archive-damage';
import { archiveFormatVersion, bucketsPrefix, namespaceOf } from './archive-format';
import {
  type ArchivePrelude,
  type CollectionMetadata,
  collectionMetadata,
  parseCollectionMetadata,
} from './archive-prelude';
import { escapeCollectionName, isCutName, parseDumpFileName, unescapeCollectionName } from './dump-file-names';

/** Something in a dump that was passed over or looks odd; the import goes on. */
export interface DumpNotice {
  /** Relative to the dump. */
  path: string;
  message: string;
}

export interface DumpFile {
  /** Relative to the dump, with `/`. */
  path: string;
  bytes: number;
}

/** A `.bson` file and the collection it belongs to. */
export interface PlannedSource {
  path: string;
  gzip: boolean;
  bytes: number;
  database: string;
  /** As the archive's data header names it. */
  collection: string;
}

export interface DumpPlan {
  prelude: ArchivePrelude;
  sources: PlannedSource[];
  notices: DumpNotice[];
}

/** Reads a small file (metadata, prelude) as text, uncompressed; null when it is empty or does not inflate. */
export type ReadSmallFile = (path: string, gzip: boolean) => Promise<string | null>;

interface Located {
  file: DumpFile;
  folder: string;
  name: ReturnType<typeof parseDumpFileName>;
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const unknownVersion = '0.0.0';

function readVersions(text: string | null): { serverVersion: string; toolVersion: string } {
  const none = { serverVersion: unknownVersion, toolVersion: '' };
  if (text === null) return none;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return none;
    const { ServerVersion: server, ToolVersion: tool } = parsed as Record<string, unknown>;
    return {
      serverVersion: typeof server === 'string' && server !== '' ? server : unknownVersion,
      toolVersion: typeof tool === 'string' ? tool : '',
    };
  } catch {
    return none;
  }
}

/**
 * Makes sense of the files of a dump folder (or of a tar of one): which collections there are and which file holds
 * whose documents. `rootName` names the database when the files stand in the root itself. Odd files become notices.
 * Throws {@link ArchiveDamage}: `not-an-archive` when nothing looks like a dump, `prelude` for malformed metadata.
 */
export async function planDump(
  files: readonly DumpFile[],
  rootName: string,
  readSmall: ReadSmallFile,
): Promise<DumpPlan> {
  const notices: DumpNotice[] = [];
  const located = files.map((file) => ({
    file,
    folder: folderOf(file.path),
    name: parseDumpFileName(lastPart(file.path)),
  }));
  const dumpFiles = located.filter(({ name }) => name.kind === 'documents' || name.kind === 'metadata');
  const isOplog = ({ name }: Located): boolean => name.kind === 'documents' && name.stem === 'oplog';
  const inFolders = dumpFiles.filter((each) => !isOplog(each));
  const depthOf = (folder: string): number => (folder === '' ? 0 : folder.split('/').length);
  const depth = Math.min(...(inFolders.length > 0 ? inFolders : dumpFiles).map(({ folder }) => depthOf(folder)));
  if (dumpFiles.length === 0) {
    throw new ArchiveDamage('not-an-archive', 'There is no dump here: no .bson and no .metadata.json files.');
  }
  const databaseOf = (folder: string): string => lastPart(folder) || rootName;
  const collections: CollectionMetadata[] = [];
  const sources: PlannedSource[] = [];
  const documents: Located[] = [];
  const byStem = new Map<string, CollectionMetadata>();
  let oplog: Located | null = null;
  let versions = readVersions(null);
  for (const each of [...located].sort((a, b) => (a.file.path < b.file.path ? -1 : 1))) {
    const { file, folder, name } = each;
    if (name.kind === 'prelude') {
      versions = readVersions(await readSmall(file.path, name.gzip));
    } else if (name.kind === 'other') {
      notices.push({ path: file.path, message: 'Not part of a dump; passed over.' });
    } else if (isOplog(each) && inFolders.length > 0 && depthOf(folder) === depth - 1) {
      oplog = each;
    } else if (depthOf(folder) !== depth) {
      notices.push({ path: file.path, message: 'Lies deeper than the collections of the dump; passed over.' });
    } else if (name.kind === 'documents') {
      documents.push(each);
    } else {
      const entry = await readMetadata(each, databaseOf(folder), readSmall, notices);
      if (!entry) continue;
      if (collections.some((known) => sameCollection(known, entry))) {
        notices.push({ path: file.path, message: `A second description of ${nameOf(entry)}; passed over.` });
        continue;
      }
      collections.push(entry);
      byStem.set(`${folder}/${name.stem}`, entry);
      if (entry.type === 'timeseries') {
        byStem.set(`${folder}/${escapeCollectionName(bucketsPrefix + entry.collection)}`, entry);
      }
    }
  }
  for (const { file, folder, name } of documents) {
    const described = byStem.get(`${folder}/${name.stem}`);
    const database = databaseOf(folder);
    if (!described && isCutName(name.stem)) {
      notices.push({
        path: file.path,
        message: 'The file name was cut and no metadata tells the collection; passed over.',
      });
      continue;
    }
    const stored = unescapeCollectionName(name.stem);
    const isBuckets = described?.type === 'timeseries' && described.collection !== stored;
    const collection = described ? (isBuckets ? bucketsPrefix : '') + described.collection : stored;
    if (sources.some((known) => known.database === database && known.collection === collection)) {
      notices.push({
        path: file.path,
        message: `A second file for ${namespaceOf(database, collection)}; passed over.`,
      });
      continue;
    }
    if (!described) {
      notices.push({ path: file.path, message: 'Has no metadata: options and indexes of the collection are unknown.' });
      collections.push(collectionMetadata(database, collection, '', null));
    }
    sources.push({ path: file.path, gzip: name.gzip, bytes: file.bytes, database, collection });
  }
  for (const entry of collections) {
    const hasFile = sources.some(
      ({ database, collection }) =>
        database === entry.database &&
        (collection === entry.collection || collection === bucketsPrefix + entry.collection),
    );
    if (hasFile || entry.type === 'view') continue;
    notices.push({ path: nameOf(entry), message: 'Has metadata but no documents file; taken as empty.' });
  }
  if (oplog) {
    collections.push(collectionMetadata('', 'oplog', '', null));
    sources.push({
      path: oplog.file.path,
      gzip: oplog.name.gzip,
      bytes: oplog.file.bytes,
      database: '',
      collection: 'oplog',
    });
  }
  const header = { concurrentCollections: 1, formatVersion: archiveFormatVersion, ...versions };
  return { prelude: { header, collections }, sources, notices };
}

function nameOf(entry: CollectionMetadata): string {
  return namespaceOf(entry.database, entry.collection);
}

function sameCollection(a: CollectionMetadata, b: CollectionMetadata): boolean {
  return a.database === b.database && a.collection === b.collection;
}

async function readMetadata(
  { file, name }: Located,
  database: string,
  readSmall: ReadSmallFile,
  notices: DumpNotice[],
): Promise<CollectionMetadata | null> {
  const text = await readSmall(file.path, name.gzip);
  if (text === null || text.trim() === '') {
    notices.push({
      path: file.path,
      message: 'Is empty or unreadable: options and indexes of the collection are unknown.',
    });
  }
  const parsed = parseCollectionMetadata(text ?? '', file.path);
  if (parsed.collectionName === null && isCutName(name.stem)) {
    notices.push({
      path: file.path,
      message: 'The file name was cut and the collection is not named inside; passed over.',
    });
    return null;
  }
  const collection = parsed.collectionName ?? unescapeCollectionName(name.stem);
  return collectionMetadata(database, collection, text ?? '', parsed.type);
}
