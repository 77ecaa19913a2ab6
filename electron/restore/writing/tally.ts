/** What a restore did so far, summed up from what its writers say. */
import type { Effect } from '../../../shared/diff';
import type { RestoreResult } from '../../../shared/restore';
import type { WriteEvent } from './write-event';

/** Conflicts and failures listed one by one; the effect counts all. */
export const listed = 1000;

export class RestoreTally {
  readonly effect: Effect = { insert: 0, replace: 0, delete: 0, keep: 0, conflict: 0 };
  readonly conflicts: RestoreResult['conflicts'] = [];
  /** Conflicts about documents that the target had in the preview. */
  conflictsOfLive = 0;
  readonly #failures: RestoreResult['failures'] = [];
  #unlistedFailures = 0;

  add(ns: string, event: WriteEvent): void {
    this.effect.insert += event.inserted;
    this.effect.replace += event.replaced;
    this.effect.delete += event.deleted;
    this.effect.keep += event.kept;
    this.effect.conflict += event.conflicts.length;
    for (const { id, reason, kind, versions } of event.conflicts) {
      if (kind !== 'insert') this.conflictsOfLive++;
      if (this.conflicts.length < listed) this.conflicts.push({ ns, id, reason, versions });
    }
    for (const { id, message } of event.failures) this.fail(ns, id, message);
  }

  fail(ns: string, id: string | null, message: string): void {
    if (this.#failures.length < listed) this.#failures.push({ ns, id, message });
    else this.#unlistedFailures++;
  }

  get failures(): RestoreResult['failures'] {
    if (this.#unlistedFailures === 0) return this.#failures;
    return [
      ...this.#failures,
      { ns: '', id: null, message: `${this.#unlistedFailures} further failures are not listed.` },
    ];
  }
}
