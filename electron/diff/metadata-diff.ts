/** Collections, options and indexes of a backup against those of a target: pure. */
import type { ExtendedJsonDocument, Manifest, ManifestNamespace } from '../../shared/backups';
import type { IndexChange, NamespaceDiff } from '../../shared/diff';
import type { Rename } from '../../shared/restore';
import { fail } from '../../shared/result';
import { formatNamespace, parseNamespace } from '../../shared/namespaces';
import { normaliseIndex, normaliseOptions, optionsText, specificationText } from './normalise-metadata';

export type NamespaceType = ManifestNamespace['type'];

/** A collection or view as it lives in the target. */
export interface LiveNamespace {
  database: string;
  collection: string;
  type: NamespaceType;
  options: ExtendedJsonDocument;
  indexes: ExtendedJsonDocument[];
  uuid: string | null;
  /** Fast count; null for views and where it could not be had. */
  documents: number | null;
  bytes: number | null;
}

/** One line of the plan: a namespace of the backup, of the target, or of both. */
export interface ComparedNamespace {
  /** Name in the backup; for what only the target has, its name there. */
  ns: string;
  targetNs: string;
  backup: ManifestNamespace | null;
  target: LiveNamespace | null;
}

const systemDatabases = new Set(['admin', 'config', 'local']);

/** What a restore may touch: users, roles and the servers' own collections are no documents to be compared. */
export function isRestorable(database: string, collection: string): boolean {
  if (systemDatabases.has(database) || database.includes('$')) return false;
  return !collection.startsWith('system.') || collection === 'system.js';
}

/** Applies the first rename that fits: `db.coll` before `db`. */
export function renameNamespace(ns: string, renames: readonly Rename[]): string {
  const exact = renames.find((rename) => rename.from === ns);
  const parsed = parseNamespace(ns);
  if (!parsed) return ns;
  if (exact) return parseNamespace(exact.to) ? exact.to : `${exact.to}.${parsed.collection}`;
  const whole = renames.find((rename) => rename.from === parsed.database);
  return whole && !whole.to.includes('.') ? `${whole.to}.${parsed.collection}` : ns;
}

/** The backup's namespaces asked for. Throws 'not-found' for one that it does not hold, 'refused' for system databases. */
export function selectNamespaces(manifest: Manifest, wanted: readonly string[]): ManifestNamespace[] {
  const all = manifest.namespaces.filter(({ database, collection }) => isRestorable(database, collection));
  if (wanted.length === 0) return all;
  const chosen = new Set<ManifestNamespace>();
  for (const name of wanted) {
    const plain = name.endsWith('.*') ? name.slice(0, -2) : name;
    const found = all.filter((namespace) => formatNamespace(namespace) === name || namespace.database === plain);
    if (found.length === 0) {
      fail('not-found', `The backup holds no namespace ${name}.`, 'Names are case-sensitive; see what is inside it.');
    }
    for (const namespace of found) chosen.add(namespace);
  }
  return all.filter((namespace) => chosen.has(namespace));
}

/**
 * Databases of the target in which collections that the backup does not have belong to the comparison: those a backup
 * of whole databases covers, and only when nothing was picked or renamed. A dump from elsewhere may have been of single
 * collections, so it never claims others.
 */
export function coveredDatabases(
  manifest: Manifest,
  wanted: readonly string[],
  renames: readonly Rename[],
): Set<string> {
  if (manifest.type !== 'full' && manifest.type !== 'database') return new Set();
  const covered =
    wanted.length === 0
      ? manifest.namespaces.map((namespace) => namespace.database)
      : wanted.map((name) => (name.endsWith('.*') ? name.slice(0, -2) : name)).filter((name) => !name.includes('.'));
  const partlyRenamed = new Set(renames.filter(({ from }) => from.includes('.')).map(({ from }) => from.split('.')[0]));
  return new Set(
    covered
      .filter((database) => !systemDatabases.has(database) && !partlyRenamed.has(database))
      .map((database) => renames.find((rename) => rename.from === database)?.to ?? database),
  );
}

