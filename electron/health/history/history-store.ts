/**
 * The history of health in one database file: raw samples of a day, minutes of a month, tens of minutes of a year, and events.
 *
 * New rows come in whole (`hot`: all metrics of a moment together); stretches that are over are put together into compressed
 * columns of one metric (`sealed`), which are small and fast to draw. Each sample is one transaction together with the minutes
 * it completes, so that a process killed at any moment loses at most the sample it was writing.
 */
import { rename } from 'node:fs/promises';
import { metricNames, type HealthEvent, type HealthEventKind, type MetricName } from '../../../shared/health';
import { AppFailure, fail } from '../../../shared/result';
import { bytesOf, integerOf, openDatabase, type Database } from './database';
import { aggregateRows, bytesOfFloats, sealColumn, sealTimes, metricCount, unpackRow, type PackedRow } from './packing';
import { pruneHistory } from './prune';
import { tiers, type Tier } from './tiers';

/** What is kept of one sample. */
export interface HistoryEntry {
  deployment: string;
  /** Milliseconds since 1970, the same for all members. */
  at: number;
  members: { host: string; set: string | null; values: Float32Array }[];
  events: HealthEvent[];
}

export interface StoredMember {
  id: number;
  host: string;
  set: string | null;
}

const formatVersion = 1;

const schema = `
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS members (
  id INTEGER PRIMARY KEY, deployment TEXT NOT NULL, host TEXT NOT NULL, setName TEXT, UNIQUE (deployment, host));
CREATE TABLE IF NOT EXISTS hot (
  tier INTEGER NOT NULL, member INTEGER NOT NULL, at INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (tier, member, at)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sealed (
  tier INTEGER NOT NULL, member INTEGER NOT NULL, metric INTEGER NOT NULL, start INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (tier, member, metric, start)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY, deployment TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, host TEXT, setName TEXT,
  text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS eventsByTime ON events (deployment, at);
`;

/** Stands for the times in the place of a metric. */
export const timesColumn = -1;

export class HistoryStore {
  readonly database: Database;
  readonly #largestBytes: number;
  readonly #members = new Map<string, number>();
  /** The newest bucket of each coarse tier that is written, by member. */
  readonly #written = new Map<string, number>();
  #pruneAt = 0;

  private constructor(database: Database, largestBytes: number) {
    this.database = database;
    this.#largestBytes = largestBytes;
  }

  /**
   * Opens or makes the history. A damaged file is put aside as `<path>.damaged-<time>` and a new one begun; `onDamage` is told.
   * Throws 'unsupported' for a file of a newer Lifeboat.
   */
  static async open(
    path: string,
    options: { guard?: SharedArrayBuffer; largestBytes: number; onDamage?: (aside: string) => void },
  ): Promise<HistoryStore> {
    try {
      return await HistoryStore.#openOnce(path, options);
    } catch (error) {
      if (error instanceof AppFailure || !/malformed|not a database|corrupt/i.test(String(error))) throw error;
      const aside = `${path}.damaged-${Date.now()}`;
      await rename(path, aside);
      for (const suffix of ['-wal', '-shm'])
        await rename(`${path}${suffix}`, `${aside}${suffix}`).catch(() => undefined);
      options.onDamage?.(aside);
      return HistoryStore.#openOnce(path, options);
    }
  }

