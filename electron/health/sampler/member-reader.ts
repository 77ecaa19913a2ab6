/**
 * Asks one member, by a small client of its own: within a time limit, whatever state the member is in. A client that did not
 * answer in time is given up, so that nothing queues behind it.
 */
import { MongoClient, MongoServerError, Timestamp, type Document } from 'mongodb';
import type { MemberProblem } from '../../../shared/health';
import { diagnoseDriverError } from '../../connections/diagnose';
import type { RawReading } from './member-reading';
import type { OplogExtent } from './oplog-window';
import { dateAt, numberAt, type OplogPlace } from './server-values';

/** Sizes that change slowly and cost more to tell. */
export interface MemberSizes {
  diskUsedBytes: number | null;
  diskTotalBytes: number | null;
}

export interface MemberCapacity {
  indexBytes: number | null;
  memoryBytes: number | null;
}

/** One member. Every question rejects with a MemberUnreachable within the limit, or answers. */
export interface MemberReader {
  read(limitMs: number): Promise<RawReading>;
  /** Null when it has no oplog or the user may not read it. */
  oplog(limitMs: number): Promise<OplogExtent | null>;
  sizes(limitMs: number): Promise<MemberSizes>;
  capacity(limitMs: number): Promise<MemberCapacity>;
  configuration(limitMs: number): Promise<unknown>;
  /** Of a mongos: name of the shard (or 'config') → `set/host,host`. */
  shardMap(limitMs: number): Promise<Record<string, string>>;
  /** When the first entry after `place` was written, and the member's clock now; null when there is none or none is told. */
  firstEntryAfter(place: OplogPlace, limitMs: number): Promise<{ wallMs: number; nowMs: number } | null>;
  /** For good: questions under way reject. */
  close(): void;
}

export class MemberUnreachable extends Error {
  override readonly name = 'MemberUnreachable';
  readonly problem: MemberProblem;

  constructor(problem: MemberProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** What `work` gives, or MemberUnreachable when that takes longer. */
export async function withinLimit<T>(work: Promise<T>, limitMs: number, host: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new MemberUnreachable({ code: 'timeout', message: `${host} did not answer in time.` })),
      limitMs,
    );
  });
  // Whoever loses the race may still fail later, and nobody listens then.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    if (timer) clearTimeout(timer);
  }
}

/** Sections that are long and not looked at; of `metrics` those are by far the longest. */
const leftOut = {
  metrics: {
    aggStageCounters: false,
    apiVersions: false,
    changeStreams: false,
    commands: false,
    cursor: false,
    diskSpillingStorage: false,
    dotsAndDollarsFields: false,
    mongos: false,
    network: false,
    operation: false,
    operatorCounters: false,
    query: false,
    repl: false,
  },
  transactions: 0,
  tcmalloc: 0,
  electionMetrics: 0,
  logicalSessionRecordCache: 0,
  shardingStatistics: 0,
  security: 0,
  storageEngine: 0,
  twoPhaseCommitCoordinator: 0,
  defaultRWConcern: 0,
  readConcernCounters: 0,
  readPreferenceCounters: 0,
  scramCache: 0,
  indexBulkBuilder: 0,
  indexStats: 0,
  repl: 0,
};

function longestDelay(limitMs: number): { maxTimeMS: number } {
  return { maxTimeMS: Math.max(1, Math.floor(limitMs)) };
}

/** Codes of a server that will not say, rather than cannot. */
const refusals = new Set([13, 59, 76, 94, 26, 115, 166]);

function isRefusal(error: unknown): error is MongoServerError {
  return error instanceof MongoServerError && typeof error.code === 'number' && refusals.has(error.code);
}

