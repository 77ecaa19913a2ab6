/** What two backups hold differently, by their manifests alone: counts, content hashes, indexes, options. Pure. */
import type { Manifest, ManifestNamespace } from '../../../../shared/backups';

/** `unknown`: one of them has no content hash, and the counts are equal. */
export type ContentChange = 'same' | 'changed' | 'only-here' | 'only-there' | 'unknown';

export interface NamespaceChange {
  ns: string;
  type: ManifestNamespace['type'];
  /** Null where the backup does not hold the namespace. */
  here: ManifestNamespace | null;
  there: ManifestNamespace | null;
  content: ContentChange;
  /** Names of the indexes that are in one of them alone, or specified differently. */
  indexes: readonly string[];
  /** Names of the options that differ. */
  options: readonly string[];
}

const nameOf = ({ database, collection }: ManifestNamespace) => `${database}.${collection}`;

/** Fields in any order: the order of an option's own fields is not what people look for here. Arrays keep theirs. */
function comparable(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1))
      : part,
  );
}

function differingNames(here: ReadonlyMap<string, unknown>, there: ReadonlyMap<string, unknown>): string[] {
  const names = [...new Set([...here.keys(), ...there.keys()])].sort();
  return names.filter((name) => comparable(here.get(name) ?? null) !== comparable(there.get(name) ?? null));
}

// The order of an index's keys is part of what it is.
function indexesOf({ indexes }: ManifestNamespace): Map<string, unknown> {
  return new Map(
    indexes.map((index) => [
      typeof index['name'] === 'string' ? index['name'] : JSON.stringify(index['key']),
      { ...index, key: JSON.stringify(index['key']) },
    ]),
  );
}

function contentOf(here: ManifestNamespace | null, there: ManifestNamespace | null): ContentChange {
  if (!there) return 'only-here';
  if (!here) return 'only-there';
  if (here.documents !== there.documents) return 'changed';
  if (here.type === 'view' && there.type === 'view') return 'same';
  if (here.contentHash === null || there.contentHash === null) return 'unknown';
  return here.contentHash === there.contentHash ? 'same' : 'changed';
}

export function differs({ content, indexes, options }: NamespaceChange): boolean {
  return content !== 'same' || indexes.length > 0 || options.length > 0;
}

/** Every namespace of either, those that differ first, then by name. */
export function compareManifests(
  here: Pick<Manifest, 'namespaces'>,
  there: Pick<Manifest, 'namespaces'>,
): NamespaceChange[] {
  const ours = new Map(here.namespaces.map((namespace) => [nameOf(namespace), namespace]));
  const theirs = new Map(there.namespaces.map((namespace) => [nameOf(namespace), namespace]));
  const changes = [...new Set([...ours.keys(), ...theirs.keys()])].map((ns): NamespaceChange => {
    const left = ours.get(ns) ?? null;
    const right = theirs.get(ns) ?? null;
    return {
      ns,
      type: left?.type ?? right?.type ?? 'collection',
      here: left,
      there: right,
      content: contentOf(left, right),
      indexes: left && right ? differingNames(indexesOf(left), indexesOf(right)) : [],
      options:
        left && right
          ? differingNames(new Map(Object.entries(left.options)), new Map(Object.entries(right.options)))
          : [],
    };
  });
  return changes.sort(
    (left, right) => Number(differs(right)) - Number(differs(left)) || left.ns.localeCompare(right.ns),
  );
}
