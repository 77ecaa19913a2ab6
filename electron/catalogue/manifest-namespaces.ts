/** What a manifest says of an archive's contents, from what a scan of it found. */
import type { Manifest, ManifestNamespace } from '../../shared/backups';
import { formatQuantity } from '../../shared/format';
import type { CollectionMetadata } from '../archive/archive-prelude';
import { dataNamespacesOf, isOplogEntry } from '../archive/archive-prelude';
import { oplogNamespace } from '../archive/archive-format';
import type { NamespaceSummary } from '../archive/namespace-progress';
import type { ArchiveSummary } from '../archive/scan-types';
import type { BlockedArchiveResult } from '../archive/write-blocked-archive';
import { archiveName, blockIndexName, digestName } from './backup-location';

function describe(entry: CollectionMetadata, data: NamespaceSummary | undefined): ManifestNamespace {
  const isView = entry.type === 'view';
  return {
    database: entry.database,
    collection: entry.collection,
    type: entry.type,
    uuid: entry.uuid,
    options: entry.options,
    indexes: entry.indexes,
    documents: data?.documents ?? 0,
    bytes: data?.bytes ?? 0,
    contentHash: isView ? null : (data?.contentHash ?? null),
    crc64: isView ? null : (data?.statedCrc64 ?? data?.crc64 ?? null),
  };
}

function unannounced(data: NamespaceSummary): CollectionMetadata {
  const { database, collection } = data;
  return { database, collection, type: 'collection', metadata: '', options: {}, indexes: [], uuid: null };
}

function compare(a: ManifestNamespace, b: ManifestNamespace): number {
  if (a.database !== b.database) return a.database < b.database ? -1 : 1;
  if (a.collection === b.collection) return 0;
  return a.collection < b.collection ? -1 : 1;
}

/**
 * By database and collection. A time series stands under its own name with the documents and bytes of its buckets; the
 * oplog slice is not among them.
 */
export function manifestNamespaces(summary: ArchiveSummary): ManifestNamespace[] {
  const data = new Map(summary.namespaces.map((each) => [each.namespace, each]));
  const list: ManifestNamespace[] = [];
  for (const entry of summary.prelude?.collections ?? []) {
    if (isOplogEntry(entry)) continue;
    const names = dataNamespacesOf(entry).filter((name) => data.has(name));
    // Servers put the documents of a time series under one name or the other, never both.
    const chosen = names.find((name) => (data.get(name)?.documents ?? 0) > 0) ?? names[0];
    list.push(describe(entry, chosen === undefined ? undefined : data.get(chosen)));
    for (const name of names) data.delete(name);
  }
  data.delete(oplogNamespace);
  for (const rest of data.values()) list.push(describe(unannounced(rest), rest));
  return list.sort(compare);
}

/** What a manifest says of the files that were written with the archive. */
export function filesOf({
  file,
  digest,
  blockIndex,
}: BlockedArchiveResult): Pick<Manifest, 'file' | 'digest' | 'blockIndex'> {
  const { bytes, sha256, blocks, uncompressedBytes } = file;
  return {
    file: { name: archiveName, bytes, sha256, compression: 'gzip-blocks', blocks, uncompressedBytes },
    digest: digest && { name: digestName, ...digest },
    blockIndex: blockIndex && { name: blockIndexName, ...blockIndex },
  };
}

/** Whether users and roles are among the namespaces: of the deployment or of a database. */
export function holdsUsersAndRoles(namespaces: readonly ManifestNamespace[]): boolean {
  return namespaces.some(
    ({ database, collection }) =>
      (database === 'admin' && collection === 'system.users') || collection === '$admin.system.users',
  );
}

/** What servers store and tools may still read differently: said, not refused, since it is what there is to back up. */
export function oddDocumentWarnings(summary: ArchiveSummary): string[] {
  return summary.namespaces
    .filter(({ oddArrays }) => oddArrays > 0)
    .map(({ namespace, oddArrays }) => {
      const documents = formatQuantity(oddArrays, 'document');
      return `${namespace}: ${documents} with an array whose keys are not 0, 1, 2…: a broken array, kept byte for byte.`;
    });
}
