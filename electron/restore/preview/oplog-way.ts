/** Which namespaces of a comparison can be compared by the oplog, and why the others cannot: pure but for the set's id. */
import type { Document, MongoClient } from 'mongodb';
import { isDriverError } from '../../connections/diagnose';
import type { OplogDiffNamespace } from '../../diff/oplog/oplog-diff-task';
import { dataCollection } from '../../diff/live-metadata';
import type { ComparedNamespace } from '../../diff/metadata-diff';
import type { Manifest, OplogSpan } from '../../../shared/backups';
import type { PlanNamespace, StoredPreview } from './preview-store';

/** A comparison that is brought up to date. */
export interface EarlierComparison {
  stored: StoredPreview;
  /** Its preview's. */
  folder: string;
}

export interface OplogWay {
  /** Where reading begins; null: nothing can be compared by the oplog. */
  span: OplogSpan | null;
  namespaces: OplogDiffNamespace[];
  /** Why a namespace is compared in full, by its index. */
  reasons: Map<number, string>;
}

export interface WayQuestion {
  manifest: Manifest;
  /** Demanded by the user. */
  full: boolean;
  /** The target tells where it stands in its oplog. */
  isPlaced: boolean;
  /** The digest is there already. */
  hasDigest: boolean;
  earlier: EarlierComparison | null;
  client: MongoClient;
  /** The namespaces whose documents are compared, with what lives under their names. */
  compared: readonly { plan: PlanNamespace; pair: ComparedNamespace }[];
}

async function setIdOf(client: MongoClient): Promise<string | null> {
  try {
    const { config } = await client.db('admin').command({ replSetGetConfig: 1 });
    const id = (config as { settings?: { replicaSetId?: { toHexString(): string } } }).settings?.replicaSetId;
    return id?.toHexString() ?? null;
  } catch (error) {
    if (isDriverError(error)) return null;
    throw error;
  }
}

/** Why nothing can be compared by the oplog; null when it may. */
async function generalReason(question: WayQuestion): Promise<string | null> {
  const { manifest, earlier } = question;
  if (question.full) return 'the full comparison was asked for';
  if (!question.isPlaced) return 'the target has no primary that tells where it stands in its oplog';
  if (!question.hasDigest) return 'the backup has no digest';
  if (earlier) return null;
  if (manifest.type === 'imported') return 'the backup was imported: where it stands in an oplog is not known';
  if (!manifest.oplogSpan) return 'the backup does not tell where it stands in the oplog';
  const setId = await setIdOf(question.client);
  if (setId === null || manifest.source.setId === null)
    return "it is not known whether the target is the backup's source";
  if (setId !== manifest.source.setId) return 'the target is not the replica set that the backup was made of';
  return null;
}

function isCapped(options: Document | undefined): boolean {
  return options?.['capped'] === true;
}

/** Why one namespace cannot be; null when it may. */
function reasonFor(
  { pair, plan }: WayQuestion['compared'][number],
  before: PlanNamespace | null | undefined,
): string | null {
  const { backup, target } = pair;
  if (isCapped(backup?.options) || isCapped(target?.options)) {
    return 'a capped collection loses documents without a word in the oplog';
  }
  if (target?.type === 'timeseries' && target.uuid === null) return 'its buckets are not to be found by their name';
  const uuid = target?.uuid ?? null;
  if (before === undefined) {
    if (!backup) return 'the backup does not have it';
    // A time series' buckets have a UUID that no dump tells; the oplog itself tells when they were made anew.
    if (backup.type === 'timeseries') return null;
    if (backup.uuid === null) return 'the backup does not tell its UUID';
    return backup.uuid === uuid ? null : 'it was dropped and created again since the backup';
  }
  if (before?.backupNamespace !== plan.backupNamespace) return 'it was not part of the earlier comparison';
  if (!before.target) return 'it was created since the earlier comparison';
  const isSame = before.target.uuid === uuid && before.target.type === target?.type;
  return isSame ? null : 'it was dropped and created again since the earlier comparison';
}

/** Chooses the way of each namespace. Driver errors of the question for the set's id count as no answer. */
export async function chooseOplogWay(asked: WayQuestion): Promise<OplogWay> {
  // An earlier comparison of which nobody knows where it stood is of no use: the backup may still be.
  const earlier = asked.earlier?.stored.span ? asked.earlier : null;
  const question = { ...asked, earlier };
  const { manifest } = question;
  const live = question.compared.filter(({ plan }) => plan.target !== null);
  const way: OplogWay = { span: null, namespaces: [], reasons: new Map() };
  const general = await generalReason(question);
  for (const { plan, pair } of live) {
    const before =
      earlier?.stored.plan.find(({ ns, targetNs }) => ns === plan.ns && targetNs === plan.targetNs) ?? null;
    const reason = general ?? reasonFor({ plan, pair }, earlier ? before : undefined);
    if (reason !== null || !plan.target || !pair.target) {
      if (reason !== null) way.reasons.set(plan.index, reason);
      continue;
    }
    way.namespaces.push({
      index: plan.index,
      backupNamespace: plan.backupNamespace,
      database: plan.target.database,
      collection: dataCollection(plan.target.type, plan.target.collection),
      uuid: pair.target.uuid,
      documents: pair.target.documents,
      earlier: earlier && before ? { folder: earlier.folder, index: before.index } : null,
    });
  }
  if (way.namespaces.length > 0) way.span = earlier?.stored.span ?? manifest.oplogSpan ?? null;
  return way;
}
