/** Results of jobs, kept while this process runs: the newest few of each kind. */
import { randomBytes } from 'node:crypto';
import { fail } from '../../shared/result';

export class KeptResults<T> {
  private readonly results = new Map<string, T>();

  /** `noun` names them in ids and errors, `most` are kept. */
  constructor(
    private readonly noun: string,
    private readonly most: number,
  ) {}

  newId(): string {
    return `${this.noun}-${randomBytes(6).toString('hex')}`;
  }

  keep(id: string, result: T): T {
    this.results.set(id, result);
    const [oldest] = this.results.keys();
    if (this.results.size > this.most && oldest !== undefined) this.results.delete(oldest);
    return result;
  }

  /** Throws 'not-found'. */
  get(id: string): T {
    return this.results.get(id) ?? fail('not-found', `There is no ${this.noun} ${id} any more.`, 'Start it again.');
  }
}
