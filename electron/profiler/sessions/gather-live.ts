/** What members record and do: `system.profile`, the log they keep in memory, and `$currentOp`. */
import { MongoClient, type Document } from 'mongodb';
import type { ProgressUpdate } from '../../../shared/jobs';
import { AppFailure } from '../../../shared/result';
import { diagnoseDriverError, isDriverError } from '../../connections/diagnose';
import { operationsOfLogLines, profiledDatabases } from '../live-sources';
import type { Gathering } from './gathering';
import { LogFollower } from './log-follower';
import { ProfilePoller } from './profile-poller';
import { RunningOperations } from './running-operations';
import type { GatheredMember, GatherSource } from './session-messages';
import type { LogFacts } from './stored-facts';

type LiveSource = Exclude<GatherSource, { type: 'log-files' }>;

/** Milliseconds between two looks at what was recorded. */
const profileInterval = 1000;
const logInterval = 1000;
/** In a row, where more is recorded all the time than one look reads. */
const mostLooks = 100;
/** New databases are looked for once in so many looks. */
const databasesEvery = 10;
/** After a member did not answer. */
const retryInterval = 5000;

interface LiveOptions {
  log: LogFacts | null;
  report: (update: ProgressUpdate) => void;
}

/** One look; returns whether there may be more at once. */
type Look = () => Promise<boolean>;

interface Watch {
  look: Look;
  /** What is known only at the end. */
  finish(): Promise<void>;
}

/**
 * Gathers until `until`, or what there is now when that is null. A member that stops answering is tried again and told in
 * the notes; fails only when none ever answered.
 */
export async function gatherLive(source: LiveSource, gathering: Gathering, options: LiveOptions): Promise<void> {
  options.report({ phase: 'Gathering' });
  const outcomes = await Promise.all(source.members.map((member) => gatherMember(member, source, gathering, options)));
  const answered = outcomes.some((failure) => failure === null);
  const [failure] = outcomes;
  if (!answered && failure) throw failure;
}

/** Null once it answered at all. */
async function gatherMember(
  member: GatheredMember,
  source: LiveSource,
  gathering: Gathering,
  options: LiveOptions,
): Promise<Error | null> {
  let failure: Error | null = null;
  let answered = false;
  const client = new MongoClient(member.uri, { appName: 'Lifeboat', serverSelectionTimeoutMS: 5000 });
  const watch = watchOf(client, member, source, gathering, options);
  const isOver = (): boolean => gathering.stopped.aborted || source.until === null || Date.now() >= source.until;
  try {
    for (;;) {
      // What was recorded up to the end is read in the last look.
      const last = isOver();
      let pause = source.type === 'current-operations' ? source.intervalMs : intervalOf(source);
      try {
        for (let looks = 0; looks < mostLooks && (await watch.look()); looks++)
          if (gathering.stopped.aborted && !last) break;
        answered = true;
      } catch (error) {
        failure = explained(error, member.host);
        gathering.note(`${member.host} did not answer all the time: ${failure.message}`);
        pause = retryInterval;
      }
      if (last) break;
      const left = source.until === null ? 0 : source.until - Date.now();
      await gathering.pause(Math.max(0, Math.min(pause, left)));
    }
    await watch.finish();
  } finally {
    await client.close().catch(() => undefined);
  }
  return answered ? null : failure;
}

function intervalOf({ type }: LiveSource): number {
  return type === 'profiler' ? profileInterval : logInterval;
}

function explained(error: unknown, host: string): Error {
  if (isDriverError(error)) return new AppFailure(diagnoseDriverError(error, host));
  return error instanceof Error ? error : new Error(String(error));
}

function watchOf(
  client: MongoClient,
  { host }: GatheredMember,
  source: LiveSource,
  gathering: Gathering,
  { log }: LiveOptions,
): Watch {
  switch (source.type) {
    case 'profiler':
      return watchProfiles(client, host, source, gathering);
    case 'server-log':
      return watchLog(client, host, gathering, log);
    case 'current-operations':
      return watchOperations(client, host, source.slowms, gathering);
  }
}

function watchProfiles(
  client: MongoClient,
  host: string,
  source: LiveSource & { type: 'profiler' },
  gathering: Gathering,
): Watch {
  const pollers = new Map<string, ProfilePoller>();
  let looks = 0;
  const look: Look = async () => {
    // A database may be profiled for the first time while we look.
    if (looks++ % databasesEvery === 0)
      for (const name of await profiledDatabases(client, source.databases))
        if (!pollers.has(name)) pollers.set(name, new ProfilePoller(client, name, source.since));
    let more = false;
    for (const [name, poller] of pollers) {
      // At level 2 our own looks are recorded as well: counted as news, they would never end.
      const operations = (await poller.next()).filter(({ app, ns }) => !isOurs(app, ns));
      gathering.add(operations, host);
      if (operations.length > 0) more = true;
      if (poller.overrun)
        gathering.note(
          `${name}.system.profile of ${host} was overwritten before it was read: some operations are missing. Make it bigger.`,
        );
    }
    return more;
  };
  const finish = async (): Promise<void> => {
    for (const poller of pollers.values()) await poller.close();
  };
  return { look, finish };
}

function isOurs(app: string | null, ns: string): boolean {
  return app === 'Lifeboat' && (ns.endsWith('.system.profile') || ns.endsWith('.$cmd.listCollections'));
}

function watchLog(client: MongoClient, host: string, gathering: Gathering, log: LogFacts | null): Watch {
  const follower = new LogFollower();
  const file = log?.tally.addFile(`getLog of ${host}`);
  const look: Look = async () => {
    const answer = await client.db('admin').command({ getLog: 'global' });
    const lines: unknown = answer['log'];
    const texts = Array.isArray(lines) ? lines.filter((line): line is string => typeof line === 'string') : [];
    const fresh = follower.newLines(texts);
    if (log && file) gathering.add(operationsOfLogLines(fresh, log.tally, file), host);
    if (follower.lost)
      gathering.note(`${host} logged more between two looks than it keeps in memory: some operations are missing.`);
    return false;
  };
  return { look, finish: () => Promise.resolve() };
}

function watchOperations(client: MongoClient, host: string, slowms: number, gathering: Gathering): Watch {
  const running = new RunningOperations(slowms);
  const look: Look = async () => {
    const entries = await client
      .db('admin')
      .aggregate<Document>([{ $currentOp: { allUsers: true, idleConnections: false } }], { bsonRegExp: true })
      .toArray();
    gathering.add(running.look(entries, Date.now()), host);
    return false;
  };
  const finish = (): Promise<void> => {
    gathering.add(running.rest(), host);
    return Promise.resolve();
  };
  return { look, finish };
}
