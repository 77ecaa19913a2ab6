/** What share of a collection conditions take, and what its fields hold: measured on a sample, or assumed. Pure. */
import type { Predicate, PredicateKind } from './predicates';

export interface FieldFacts {
  /** The first part of the path that holds arrays; null: none does. */
  arrayAt: string | null;
  distinctValues: number | null;
  /** Bytes of a value. */
  bytes: number | null;
  /** Keys a document has for it. */
  entries: number;
}

export interface Selectivity {
  /** Documents looked at; 0 where nothing was measured. */
  readonly sampled: number;
  /** Share (0–1) of documents that meet all of `predicates`; never 0. */
  fraction(predicates: readonly Predicate[]): number;
  /** Whether `predicate` was measured. */
  knows(predicate: Predicate): boolean;
  field(path: string): FieldFacts | null;
}

/** What is assumed of conditions where nothing was measured. */
const assumed: Readonly<Record<PredicateKind, number>> = {
  equality: 0.01,
  missing: 0.1,
  list: 0.05,
  range: 0.3,
  prefix: 0.1,
  exists: 0.9,
  scan: 0.5,
  negation: 0.9,
};

export const notSampled: Selectivity = {
  sampled: 0,
  fraction: (predicates) => predicates.reduce((share, { kind }) => share * assumed[kind], 1),
  knows: () => false,
  field: () => null,
};

/**
 * `matches` holds, by the key of a condition, which documents of the sample (by their number) meet it, so that any
 * combination can be told.
 */
export function measuredSelectivity(
  sampled: number,
  matches: ReadonlyMap<string, ReadonlySet<number>>,
  fields: ReadonlyMap<string, FieldFacts>,
): Selectivity {
  if (sampled === 0) return { ...notSampled, field: (path) => fields.get(path) ?? null };
  return {
    sampled,
    fraction(predicates) {
      let assumedShare = 1;
      let joint: ReadonlySet<number> | null = null;
      for (const { key, kind } of predicates) {
        const own = matches.get(key);
        if (!own) assumedShare *= assumed[kind];
        else joint = joint === null ? own : intersection(joint, own);
      }
      // A sample without a match says "rare", not "never".
      const measured = joint === null ? 1 : Math.max(joint.size, 0.5) / sampled;
      return measured * assumedShare;
    },
    knows: ({ key }) => matches.has(key),
    field: (path) => fields.get(path) ?? null,
  };
}

function intersection(a: ReadonlySet<number>, b: ReadonlySet<number>): ReadonlySet<number> {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  return new Set([...small].filter((member) => large.has(member)));
}
