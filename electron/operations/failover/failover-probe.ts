/** What a failover test sets up: two clients with a collection of their own, and a watch over the members. */
import { randomBytes } from 'node:crypto';
import type { Collection, MongoClient } from 'mongodb';
import { formatOutage } from '../../../shared/failover-timeline';
import type { FailoverReport } from '../../../shared/operations';
import type { SetAccess } from '../set-access';
import { countsNow, type SetState } from '../set-state';
import { pause, throwIfCancelled } from '../waiting';
import { ClientLoop, type Gap, type LoopTally, type ProbeDocument } from './client-loop';
import { watchMembers, type MemberWatch, type SeenState } from './member-watch';

export const probeDatabase = 'lifeboat_failover_test';
const probeCollection = /^writes_\d{14}_[0-9a-f]{6}$/;
export const outageLimitMs = 30_000;
const askEveryMs = 20;
const warmUpMs = 1000;

const majority = { w: 'majority', wtimeoutMS: 10_000 } as const;

const seenWords: Record<SeenState, string> = {
  primary: 'is primary',
  secondary: 'is secondary',
  arbiter: 'is an arbiter',
  neither: 'is changing its state',
  silent: 'does not answer',
};

export class FailoverProbe {
  private readonly bare: ClientLoop;
  private readonly retrying: ClientLoop;
  private readonly clients: MongoClient[] = [];
  private readonly collection: Collection<ProbeDocument>;
  private readonly collectionName: string;
  private readonly hosts: string[];
  private watch: MemberWatch | null = null;
  private began = 0;
  private accepted: number | null = null;
  private newPrimary: string | null = null;
  private electedAt: number | null = null;
  private healthyAt: number | null = null;
  private readonly events: FailoverReport['events'] = [];

  constructor(
    private readonly access: SetAccess,
    private readonly former: string,
    state: SetState,
  ) {
    const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
    this.collectionName = `writes_${stamp}_${randomBytes(3).toString('hex')}`;
    // A member that was not well before cannot be expected to be so afterwards.
    this.hosts = state.members.filter(countsNow).map(({ host }) => host);
    const seeds = state.members.filter((member) => countsNow(member) && !member.arbiterOnly).map(({ host }) => host);
    const open = (retries: boolean): Collection<ProbeDocument> => {
      const client = access.whole(seeds, {
        appName: 'Lifeboat failover test',
        readPreference: 'primary',
        writeConcern: majority,
        retryWrites: retries,
        retryReads: retries,
        // The one with retries is as an application is by default; the bare one tells soon that nobody is there.
        ...(retries ? {} : { serverSelectionTimeoutMS: 500, socketTimeoutMS: 10_000 }),
      });
      this.clients.push(client);
      return client.db(probeDatabase).collection<ProbeDocument>(this.collectionName);
    };
    this.collection = open(true);
    this.bare = new ClientLoop({ collection: open(false), tag: 'bare', everyMs: askEveryMs });
    this.retrying = new ClientLoop({ collection: this.collection, tag: 'retrying', everyMs: askEveryMs });
  }

  get namespace(): string {
    return `${probeDatabase}.${this.collectionName}`;
  }

  /** Resolves when both clients have been served for a second. Throws what keeps them from being served. */
  async start(signal: AbortSignal): Promise<void> {
    await Promise.all(this.clients.map((client) => client.connect()));
    // So that a lack of rights shows here, and not as a failed write among many.
    await this.collection.insertOne({ _id: 'first', at: new Date() });
    this.watch = watchMembers(this.access, this.hosts, (host, state, at) => this.seen(host, state, at));
    this.bare.start();
    this.retrying.start();
    await pause(warmUpMs);
    throwIfCancelled(signal);
  }

  /** The moment just before the step-down. */
  markStepDown(): void {
    this.began = performance.now();
    this.bare.mark();
    this.retrying.mark();
    this.events.push({ atMs: 0, text: `${this.former} is asked to step down` });
  }

  markAccepted(): void {
    this.accepted = performance.now();
    this.note(this.accepted, `${this.former} has stepped down`);
  }

  get elected(): string | null {
    return this.newPrimary;
  }

  /** Both clients are served by the new primary, and every member is well. */
  get settled(): boolean {
    const { electedAt } = this;
    if (electedAt === null || this.healthyAt === null) return false;
    return this.bare.isServedSince(electedAt) && this.retrying.isServedSince(electedAt);
  }

  async stopClients(): Promise<void> {
    await Promise.all([this.bare.stop(), this.retrying.stop()]);
  }

  /** Acknowledged writes that are not there; asks the primary for what a majority has. Throws when there is none. */
  async countLost(): Promise<number> {
    const found = new Set<string>();
    const cursor = this.collection.find({}, { projection: { _id: 1 }, readConcern: { level: 'majority' } });
    for await (const { _id } of cursor) found.add(_id);
    const acknowledged = [...this.bare.tally().acknowledged, ...this.retrying.tally().acknowledged];
    return acknowledged.filter((id) => !found.has(id)).length;
  }

