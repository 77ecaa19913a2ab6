/** Documents that a collection's validator would reject: evaluated by the server on documents it is only shown. */
import type { CollationOptions, Document } from 'mongodb';
import { idKey } from '../documents/raw-documents';
import { fromExtendedJson, notMatching, type MatchQuestion, type ShownTo } from './server-match';
import type { Candidate, Stream } from './streams';

/** As the collection has it, values as canonical Extended JSON. */
export interface Validator {
  filter: unknown;
  /** `moderate`: documents that break the rules already may go on doing so. */
  moderate: boolean;
  /** Only written into the server's log. */
  onlyWarns: boolean;
  collation: unknown;
}

const streams: readonly Stream[] = ['insert', 'replace', 'merge', 'pick'];

export class ValidatorCheck {
  readonly #question: MatchQuestion;
  readonly #moderate: boolean;
  readonly #rejected = new Map<Stream, Map<string, Buffer>>(streams.map((stream) => [stream, new Map()]));
  unchecked = 0;

  constructor(server: Omit<ShownTo, 'collation'>, { filter, moderate, collation }: Validator) {
    this.#moderate = moderate;
    this.#question = {
      ...server,
      filter: fromExtendedJson(filter) as Document,
      collation: collation === null ? null : (fromExtendedJson(collation) as CollationOptions),
    };
  }

  /** Driver errors pass through. */
  async add(candidates: readonly Candidate[]): Promise<void> {
    for (const stream of streams) {
      const some = candidates.filter(({ versions }) => versions[stream] !== undefined);
      if (some.length === 0) continue;
      const { ids, unchecked } = await notMatching(
        this.#question,
        some.flatMap(({ versions }) => versions[stream] ?? []),
      );
      this.unchecked += unchecked;
      if (ids.size === 0) continue;
      const excused = this.#moderate ? await this.#brokenBefore(some.filter(({ id }) => ids.has(idKey(id)))) : null;
      for (const { id } of some) {
        const key = idKey(id);
        if (ids.has(key) && excused?.has(key) !== true) this.#rejected.get(stream)?.set(key, id);
      }
    }
  }

  async #brokenBefore(candidates: readonly Candidate[]): Promise<ReadonlyMap<string, Buffer>> {
    const live = candidates.flatMap((candidate) => candidate.live ?? []);
    return (await notMatching(this.#question, live)).ids;
  }

  isRejected(stream: Stream, id: Buffer): boolean {
    return this.#rejected.get(stream)?.has(idKey(id)) === true;
  }

  rejectedOf(wanted: readonly Stream[]): Buffer[] {
    return wanted.flatMap((stream) => [...(this.#rejected.get(stream)?.values() ?? [])]);
  }
}
