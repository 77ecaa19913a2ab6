/** What unique indexes let through when documents are written in the order in which a restore writes them: pure. */

export interface SimulatedWrite {
  /** By idKey. */
  id: string;
  kind: 'replace' | 'insert';
  /** Of the new document. */
  bytes: number;
  /** The server refuses it whatever the others do. */
  invalid: boolean;
  /** By unique index: the texts of its keys now, and afterwards. */
  before: readonly (readonly string[])[];
  after: readonly (readonly string[])[];
}

/** The first key of a document that another one holds. */
export interface Blocked {
  index: number;
  text: string;
  /** By idKey. */
  holder: string;
}

/** Documents exchanged at once, as the writer does. */
const exchangeBytes = 12 * 1024 * 1024;

export class Simulation {
  /** By unique index and key. */
  readonly #holders: Map<string, Set<string>>[];

  /** `held`: by unique index, which documents of the collection hold a key. */
  constructor(indexes: number) {
    this.#holders = Array.from({ length: indexes }, () => new Map<string, Set<string>>());
  }

  hold(index: number, text: string, id: string): void {
    const holders = this.#holders[index];
    const set = holders?.get(text);
    if (set) set.add(id);
    else holders?.set(text, new Set([id]));
  }

  #release(index: number, text: string, id: string): void {
    this.#holders[index]?.get(text)?.delete(id);
  }

  #blocks({ id, after }: SimulatedWrite): Blocked[] {
    return after.flatMap((texts, index) => {
      for (const text of texts) {
        for (const holder of this.#holders[index]?.get(text) ?? []) {
          if (holder !== id) return [{ index, text, holder }];
        }
      }
      return [];
    });
  }

  #isBlocked({ id, after }: SimulatedWrite): boolean {
    return after.some((texts, index) =>
      texts.some((text) => {
        const holders = this.#holders[index]?.get(text);
        return holders !== undefined && holders.size > (holders.has(id) ? 1 : 0);
      }),
    );
  }

  #leave({ id, before }: SimulatedWrite): void {
    before.forEach((texts, index) => texts.forEach((text) => this.#release(index, text, id)));
  }

  #come({ id, after }: SimulatedWrite): void {
    after.forEach((texts, index) => texts.forEach((text) => this.hold(index, text, id)));
  }

  /** Takes back what {@link #leave} and {@link #come} did. */
  #return(write: SimulatedWrite): void {
    write.after.forEach((texts, index) => texts.forEach((text) => this.#release(index, text, write.id)));
    write.before.forEach((texts, index) => texts.forEach((text) => this.hold(index, text, write.id)));
  }

  #write(writes: readonly SimulatedWrite[]): SimulatedWrite[] {
    const waiting: SimulatedWrite[] = [];
    for (const write of writes) {
      if (this.#isBlocked(write)) waiting.push(write);
      else {
        this.#leave(write);
        this.#come(write);
      }
    }
    return waiting;
  }

  /** All at once, or none. */
  #exchange(writes: readonly SimulatedWrite[]): boolean {
    const bytes = writes.reduce((sum, write) => sum + write.bytes, 0);
    if (bytes > exchangeBytes || !writes.some(({ kind }) => kind === 'replace')) return false;
    writes.forEach((write) => this.#leave(write));
    writes.forEach((write) => this.#come(write));
    if (!writes.some((write) => this.#isBlocked(write))) return true;
    writes.forEach((write) => this.#return(write));
    return false;
  }

  /** The documents that are not written because of a unique index, and what is in their way at the end. */
  run(writes: readonly SimulatedWrite[]): { write: SimulatedWrite; blocked: Blocked[] }[] {
    for (const write of writes) {
      write.before.forEach((texts, index) => texts.forEach((text) => this.hold(index, text, write.id)));
    }
    const valid = writes.filter(({ invalid }) => !invalid);
    const ofKind = (all: readonly SimulatedWrite[], wanted: SimulatedWrite['kind']): SimulatedWrite[] =>
      all.filter(({ kind }) => kind === wanted);
    let waiting = [...this.#write(ofKind(valid, 'replace')), ...this.#write(ofKind(valid, 'insert'))];
    for (let before = Infinity; waiting.length > 0 && waiting.length < before;) {
      before = waiting.length;
      const inserts = this.#write(ofKind(waiting, 'insert'));
      waiting = [...this.#write(ofKind(waiting, 'replace')), ...inserts];
    }
    if (waiting.length === 0 || this.#exchange(waiting)) return [];
    return waiting.map((write) => ({ write, blocked: this.#blocks(write) }));
  }
}
