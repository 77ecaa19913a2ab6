/** What would go wrong, said before anything is written. */
import type { Document } from 'mongodb';
import { oldestSupported, serverSupport } from '../../connections/server-support';
import type { OpenDeployment } from '../../connections/service';
import type { ComparedNamespace } from '../../diff/metadata-diff';
import { normaliseOptions, numberOf } from '../../diff/normalise-metadata';
import { parseConnectionStatus, type Privilege } from '../../connections/privileges';
import type { Manifest } from '../../../shared/backups';
import type { Deployment } from '../../../shared/connections';
import type { NamespaceDiff, Problem, ProblemObject, RestoreMode } from '../../../shared/diff';
import { formatBytes, formatQuantity } from '../../../shared/format';
import { foreseeProblems, type DocumentsToForesee } from '../foresight/foresee';
import { unchangeableOptions } from '../writing/unchangeable-options';

export interface ProblemInput {
  deployment: OpenDeployment;
  manifest: Manifest;
  pairs: readonly ComparedNamespace[];
  namespaces: readonly NamespaceDiff[];
  /** Names in the target of collections that are built anew: what could not be done in place is no problem of theirs. */
  rebuilt?: ReadonlySet<string>;
  /** Given: the documents that would be written are looked at, too. */
  documents?: DocumentsToForesee;
}

/** Modes that write into the collections as they are. */
const inPlace: RestoreMode[] = ['insert-missing', 'merge', 'overwrite', 'exact', 'pick'];
/** Those of them that leave the target's own indexes and options. */
const asFound: RestoreMode[] = ['insert-missing', 'merge', 'overwrite', 'pick'];
/** Modes that write the whole backup. */
const whole: RestoreMode[] = ['clone', 'drop'];

/** Objects listed of a problem. */
const mostObjects = 100;

/** What is no document: an index, an option, an action, a namespace. */
function named(ns: string, name: string, detail: string): ProblemObject {
  return { ns, id: null, name, detail };
}

function problem(
  code: Problem['code'],
  severity: Problem['severity'],
  ns: string | null,
  message: string,
  { hint = null, modes = null, objects = [] }: Partial<Pick<Problem, 'hint' | 'modes' | 'objects'>> = {},
): Problem {
  return {
    code,
    severity,
    ns,
    message,
    hint,
    modes,
    when: null,
    objects: objects.slice(0, mostObjects),
    objectsTotal: objects.length,
  };
}

/** What each mode would meet: {@link Problem.modes} tells which. */
export async function predictProblems(input: ProblemInput): Promise<Problem[]> {
  const { deployment, manifest, pairs, namespaces } = input;
  const described = await deployment.describe();
  const found: Problem[] = [
    ...ofConnection(deployment, described),
    ...ofVersions(manifest, described),
    ...ofOplog(manifest),
  ];
  found.push(...(await ofPrivileges(input)));
  const diffs = new Map(namespaces.map((diff) => [diff.targetNs, diff]));
  pairs.forEach((pair) => {
    const diff = diffs.get(pair.targetNs);
    if (!diff) return;
    if (input.rebuilt?.has(pair.targetNs) !== true) found.push(...ofOptions(pair, diff));
    found.push(...ofIndexes(pair, diff), ...ofExpiry(pair, diff));
  });
  found.push(...ofViews(pairs));
  if (input.documents) {
    const { serverVersion } = described;
    found.push(...(await foreseeProblems({ documents: input.documents, pairs, namespaces, serverVersion })));
  }
  found.push(...(await ofDiskSpace(input)));
  return found;
}

function ofConnection({ connection }: OpenDeployment, described: Deployment): Problem[] {
  const found: Problem[] = [];
  if (connection.readOnly) {
    const hint = 'Restore to another connection, or switch read-only off for this one.';
    found.push(problem('read-only-connection', 'blocking', null, `${connection.name} is set to read-only.`, { hint }));
  }
  if (serverSupport(described.serverVersion).level === 'partial') {
    const message = `Nothing is restored to MongoDB ${described.serverVersion}: that needs ${oldestSupported} or newer.`;
    const hint = 'Restore to a newer server, or this archive with mongorestore itself.';
    found.push(problem('server-too-old', 'blocking', null, message, { hint }));
  }
  if (described.directToSecondary) {
    const hint = 'Connect to the replica set, or to its primary.';
    found.push(
      problem('not-primary', 'blocking', null, `${described.host} is a secondary: it cannot be written to.`, { hint }),
    );
  }
  return found;
}

/** A dump of minutes holds documents of different minutes; its oplog slice would bring them to one moment. */
function ofOplog({ oplog }: Manifest): Problem[] {
  if (!oplog || oplog.entries === 0) return [];
  const entries = formatQuantity(oplog.entries, 'oplog entry', 'oplog entries');
  const message = `The ${entries} written during the backup are in its archive but not applied: documents count as they were read.`;
  const hint = 'For the state of one moment, restore the whole archive with mongorestore --oplogReplay.';
  return [problem('oplog-not-applied', 'info', null, message, { hint })];
}

