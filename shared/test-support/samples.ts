/** Whole records for tests that care about a part of them. */
import type { CatalogueEntry } from '../backups';
import type { Connection } from '../connections';
import { noMetrics, type MemberSample } from '../health';
import type { FailoverReport } from '../operations';

/** A secondary that answers, without any numbers. */
export function memberSample(host: string, part: Partial<MemberSample> = {}): MemberSample {
  return {
    host,
    role: 'member',
    at: 1000,
    answered: true,
    problem: null,
    state: 'SECONDARY',
    heardByOthers: true,
    syncSource: null,
    term: 1,
    version: '7.0.0',
    uptimeSeconds: 60,
    configuration: null,
    metrics: noMetrics,
    ...part,
  };
}

/** A verified full backup of connection `c`, made at seven in the morning of 20 November 2026. */
export function catalogueEntry(part: Partial<CatalogueEntry>): CatalogueEntry {
  return {
    id: 'a',
    storeId: 's',
    storeName: 'S',
    temporary: false,
    path: '/s/a',
    status: 'complete',
    problem: null,
    type: 'full',
    category: 'operational',
    sourceName: 'shop',
    connectionId: 'c',
    createdAt: '2026-11-20T06:50:00Z',
    completedAt: '2026-11-20T07:00:00Z',
    scope: 'whole deployment',
    documents: 12,
    bytes: 3400,
    pinned: false,
    note: '',
    verification: { level: 2, ok: true, at: '2026-11-20T07:01:00Z', elapsedMs: 1, problems: [] },
    ...part,
  };
}

/** A production deployment without authentication. */
export const shopConnection: Connection = {
  id: 'c1',
  name: 'shop-prod',
  colour: 'red',
  environment: 'production',
  readOnly: false,
  uri: 'mongodb://h/',
  username: null,
  secretPlace: 'none',
  sandboxId: null,
  createdAt: '2026-01-01T00:00:00Z',
};

/** A failover that passed, with some failed writes and none lost. */
export const passedFailover: FailoverReport = {
  formerPrimary: 'a:27017',
  newPrimary: 'b:27017',
  electionMs: 800,
  writeOutageMs: 1450,
  readOutageMs: 900,
  writeOutageFromMs: -12,
  readOutageFromMs: 5,
  allHealthyMs: 4000,
  writesAcknowledged: 4210,
  writesFailed: 3,
  writesLost: 0,
  reads: 8100,
  readsFailed: 2,
  errors: [{ name: 'NotWritablePrimary', count: 3 }],
  withRetries: {
    writesAcknowledged: 4100,
    writesFailed: 0,
    reads: 8000,
    readsFailed: 0,
    longestWriteMs: 1500,
    longestReadMs: 950,
    errors: [],
  },
  events: [
    { atMs: 0, text: 'a:27017 steps down' },
    { atMs: 800, text: 'b:27017 is primary' },
  ],
  limitMs: 30_000,
  passed: true,
};
