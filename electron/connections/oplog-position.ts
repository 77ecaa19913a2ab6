/** Where a member of a replica set stands in its oplog, before and after something is read from it. */
import { MongoServerError, type Document, type MongoClient, type ReadPreferenceLike, Timestamp } from 'mongodb';
import type { ClusterTime, OpTime, OplogSpan } from '../../shared/backups';
import { hello } from './deployment';

/** A member at one moment. */
export interface OplogPosition {
  /** `host:port` as the set calls it. */
  member: string;
  /**
   * Changes with every election, step-down, rollback and restart that the member goes through: while it is equal, the
   * member's history only grew.
   */
  incarnation: string;
  /** The newest entry that the member has applied. */
  applied: OpTime;
  /** The newest entry that a majority has: neither it nor anything before it can be rolled back. */
  majority: OpTime | null;
  isSecondary: boolean;
}

export function timestampOf({ seconds, increment }: ClusterTime): Timestamp {
  return new Timestamp({ t: seconds, i: increment });
}

/** Below zero when `a` is earlier than `b`. */
export function compareTimes(a: ClusterTime, b: ClusterTime): number {
  return a.seconds - b.seconds || a.increment - b.increment;
}

function opTimeOf(value: unknown): OpTime | null {
  if (typeof value !== 'object' || value === null) return null;
  const { ts, t } = value as { ts?: unknown; t?: unknown };
  const term = typeof t === 'object' && t !== null ? Number(t) : t;
  if (!(ts instanceof Timestamp) || typeof term !== 'number' || !Number.isInteger(term) || term < 0) return null;
  return { time: { seconds: ts.getHighBitsUnsigned(), increment: ts.getLowBitsUnsigned() }, term };
}

/** Of a member's answer to hello; null for what is no member, and for servers before 4.4, which tell too little. */
export function positionOf(hello: Document): OplogPosition | null {
  const lastWrite = hello['lastWrite'] as { opTime?: unknown; majorityOpTime?: unknown } | undefined;
  const version = hello['topologyVersion'] as { processId?: unknown; counter?: unknown } | undefined;
  const applied = opTimeOf(lastWrite?.opTime);
  const isSecondary = hello['secondary'] === true;
  if (typeof hello['me'] !== 'string' || !applied || version === undefined) return null;
  if (hello['isWritablePrimary'] !== true && !isSecondary) return null;
  return {
    member: hello['me'],
    incarnation: `${String(version.processId)} ${String(version.counter)}`,
    applied,
    majority: opTimeOf(lastWrite?.majorityOpTime),
    isSecondary,
  };
}

/** Where the member that `readPreference` leads to stands; driver errors pass through. */
export async function readPosition(
  client: MongoClient,
  readPreference: ReadPreferenceLike = 'primary',
): Promise<OplogPosition | null> {
  return positionOf(await hello(client, readPreference));
}

/** A client may be led to other members of the same preference: so often they are asked for the one that is meant. */
const mostQuestions = 40;

/** The same member again; null when it does not answer any more. */
export async function readPositionAgain(
  client: MongoClient,
  readPreference: ReadPreferenceLike,
  before: OplogPosition | null,
): Promise<OplogPosition | null> {
  if (!before) return null;
  for (let question = 0; question < mostQuestions; question++) {
    const position = await readPosition(client, readPreference);
    if (position?.member === before.member) return position;
  }
  return null;
}

const visibilityAttempts = 20;
const visibilityPauseMs = 25;

/**
 * The newest entry before which nothing is still being written: what is read from now on has seen all of it. A primary
 * hands out times before it commits, so that its newest entry may have an older one come after it; the oplog does not
 * show an entry before that is over. Users who may not read the oplog get the newest entry that a majority has.
 */
export async function startOf(client: MongoClient, position: OplogPosition): Promise<OpTime | null> {
  const { applied, majority, isSecondary } = position;
  if (isSecondary) return applied;
  try {
    const oplog = client.db('local').collection('oplog.rs');
    for (let attempt = 0; attempt < visibilityAttempts; attempt++) {
      const entry = await oplog.findOne(
        { ts: timestampOf(applied.time) },
        { projection: { ts: 1 }, readPreference: 'primary' },
      );
      if (entry) return applied;
      await new Promise((resolve) => setTimeout(resolve, visibilityPauseMs));
    }
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
  }
  if (!majority) return null;
  return compareTimes(majority.time, applied.time) < 0 ? majority : applied;
}

/** What was read between two positions of one member; null when it changed its part or its history meanwhile. */
export function spanBetween(
  start: OpTime | null,
  before: OplogPosition | null,
  after: OplogPosition | null,
): OplogSpan | null {
  if (!start || !before || !after) return null;
  if (before.member !== after.member || before.incarnation !== after.incarnation) return null;
  return { start, end: after.applied };
}