  static async #openOnce(path: string, options: { guard?: SharedArrayBuffer; largestBytes: number }) {
    const database = await openDatabase(path, options.guard);
    try {
      database.execute(schema);
      const [row] = database.all("SELECT value FROM meta WHERE name = 'formatVersion'");
      if (!row) database.run("INSERT OR IGNORE INTO meta VALUES ('formatVersion', ?)", [formatVersion]);
      else if (integerOf(row['value']) !== formatVersion)
        fail(
          'unsupported',
          `The history ${path} was written by a newer Lifeboat.`,
          'Use that version, or move the file away.',
        );
      return new HistoryStore(database, options.largestBytes);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  close(): void {
    this.database.close();
  }

  /** Writes one sample, durably against the end of the process when it returns. */
  append(entry: HistoryEntry): void {
    try {
      this.#appendWhole(entry);
    } catch (error) {
      // Nothing of it was written, whatever was noted meanwhile.
      this.#members.clear();
      this.#written.clear();
      throw error;
    }
    if (entry.at < this.#pruneAt) return;
    this.#pruneAt = entry.at + 600_000;
    pruneHistory(this.database, entry.at, this.#largestBytes);
  }

  #appendWhole(entry: HistoryEntry): void {
    this.database.transaction(() => {
      for (const { host, set, values } of entry.members) {
        const member = this.#member(entry.deployment, host, set);
        this.database.run('INSERT OR REPLACE INTO hot VALUES (0, ?, ?, ?)', [member, entry.at, bytesOfFloats(values)]);
        this.#rollUp(member, entry.at);
      }
      for (const { at, kind, host, set, text } of entry.events)
        this.database.run('INSERT INTO events (deployment, at, kind, host, setName, text) VALUES (?, ?, ?, ?, ?, ?)', [
          entry.deployment,
          at,
          kind,
          host,
          set,
          text,
        ]);
    });
  }

  /** Members that were ever seen in a deployment. */
  members(deployment: string): StoredMember[] {
    return this.database
      .all('SELECT id, host, setName FROM members WHERE deployment = ? ORDER BY host', [deployment])
      .map((row) => ({
        id: integerOf(row['id']),
        host: String(row['host']),
        set: row['setName'] === null ? null : String(row['setName']),
      }));
  }

  /** In time order; of several deployments where none is named. */
  events(deployment: string, from: number, to: number, most: number): HealthEvent[] {
    return this.database
      .all(
        'SELECT at, kind, host, setName, text FROM events WHERE deployment = ? AND at BETWEEN ? AND ? ORDER BY at DESC, id DESC LIMIT ?',
        [deployment, from, to, most],
      )
      .reverse()
      .map((row) => ({
        at: integerOf(row['at']),
        kind: String(row['kind']) as HealthEventKind,
        host: row['host'] === null ? null : String(row['host']),
        set: row['setName'] === null ? null : String(row['setName']),
        text: String(row['text']),
      }));
  }

  /** Rows of a tier that are not yet sealed, `from` to `to` (both included). */
  hotRows(tier: Tier, member: number, from: number, to: number): PackedRow[] {
    return this.database
      .all('SELECT at, data FROM hot WHERE tier = ? AND member = ? AND at BETWEEN ? AND ? ORDER BY at', [
        tier.number,
        member,
        Math.floor(from),
        Math.ceil(to),
      ])
      .map((row) => unpackRow(integerOf(row['at']), bytesOf(row['data']), tier.isAggregate));
  }

  #member(deployment: string, host: string, set: string | null): number {
    const key = `${deployment}\0${host}`;
    const known = this.#members.get(key);
    if (known !== undefined) return known;
    this.database.run('INSERT OR IGNORE INTO members (deployment, host, setName) VALUES (?, ?, ?)', [
      deployment,
      host,
      set,
    ]);
    const [row] = this.database.all('SELECT id FROM members WHERE deployment = ? AND host = ?', [deployment, host]);
    const id = integerOf(row?.['id']);
    this.#members.set(key, id);
    return id;
  }

  /** Writes the minutes and tens of minutes that are over at `at`, also those that a killed predecessor did not come to. */
  #rollUp(member: number, at: number): void {
    for (const [finer, tier] of [
      [tiers[0], tiers[1]],
      [tiers[1], tiers[2]],
    ] as const) {
      const current = Math.floor(at / tier.stepMs) * tier.stepMs;
      const key = `${tier.number} ${member}`;
      const last = this.#written.get(key) ?? this.#newest(tier, member);
      if (last !== null && current - tier.stepMs <= last) continue;
      this.#written.set(key, current - tier.stepMs);
      const buckets = new Map<number, PackedRow[]>();
      for (const row of this.hotRows(finer, member, last === null ? 0 : last + tier.stepMs, current - 1)) {
        const begin = Math.floor(row.at / tier.stepMs) * tier.stepMs;
        const bucket = buckets.get(begin);
        if (bucket) bucket.push(row);
        else buckets.set(begin, [row]);
      }
      for (const [begin, rows] of buckets) {
        const { min, max, mean } = aggregateRows(begin, rows);
        this.database.run('INSERT OR REPLACE INTO hot VALUES (?, ?, ?, ?)', [
          tier.number,
          member,
          begin,
          bytesOfFloats(min, max, mean),
        ]);
      }
    }
    for (const tier of tiers) this.#seal(tier, member, at);
  }

  #newest(tier: Tier, member: number): number | null {
    const [row] = this.database.all('SELECT MAX(at) AS at FROM hot WHERE tier = ? AND member = ?', [
      tier.number,
      member,
    ]);
    const [sealed] = this.database.all(
      'SELECT MAX(start) AS start FROM sealed WHERE tier = ? AND member = ? AND metric = ?',
      [tier.number, member, timesColumn],
    );
    const hot = row?.['at'] == null ? null : integerOf(row['at']);
    const start = sealed?.['start'] == null ? null : integerOf(sealed['start']) + tier.chunkMs - tier.stepMs;
    return hot === null ? start : Math.max(hot, start ?? hot);
  }

  /** Puts together the stretches that are over. A finer tier waits until the coarser one has taken what it needs. */
  #seal(tier: Tier, member: number, at: number): void {
    const key = `seal ${tier.number} ${member}`;
    const openFrom = Math.floor((at - 2 * tiers[2].stepMs) / tier.chunkMs) * tier.chunkMs;
    if ((this.#written.get(key) ?? -Infinity) >= openFrom) return;
    this.#written.set(key, openFrom);
    const chunks = new Map<number, PackedRow[]>();
    for (const row of this.hotRows(tier, member, 0, openFrom - 1)) {
      const start = Math.floor(row.at / tier.chunkMs) * tier.chunkMs;
      const chunk = chunks.get(start);
      if (chunk) chunk.push(row);
      else chunks.set(start, [row]);
    }
    for (const [start, rows] of chunks) {
      // A clock that was set back brought rows of a stretch that is sealed already: what is there stays.
      const put = (metric: number, bytes: Uint8Array): void =>
        this.database.run('INSERT OR IGNORE INTO sealed VALUES (?, ?, ?, ?, ?)', [
          tier.number,
          member,
          metric,
          start,
          bytes,
        ]);
      put(timesColumn, sealTimes(rows));
      for (let metric = 0; metric < metricCount; metric++) {
        const bytes = sealColumn(rows, metric, tier.isAggregate);
        if (bytes) put(metric, bytes);
      }
    }
    this.database.run('DELETE FROM hot WHERE tier = ? AND member = ? AND at < ?', [tier.number, member, openFrom]);
  }
}

export function metricNumber(name: MetricName): number {
  return metricNames.indexOf(name);
}