/** Pairs the chosen namespaces with what lives under their target names, and adds what only the target has. */
export function pairNamespaces(
  chosen: readonly ManifestNamespace[],
  live: readonly LiveNamespace[],
  renames: readonly Rename[],
  covered: ReadonlySet<string>,
): ComparedNamespace[] {
  const byName = new Map(live.map((namespace) => [formatNamespace(namespace), namespace]));
  const pairs: ComparedNamespace[] = [];
  const targets = new Set<string>();
  for (const backup of chosen) {
    const ns = formatNamespace(backup);
    const targetNs = renameNamespace(ns, renames);
    if (targets.has(targetNs)) fail('usage', `Two namespaces would be restored to ${targetNs}.`, 'Change the renames.');
    targets.add(targetNs);
    pairs.push({ ns, targetNs, backup, target: byName.get(targetNs) ?? null });
  }
  for (const target of live) {
    const targetNs = formatNamespace(target);
    const belongs = covered.has(target.database) && isRestorable(target.database, target.collection);
    if (belongs && !targets.has(targetNs)) pairs.push({ ns: targetNs, targetNs, backup: null, target });
  }
  return pairs;
}

function indexName(specification: ExtendedJsonDocument): string {
  const name = specification['name'];
  return typeof name === 'string' ? name : JSON.stringify(specification['key']);
}

/** The `_id` index comes and goes with its collection; a differing one shows as a change of the collection's collation. */
function isIdIndex(specification: ExtendedJsonDocument): boolean {
  return indexName(specification) === '_id_' || specification['clustered'] === true;
}

export function diffIndexes(
  backup: readonly ExtendedJsonDocument[],
  target: readonly ExtendedJsonDocument[],
): NamespaceDiff['indexes'] {
  const result: NamespaceDiff['indexes'] = { same: [], add: [], change: [], remove: [] };
  const live = new Map(target.map((specification) => [indexName(specification), specification]));
  for (const specification of backup) {
    const name = indexName(specification);
    const other = live.get(name) ?? null;
    live.delete(name);
    const change: IndexChange = { name, backup: specification, target: other };
    if (!other) {
      if (!isIdIndex(specification)) result.add.push(change);
    } else if (
      isIdIndex(specification) ||
      specificationText(normaliseIndex(specification)) === specificationText(normaliseIndex(other))
    ) {
      result.same.push(change);
    } else result.change.push(change);
  }
  for (const [name, specification] of live) {
    if (!isIdIndex(specification)) result.remove.push({ name, backup: null, target: specification });
  }
  return result;
}

export function sameOptions(backup: ExtendedJsonDocument, target: ExtendedJsonDocument, ordered = false): boolean {
  return optionsText(normaliseOptions(backup), ordered) === optionsText(normaliseOptions(target), ordered);
}

const noDocuments = { inBackup: 0, inTarget: 0, same: 0, changed: 0, onlyInBackup: 0, onlyInTarget: 0 };
const noEffect = { insert: 0, replace: 0, delete: 0, keep: 0, conflict: 0 };

/**
 * The difference of a pair in everything but documents, whose counts are still zero. `ordered`: the backup's options are
 * in the server's order.
 */
export function diffMetadata({ ns, targetNs, backup, target }: ComparedNamespace, ordered: boolean): NamespaceDiff {
  const indexes = diffIndexes(backup?.indexes ?? [], target?.indexes ?? []);
  const sameType = backup?.type === target?.type;
  const options = {
    same: backup !== null && target !== null && sameType && sameOptions(backup.options, target.options, ordered),
    backup: backup?.options ?? null,
    target: target?.options ?? null,
  };
  const changes = indexes.add.length + indexes.change.length + indexes.remove.length;
  return {
    ns,
    targetNs,
    type: backup?.type ?? target?.type ?? 'collection',
    status: !backup ? 'onlyInTarget' : !target ? 'onlyInBackup' : options.same && changes === 0 ? 'same' : 'differs',
    comparedBy: 'none',
    comparedReason: null,
    documents: { ...noDocuments },
    indexes,
    options,
    details: null,
    effect: { ...noEffect },
  };
}
