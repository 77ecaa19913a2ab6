/** Documents that a collection's validator would reject: evaluated by the server on documents it is only shown. */
import type { CollationOptions, Document, MongoClient } from 'mongodb';
import { idKey } from '../raw-documents';
import { fromExtendedJson, notMatching, type MatchQuestion } from './server-match';
import { streamsOf, type ForeseenMode, type Stream } from './streams';
import type { Candidate } from './unique-check';

/** As the collection has it, values as canonical Extended JSON. */
export interface Validator {
  filter: unknown;
  /** `moderate`: documents that break the rules already may go on doing so. */
  moderate: boolean;
  /** Only written into the server's log. */
  onlyWarns: boolean;
  collation: unknown;
}

export class ValidatorCheck {
  readonly #question: MatchQuestion;
  readonly #moderate: boolean;
  readonly #rejected: Record<Stream, Map<string, Buffer>> = { insert: new Map(), replace: new Map(), merge: new Map() };
  unchecked = 0;

  constructor(client: MongoClient, database: string, { filter, moderate, collation }: Validator) {
    this.#moderate = moderate;
    this.#question = {
      client,
      database,
      filter: fromExtendedJson(filter) as Document,
      collation: collation === null ? null : (fromExtendedJson(collation) as CollationOptions),
    };
  }

  async add(candidates: readonly Candidate[]): Promise<void> {
    for (const stream of ['insert', 'replace', 'merge'] as const) {
      const some = candidates.filter((candidate) => candidate.stream === stream);
      const { ids, unchecked } = await notMatching(
        this.#question,
        some.map(({ document }) => document),
      );
      this.unchecked += unchecked;
      if (ids.size === 0) continue;
      const excused = this.#moderate ? await this.#brokenBefore(some.filter(({ id }) => ids.has(idKey(id)))) : null;
      for (const { id } of some) {
        const key = idKey(id);
        if (ids.has(key) && !excused?.has(key)) this.#rejected[stream].set(key, id);
      }
    }
  }

  async #brokenBefore(candidates: readonly Candidate[]): Promise<ReadonlyMap<string, Buffer>> {
    const live = candidates.flatMap((candidate) => candidate.live ?? []);
    return (await notMatching(this.#question, live)).ids;
  }

  rejectedBy(mode: ForeseenMode): Buffer[] {
    return streamsOf[mode].flatMap((stream) => [...this.#rejected[stream].values()]);
  }
}
