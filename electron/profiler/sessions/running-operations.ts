/** Operations seen running: each is recorded once, when it is gone, with the longest time it was seen to run. */
import type { Document } from 'bson';
import type { Operation } from '../../../shared/profiler';
import { operationOfCurrentOp } from '../profile-document';

/** A later operation may get the same number: it began later by more than clocks and rounding are off. */
const sameBeginMs = 250;

interface Running {
  operation: Operation;
  began: number;
}

export class RunningOperations {
  readonly #running = new Map<string, Running>();

  /** `slowms`: what ran for less is left out. */
  constructor(private readonly slowms: number) {}

  /** Takes one look's entries and returns the operations that ended since the look before. */
  look(entries: readonly Document[], seenAt: number): Operation[] {
    const ended: Operation[] = [];
    const before = new Map(this.#running);
    for (const entry of entries) {
      const operation = operationOfCurrentOp(entry, seenAt);
      if (!operation || operation.app?.startsWith('Lifeboat')) continue;
      const id = `${String(entry['opid'])} ${operation.shapeId}`;
      const began = seenAt - operation.durationMs;
      const known = before.get(id);
      if (known && Math.abs(known.began - began) > sameBeginMs) ended.push(known.operation);
      before.delete(id);
      this.#running.set(id, { operation, began });
    }
    for (const [id, { operation }] of before) {
      this.#running.delete(id);
      ended.push(operation);
    }
    return ended.filter(({ durationMs }) => durationMs >= this.slowms);
  }

  /** What runs still, at the end of the looking. */
  rest(): Operation[] {
    const rest = [...this.#running.values()].map(({ operation }) => operation);
    this.#running.clear();
    return rest.filter(({ durationMs }) => durationMs >= this.slowms);
  }
}