function majorOf(version: string | null): string | null {
  return version === null ? null : version.split('.').slice(0, 2).join('.');
}

function ofVersions({ source }: Manifest, described: Deployment): Problem[] {
  const found: Problem[] = [];
  const [from, to] = [majorOf(source.serverVersion), majorOf(described.serverVersion)];
  if (from !== null && to !== null && from !== to) {
    found.push(
      problem(
        'version-mismatch',
        'warning',
        null,
        `The backup is of MongoDB ${source.serverVersion}, the target runs ${described.serverVersion}.`,
        { hint: 'Restore between equal major versions where you can; compare after it.' },
      ),
    );
  }
  const [fromFcv, toFcv] = [source.featureCompatibilityVersion, described.featureCompatibilityVersion];
  if (fromFcv !== null && toFcv !== null && fromFcv !== toFcv) {
    const message = `The backup's feature compatibility version is ${fromFcv}, the target's ${toFcv}.`;
    found.push(problem('feature-compatibility-mismatch', 'warning', null, message));
  }
  return found;
}

const writeActions = ['insert', 'update', 'remove', 'createCollection', 'createIndex'];
const writingModes: RestoreMode[] = [...asFound, 'clone'];
const exactActions = [...writeActions, 'dropIndex', 'collMod', 'dropCollection'];
const replacingModes: RestoreMode[] = ['exact', 'drop'];

/** Actions that the privileges do not grant on every collection of the database. */
function missingActions(privileges: readonly Privilege[], database: string, actions: readonly string[]): string[] {
  const granted = new Set(
    privileges
      .filter(({ resource }) => {
        if (resource.anyResource) return true;
        return (resource.db === '' || resource.db === database) && resource.collection === '';
      })
      .flatMap((privilege) => privilege.actions),
  );
  return actions.filter((action) => !granted.has(action));
}

async function ofPrivileges({ deployment, pairs }: ProblemInput): Promise<Problem[]> {
  const answer = await deployment.client
    .db('admin')
    .command({ connectionStatus: 1, showPrivileges: true })
    .catch(() => null);
  if (!answer) return [];
  const { authenticatedAs, privileges } = parseConnectionStatus(answer);
  if (authenticatedAs === null) return [];
  const databases = new Set(pairs.map(({ targetNs }) => targetNs.split('.')[0] ?? ''));
  const hint = 'The roles readWrite and dbAdmin, or restore, suffice.';
  return [...databases].flatMap((database) => {
    const toWrite = missingActions(privileges, database, writeActions);
    const toReplace = missingActions(privileges, database, exactActions);
    const missing = (actions: string[], modes: RestoreMode[] | null): Problem[] => {
      if (actions.length === 0) return [];
      // A user may hold them on single collections, which is enough for those.
      const severity = actions.includes('insert') ? 'blocking' : 'warning';
      const message = `${authenticatedAs} may not ${actions.join(', ')} on every collection of ${database}.`;
      const objects = actions.map((action) => named(database, action, `on every collection of ${database}`));
      return [problem('missing-privilege', severity, null, message, { hint, modes, objects })];
    };
    if (toReplace.length === toWrite.length) return missing(toWrite, null);
    return [...missing(toWrite, writingModes), ...missing(toReplace, replacingModes)];
  });
}

function ofOptions(pair: ComparedNamespace, { ns, targetNs, documents }: NamespaceDiff): Problem[] {
  const found: Problem[] = [];
  const { backup, target } = pair;
  if (!target) return found;
  if (backup && backup.type !== target.type) {
    const message = `${targetNs} is a ${target.type} in the target and a ${backup.type} in the backup.`;
    const hint = 'It is left as it is by every mode but clone: rename one of them, or drop the one in the target.';
    const code = target.type === 'timeseries' ? 'time-series-exists' : 'index-specification-conflict';
    const objects = [named(targetNs, targetNs, message)];
    return [problem(code, 'warning', ns, message, { hint, modes: [...inPlace, 'drop'], objects })];
  }
  const options = normaliseOptions(target.options);
  const changes = documents.changed + documents.onlyInTarget;
  if (options['capped'] === true && (changes > 0 || documents.onlyInBackup > 0)) {
    const size = numberOf(options['size']);
    const message =
      `${targetNs} is capped${size === null ? '' : ` at ${size} bytes`}: servers before 6.0 delete nothing from it, ` +
      'documents cannot grow, and the oldest ones make room for new ones.';
    const hint = 'Mode drop restores it whole and in its order.';
    const objects = [named(targetNs, 'capped', size === null ? '' : `${size} bytes`)];
    found.push(problem('capped-collection', 'warning', ns, message, { hint, modes: inPlace, objects }));
  }
  if (backup?.type === 'timeseries' && (changes > 0 || documents.onlyInBackup > 0)) {
    const message = `${targetNs} is a time series: its documents are compared and written as buckets, not as measurements.`;
    const objects = [named(targetNs, targetNs, 'time series')];
    found.push(problem('time-series-exists', 'info', ns, message, { modes: inPlace, objects }));
  }
  const fixed = unchangeableOptions(pair);
  if (fixed.length > 0) {
    const message = `The options ${fixed.join(', ')} of ${targetNs} differ and cannot be changed in place.`;
    const hint = 'Only drop and clone create it anew.';
    const objects = fixed.map((name) => named(targetNs, name, 'option'));
    found.push(problem('index-specification-conflict', 'warning', ns, message, { hint, modes: inPlace, objects }));
  }
  return found;
}

