/** Collections as they live, described as an archive's list of collections has it. */
import type { ArchivePrelude, CollectionMetadata } from '../../archive/archive-prelude';
import type { ExtendedJsonDocument } from '../../../shared/backups';
import type { LiveNamespace } from '../../diff/metadata-diff';

/** JSON text with the names of the key in order, also where a JavaScript object would lose it. */
function indexText(specification: ExtendedJsonDocument): string {
  const { keyOrder, ...index } = specification;
  const key = index['key'];
  if (!Array.isArray(keyOrder) || typeof key !== 'object' || key === null) return JSON.stringify(index);
  const fields = keyOrder.map((name) => `${JSON.stringify(name)}:${JSON.stringify(Reflect.get(key, String(name)))}`);
  const parts = Object.entries(index).map(([name, value]) => {
    return `${JSON.stringify(name)}:${name === 'key' ? `{${fields.join(',')}}` : JSON.stringify(value)}`;
  });
  return `{${parts.join(',')}}`;
}

/** As mongodump writes it. */
function metadataText({ collection, type, options, indexes, uuid }: LiveNamespace): string {
  const parts = [
    `"options":${JSON.stringify(options)}`,
    `"indexes":[${indexes.map(indexText).join(',')}]`,
    `"uuid":${JSON.stringify(uuid ?? '')}`,
    `"collectionName":${JSON.stringify(collection)}`,
    `"type":${JSON.stringify(type)}`,
  ];
  return `{${parts.join(',')}}`;
}

/** The beginning of an archive that holds `namespaces`. */
export function preludeOf(namespaces: readonly LiveNamespace[], serverVersion: string | null): ArchivePrelude {
  const collections = namespaces.map((live): CollectionMetadata => {
    const { database, collection, type, options, indexes, uuid } = live;
    return { database, collection, type, metadata: metadataText(live), options, indexes, uuid };
  });
  const header = {
    concurrentCollections: 1,
    formatVersion: '0.1',
    serverVersion: serverVersion ?? '0.0.0',
    toolVersion: '',
  };
  return { header, collections };
}