/** `anonymous`: of an arbiter, which answers to hello alone. */
export function createMemberReader(host: string, uri: string, options: { anonymous: boolean }): MemberReader {
  let client: MongoClient | null = null;
  let reason: MemberUnreachable | null = null;
  let closed = false;
  /** Reading the oplog from one of its ends scans it: what the server counts there is not the applications'. */
  let ownScans = 0;

  function open(limitMs: number): MongoClient {
    client ??= new MongoClient(uri, {
      appName: 'Lifeboat health',
      maxPoolSize: 2,
      // A little before the limit, so that the driver says why.
      serverSelectionTimeoutMS: limitMs * 0.9,
      connectTimeoutMS: limitMs * 0.9,
      heartbeatFrequencyMS: 60_000,
      serverMonitoringMode: 'poll',
      retryReads: false,
      retryWrites: false,
    });
    return client;
  }

  /** A client with a question unanswered is no longer of use: the next question gets a new one. */
  function giveUp(): void {
    const old = client;
    client = null;
    void old?.close(true).catch(() => undefined);
  }

  async function ask<T>(limitMs: number, question: (client: MongoClient) => Promise<T>): Promise<T> {
    if (closed) throw new MemberUnreachable({ code: 'interrupted', message: `${host} is not asked any more.` });
    const asked = open(limitMs);
    try {
      // Connected once for all questions: the driver would fail all but the first with "Topology is closed".
      const answer = asked.connect().then(question);
      return await withinLimit(answer, limitMs, host);
    } catch (error) {
      if (isRefusal(error)) throw error;
      // Another question found out first and closed the client under this one: its reason is the reason.
      if (client !== asked && reason) throw reason;
      giveUp();
      if (error instanceof MemberUnreachable) reason = error;
      else {
        const { code, message } = diagnoseDriverError(error, host);
        reason = new MemberUnreachable({ code, message });
      }
      throw reason;
    }
  }

  async function command(limitMs: number, document: Document, database = 'admin'): Promise<Document> {
    return ask(limitMs, (open) => open.db(database).command(document));
  }

  /** Null where the server refuses. */
  async function ifTold<T>(answer: Promise<T>): Promise<T | null> {
    try {
      return await answer;
    } catch (error) {
      if (isRefusal(error)) return null;
      throw error;
    }
  }

  async function askHello(limitMs: number): Promise<Document> {
    try {
      return await command(limitMs, { hello: 1 });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return command(limitMs, { isMaster: 1 });
    }
  }

  return {
    async read(limitMs) {
      const began = Date.now();
      const limit = longestDelay(limitMs);
      let problem: MemberProblem | null = null;
      const noting = async (answer: Promise<Document>): Promise<Document | null> => {
        try {
          return await answer;
        } catch (error) {
          if (!isRefusal(error)) throw error;
          // No set (94, 76) and no such command are no lack of rights.
          if (error.code === 13) problem ??= { code: 'not-authorized', message: `${host}: ${error.message}` };
          return null;
        }
      };
      const [hello, serverStatus, replicaSetStatus] = await Promise.all([
        askHello(limitMs),
        options.anonymous
          ? null
          : noting(command(limitMs, { serverStatus: 1, ...leftOut, opLatencies: { histograms: true }, ...limit })),
        options.anonymous ? null : noting(command(limitMs, { replSetGetStatus: 1, initialSync: 0, ...limit })),
      ]);
      const ended = Date.now();
      return {
        at: Math.round((began + ended) / 2),
        roundTripMs: ended - began,
        hello,
        serverStatus,
        replicaSetStatus,
        problem,
        ownScans,
      };
    },
    async oplog(limitMs) {
      const oplog = (open: MongoClient) => open.db('local').collection<{ ts: Timestamp }>('oplog.rs');
      const end = (direction: 1 | -1) =>
        ask(limitMs, (open) =>
          oplog(open).findOne({}, { sort: { $natural: direction }, projection: { ts: 1 }, ...longestDelay(limitMs) }),
        );
      ownScans += 2;
      const [first, last, sizes] = await Promise.all([
        ifTold(end(1)),
        ifTold(end(-1)),
        ifTold(command(limitMs, { collStats: 'oplog.rs' }, 'local')),
      ]);
      if (!first || !last) return null;
      return {
        firstSeconds: first.ts.getHighBitsUnsigned(),
        lastSeconds: last.ts.getHighBitsUnsigned(),
        bytes: numberAt(sizes, 'size'),
        maxBytes: numberAt(sizes, 'maxSize'),
      };
    },
    async sizes(limitMs) {
      const stats = await ifTold(command(limitMs, { dbStats: 1, ...longestDelay(limitMs) }));
      return { diskUsedBytes: numberAt(stats, 'fsUsedSize'), diskTotalBytes: numberAt(stats, 'fsTotalSize') };
    },
    async capacity(limitMs) {
      const info = await ifTold(command(limitMs, { hostInfo: 1 }));
      const memory = numberAt(info, 'system', 'memLimitMB') ?? numberAt(info, 'system', 'memSizeMB');
      const list = await ifTold(command(limitMs, { listDatabases: 1, nameOnly: true }));
      const names = Array.isArray(list?.['databases']) ? (list['databases'] as { name: string }[]) : [];
      let indexBytes: number | null = list ? 0 : null;
      // One after the other: this is the only question that costs the server something.
      for (const { name } of names) {
        const stats = await ifTold(command(limitMs, { dbStats: 1, ...longestDelay(limitMs) }, name));
        const bytes = numberAt(stats, 'indexSize');
        indexBytes = indexBytes === null || bytes === null ? null : indexBytes + bytes;
      }
      return { indexBytes, memoryBytes: memory === null ? null : memory * 1024 * 1024 };
    },
    configuration: (limitMs) => ifTold(command(limitMs, { replSetGetConfig: 1 })),
    async shardMap(limitMs) {
      const answer = await ifTold(command(limitMs, { getShardMap: 1 }));
      const map: unknown = answer?.['map'];
      if (typeof map !== 'object' || map === null) return {};
      return Object.fromEntries(
        Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      );
    },
    async firstEntryAfter(place, limitMs) {
      const after = new Timestamp({ t: place.seconds, i: place.increment });
      ownScans += 1;
      const [entry, hello] = await Promise.all([
        ifTold(
          ask(limitMs, (open) =>
            open
              .db('local')
              .collection<{ ts: Timestamp; wall?: Date }>('oplog.rs')
              .findOne(
                { ts: { $gt: after } },
                { sort: { $natural: 1 }, projection: { ts: 1, wall: 1 }, ...longestDelay(limitMs) },
              ),
          ),
        ),
        askHello(limitMs),
      ]);
      const nowMs = dateAt(hello, 'localTime');
      if (!entry || nowMs === null) return null;
      return { wallMs: dateAt(entry, 'wall') ?? entry.ts.getHighBitsUnsigned() * 1000, nowMs };
    },
    close() {
      closed = true;
      giveUp();
    },
  };
}
