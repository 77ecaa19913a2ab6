/** One member over time: what it answered last, what is asked of it more rarely, and the client it is asked by. */
import type { MemberProblem, MetricName } from '../../../shared/health';
import { parseReading, type Reading } from './member-reading';
import { MemberUnreachable, type MemberCapacity, type MemberReader, type MemberSizes } from './member-reader';
import { oplogWindowOf, type OplogWindow } from './oplog-window';
import { deriveRates } from './rates';

/** Milliseconds between questions whose answers change slowly or cost the server something. */
export interface RareIntervals {
  oplogMs: number;
  sizesMs: number;
  capacityMs: number;
}

export const rareIntervals: RareIntervals = { oplogMs: 30_000, sizesMs: 60_000, capacityMs: 3_600_000 };

/** After a rare question that was not answered in time. */
const askAgainMs = 10_000;

/** What a member gave at one moment. */
export interface AgentAnswer {
  host: string;
  askedAt: number;
  /** Null when it did not answer. */
  reading: Reading | null;
  problem: MemberProblem | null;
  rates: Partial<Record<MetricName, number | null>>;
  oplog: OplogWindow | null;
  sizes: MemberSizes | null;
  capacity: MemberCapacity | null;
}

interface Rare<T> {
  value: T | null;
  dueAt: number;
}

export class MemberAgent {
  readonly host: string;
  readonly reader: MemberReader;
  /** The set it last said to be in. */
  setName: string | null = null;
  #previous: Reading | null = null;
  #oplog: Rare<OplogWindow> = { value: null, dueAt: 0 };
  #sizes: Rare<MemberSizes> = { value: null, dueAt: 0 };
  #capacity: Rare<MemberCapacity> = { value: null, dueAt: 0 };
  readonly #rare: RareIntervals;

  constructor(host: string, reader: MemberReader, rare: RareIntervals) {
    this.host = host;
    this.reader = reader;
    this.#rare = rare;
  }

  /** Never rejects; settles within about twice the limit, and within the limit when nothing rare is due. */
  async ask(limitMs: number): Promise<AgentAnswer> {
    const askedAt = Date.now();
    try {
      const reading = parseReading(await this.reader.read(limitMs));
      const rates = deriveRates(this.#previous, reading);
      this.#previous = reading;
      this.setName = reading.setName ?? this.setName;
      await this.#askRarer(reading, limitMs);
      return {
        host: this.host,
        askedAt,
        reading,
        problem: reading.problem,
        rates,
        oplog: this.#oplog.value,
        sizes: this.#sizes.value,
        capacity: this.#capacity.value,
      };
    } catch (error) {
      // A member that is gone has neither a window nor a disk until it is back.
      this.#previous = null;
      for (const rare of [this.#oplog, this.#sizes, this.#capacity]) Object.assign(rare, { value: null, dueAt: 0 });
      const problem =
        error instanceof MemberUnreachable
          ? error.problem
          : { code: 'server-error', message: error instanceof Error ? error.message : String(error) };
      return { host: this.host, askedAt, reading: null, problem, rates: {}, oplog: null, sizes: null, capacity: null };
    }
  }

  async #askRarer(reading: Reading, limitMs: number): Promise<void> {
    if (reading.isMongos || reading.state === 'ARBITER' || reading.counters === null) return;
    const now = Date.now();
    const renew = async <T>(rare: Rare<T>, everyMs: number, question: () => Promise<T | null>): Promise<void> => {
      if (now < rare.dueAt) return;
      rare.dueAt = now + everyMs;
      // The member has answered: one of these being slow is no reason to call it down.
      rare.value = await question().catch(() => {
        rare.dueAt = Math.min(rare.dueAt, now + askAgainMs);
        return null;
      });
    };
    await Promise.all([
      reading.setName === null
        ? null
        : renew(this.#oplog, this.#rare.oplogMs, async () => {
            const extent = await this.reader.oplog(limitMs);
            return extent && oplogWindowOf(extent);
          }),
      renew(this.#sizes, this.#rare.sizesMs, () => this.reader.sizes(limitMs)),
      renew(this.#capacity, this.#rare.capacityMs, () => this.reader.capacity(limitMs)),
    ]);
  }

  close(): void {
    this.reader.close();
  }
}