function ofIndexes({ target }: ComparedNamespace, { ns, targetNs, indexes }: NamespaceDiff): Problem[] {
  const found: Problem[] = [];
  if (!target) return found;
  for (const { name, backup, target: live } of indexes.change) {
    const message = `The index ${name} of ${targetNs} has another specification in the target and keeps it.`;
    const hint = 'Mode exact builds it anew.';
    const objects = [
      named(targetNs, name, `${JSON.stringify(backup)} in the backup, ${JSON.stringify(live)} in the target`),
    ];
    found.push(problem('index-specification-conflict', 'info', ns, message, { hint, modes: asFound, objects }));
  }
  for (const { name, backup } of indexes.add) {
    const sameKey = [...indexes.remove, ...indexes.change].find(
      ({ target: other }) =>
        JSON.stringify([other?.['key'], other?.['keyOrder']]) ===
        JSON.stringify([backup?.['key'], backup?.['keyOrder']]),
    );
    if (!sameKey) continue;
    const message = `${targetNs} has the index ${name} under the name ${sameKey.name}.`;
    const hint = 'Mode exact builds it under the name in the backup.';
    const objects = [named(targetNs, name, `${sameKey.name} in the target`)];
    found.push(problem('index-specification-conflict', 'info', ns, message, { hint, modes: asFound, objects }));
  }
  return found;
}

function ofExpiry({ backup }: ComparedNamespace, { ns, targetNs, documents, indexes }: NamespaceDiff): Problem[] {
  const expiring = [...indexes.same, ...indexes.add, ...indexes.change].filter(
    (index) => index.backup?.['expireAfterSeconds'] !== undefined,
  );
  if ((expiring.length === 0 && backup?.options['expireAfterSeconds'] === undefined) || documents.onlyInBackup === 0)
    return [];
  const message = `Documents of ${targetNs} expire by themselves: old ones may vanish again soon after they are restored.`;
  const objects = expiring.map(({ name }) => named(targetNs, name, 'index'));
  return [problem('expires-by-itself', 'info', ns, message, { objects })];
}

function ofViews(pairs: readonly ComparedNamespace[]): Problem[] {
  const names = new Set(pairs.map(({ targetNs }) => targetNs));
  return pairs.flatMap(({ ns, targetNs, backup, target }) => {
    if (backup?.type !== 'view' || target) return [];
    const source = backup.options['viewOn'];
    const database = targetNs.split('.')[0] ?? '';
    if (typeof source !== 'string' || names.has(`${database}.${source}`)) return [];
    const message = `The view ${targetNs} reads ${database}.${source}, which is not part of this restore.`;
    const objects = [named(targetNs, `${database}.${source}`, 'source')];
    return [problem('view-without-source', 'info', ns, message, { objects })];
  });
}

async function ofDiskSpace({ deployment, pairs, namespaces }: ProblemInput): Promise<Problem[]> {
  let differing = 0;
  let all = 0;
  const diffs = new Map(namespaces.map((diff) => [diff.targetNs, diff]));
  pairs.forEach(({ backup, targetNs }) => {
    const documents = diffs.get(targetNs)?.documents;
    if (!backup || backup.documents === 0 || !documents) return;
    all += backup.bytes;
    differing += (backup.bytes / backup.documents) * (documents.onlyInBackup + documents.changed);
  });
  const stats: Document | null = await deployment.client
    .db(pairs[0]?.targetNs.split('.')[0] ?? 'admin')
    .command({ dbStats: 1 })
    .catch(() => null);
  const total: unknown = stats?.['fsTotalSize'];
  const used: unknown = stats?.['fsUsedSize'];
  if (typeof total !== 'number' || typeof used !== 'number' || total === 0) return [];
  const free = total - used;
  const tooMuch = (bytes: number, modes: RestoreMode[]): Problem[] => {
    if (bytes <= free) return [];
    const message = `About ${formatBytes(bytes)} would be written, and ${formatBytes(free)} are free on the target's disk.`;
    return [problem('disk-space', 'warning', null, message, { modes })];
  };
  return [...tooMuch(differing, inPlace), ...tooMuch(all, whole)];
}