  report(writesLost: number | null): FailoverReport {
    const bare = this.bare.tally();
    const retrying = this.retrying.tally();
    const since = (at: number | null): number | null => (at === null ? null : Math.round(at - this.began));
    const passed =
      this.newPrimary !== null &&
      writesLost === 0 &&
      bare.writeGap.ms < outageLimitMs &&
      bare.readGap.ms < outageLimitMs;
    return {
      formerPrimary: this.former,
      newPrimary: this.newPrimary,
      electionMs: since(this.electedAt),
      writeOutageMs: Math.round(bare.writeGap.ms),
      readOutageMs: Math.round(bare.readGap.ms),
      writeOutageFromMs: since(bare.writeGap.from),
      readOutageFromMs: since(bare.readGap.from),
      allHealthyMs: since(this.healthyAt),
      writesAcknowledged: bare.acknowledged.length,
      writesFailed: bare.writesFailed,
      writesLost,
      reads: bare.reads,
      readsFailed: bare.readsFailed,
      errors: bare.errors,
      withRetries: retriesOf(retrying),
      events: [...this.events, ...this.clientEvents(bare)].sort((a, b) => a.atMs - b.atMs),
      limitMs: outageLimitMs,
      passed,
    };
  }

  /** Takes away the collection of this test and those that interrupted ones left; the database goes with the last. */
  async removeCollections(): Promise<number> {
    await this.stopClients();
    const [client] = this.clients;
    if (!client) return 0;
    const database = client.db(probeDatabase);
    const listed = await database.listCollections({}, { nameOnly: true }).toArray();
    const own = listed.map(({ name }) => name).filter((name) => probeCollection.test(name));
    for (const name of own) await database.collection(name).drop({ writeConcern: majority });
    return own.length;
  }

  async close(): Promise<void> {
    await this.stopClients();
    await this.watch?.stop();
    await Promise.all(this.clients.map((client) => client.close().catch(() => undefined)));
  }

  private note(at: number, text: string): void {
    this.events.push({ atMs: Math.max(0, Math.round(at - this.began)), text });
  }

  private seen(host: string, state: SeenState, at: number): void {
    if (this.began === 0) return;
    this.note(at, `${host} ${seenWords[state]}`);
    if (state === 'primary' && host !== this.former && this.newPrimary === null) {
      this.newPrimary = host;
      this.electedAt = at;
    }
    const states = [...(this.watch?.states.values() ?? [])];
    const well = states.every((each) => each === 'primary' || each === 'secondary' || each === 'arbiter');
    const primaries = states.filter((each) => each === 'primary').length;
    if (this.newPrimary !== null && this.healthyAt === null && well && primaries === 1) {
      this.healthyAt = at;
      this.note(at, `All ${states.length} members are primary or secondary`);
    }
  }

  private clientEvents(bare: LoopTally): FailoverReport['events'] {
    const events: FailoverReport['events'] = [];
    const add = (at: number | null, text: string): void => {
      if (at !== null) events.push({ atMs: Math.max(0, Math.round(at - this.began)), text });
    };
    add(bare.firstWriteFailureAt, `First write fails: ${bare.firstWriteError ?? ''}`);
    add(endOf(bare.writeGap, this.electedAt), 'Writes are acknowledged again');
    add(...laterGap(bare.writeGap, this.electedAt, 'No write is acknowledged'));
    add(bare.firstReadFailureAt, `First read fails: ${bare.firstReadError ?? ''}`);
    add(endOf(bare.readGap, this.electedAt), 'Reads are answered again');
    add(...laterGap(bare.readGap, this.electedAt, 'No read is answered'));
    return events;
  }
}

/** The end of a gap that began before somebody was elected: a later one has other reasons. */
function endOf({ from, ms, open }: Gap, electedAt: number | null): number | null {
  return from === null || open || electedAt === null || from > electedAt ? null : from + ms;
}

/** The longest gap where it is not the election's own: what the drawing shows there has its words. */
function laterGap({ from, ms }: Gap, electedAt: number | null, what: string): [at: number | null, text: string] {
  const isLater = from !== null && electedAt !== null && from > electedAt;
  return [isLater ? from : null, `${what} for ${formatOutage(ms)}`];
}

function retriesOf(tally: LoopTally): FailoverReport['withRetries'] {
  return {
    writesAcknowledged: tally.acknowledged.length,
    writesFailed: tally.writesFailed,
    reads: tally.reads,
    readsFailed: tally.readsFailed,
    longestWriteMs: Math.round(tally.longestWriteMs),
    longestReadMs: Math.round(tally.longestReadMs),
    errors: tally.errors,
  };
}
