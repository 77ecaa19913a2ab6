/** Two looks at the status of a member, a moment apart: what moves between them, and what does not. */
import type { MemberDoors } from './member-doors';
import { numberAt } from '../sampler/server-values';

export interface ServerMovement {
  seconds: number;
  /** Operations of the oplog received from the sync source, and applied, between the looks. */
  received: number | null;
  applied: number | null;
  /** Received and not yet applied. */
  waiting: number | null;
  /** Milliseconds a write of the journal took; null when none was made. */
  journalMs: number | null;
  checkpointMs: number | null;
  connectionsMade: number | null;
  collectionScans: number | null;
}

const apartMs = 700;
const looked = {
  serverStatus: 1,
  repl: 0,
  locks: 0,
  opLatencies: 0,
  tcmalloc: 0,
  transactions: 0,
  shardingStatistics: 0,
  metrics: { commands: false, aggStageCounters: false, operatorCounters: false },
};

function firstOf(status: unknown, ...paths: readonly (readonly string[])[]): number | null {
  for (const path of paths) {
    const value = numberAt(status, ...path);
    if (value !== null) return value;
  }
  return null;
}

function grown(before: unknown, after: unknown, ...path: readonly string[]): number | null {
  const from = numberAt(before, ...path);
  const to = numberAt(after, ...path);
  return from === null || to === null || to < from ? null : to - from;
}

/** Pure. */
export function movementBetween(before: unknown, after: unknown, seconds: number): ServerMovement {
  const syncs = grown(before, after, 'wiredTiger', 'log', 'log sync operations');
  const micros = grown(before, after, 'wiredTiger', 'log', 'log sync time duration (usecs)');
  return {
    seconds,
    received: grown(before, after, 'metrics', 'repl', 'network', 'ops'),
    applied: grown(before, after, 'metrics', 'repl', 'apply', 'ops'),
    // 8.0 tells two buffers: of entries to be written and of those to be applied.
    waiting: firstOf(after, ['metrics', 'repl', 'buffer', 'count'], ['metrics', 'repl', 'buffer', 'apply', 'count']),
    journalMs: syncs === null || micros === null || syncs === 0 ? null : micros / syncs / 1000,
    checkpointMs: firstOf(
      after,
      ['wiredTiger', 'checkpoint', 'most recent time (msecs)'],
      ['wiredTiger', 'transaction', 'transaction checkpoint most recent time (msecs)'],
    ),
    connectionsMade: grown(before, after, 'connections', 'totalCreated'),
    collectionScans: grown(before, after, 'metrics', 'queryExecutor', 'collectionScans', 'nonTailable'),
  };
}

export async function watchServer(members: MemberDoors, host: string): Promise<ServerMovement> {
  const began = Date.now();
  const before = await members.command(host, looked);
  await new Promise((resolve) => setTimeout(resolve, apartMs));
  const after = await members.command(host, looked);
  return movementBetween(before, after, (Date.now() - began) / 1000);
}
