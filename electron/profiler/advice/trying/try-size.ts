/** What trying an index would copy. */
import type { TrySize } from '../../../../shared/tries';
import { fail } from '../../../../shared/result';
import type { Catalogue } from '../../../catalogue/service';
import type { Connections } from '../../../connections/service';
import { freeBytes } from '../../../settings/disk-space';
import { splitNamespace } from '../../explain/explain-command';

/** What is copied in a moment. */
const quickDocuments = 200_000;
const quickBytes = 300 * 1024 * 1024;

/** Throws 'not-found' for a collection that does not exist, and as connections do. */
export async function trySize(
  dependencies: {
    connections: Pick<Connections, 'use'>;
    catalogue: Pick<Catalogue, 'history'>;
    sandboxesFolder: string;
  },
  connectionId: string,
  ns: string,
): Promise<TrySize> {
  const { connections, catalogue, sandboxesFolder } = dependencies;
  const { database, collection } = splitNamespace(ns);
  const { documents, bytes } = await connections.use(connectionId, async ({ client }) => {
    const known = await client.db(database).listCollections({ name: collection }, { nameOnly: true }).toArray();
    if (known.length === 0) fail('not-found', `There is no collection ${ns}.`);
    const parts = await client
      .db(database)
      .collection(collection)
      .aggregate<{ storageStats?: { count?: number; size?: number } }>([{ $collStats: { storageStats: {} } }], {
        maxTimeMS: 30_000,
      })
      .toArray()
      .catch(() => []);
    const sum = (name: 'count' | 'size'): number | null =>
      parts.length === 0
        ? null
        : parts.reduce((total, { storageStats }) => total + Number(storageStats?.[name] ?? 0), 0);
    return { documents: sum('count'), bytes: sum('size') };
  });
  const history = await catalogue.history(connectionId);
  const backups = history.flatMap(({ id, createdAt, source, namespaces }) => {
    const held = namespaces.find((each) => `${each.database}.${each.collection}` === ns && each.type === 'collection');
    return held
      ? [{ backupId: id, createdAt, documents: held.documents, bytes: held.bytes, sourceName: source.name }]
      : [];
  });
  return {
    documents,
    bytes,
    freeBytes: await freeBytes(sandboxesFolder),
    suggestedSample: suggestedSample(documents, bytes),
    backups,
  };
}

function suggestedSample(documents: number | null, bytes: number | null): number | null {
  if (documents === null) return quickDocuments;
  if (documents <= quickDocuments && (bytes ?? 0) <= quickBytes) return null;
  const each = bytes === null ? 0 : bytes / Math.max(1, documents);
  const fitting = each === 0 ? quickDocuments : Math.floor(quickBytes / each);
  return Math.max(1000, Math.min(quickDocuments, fitting));
}
