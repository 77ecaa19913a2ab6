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

/** Fewer matches than that in a sample say "rare" and no more. */
const fewest = 5;

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
      const measured: ReadonlySet<number>[] = [];
      for (const { key, kind } of predicates) {
        const own = matches.get(key);
        if (!own) assumedShare *= assumed[kind];
        else measured.push(own);
      }
      return jointShare(measured, sampled) * assumedShare;
    },
    knows: ({ key }) => matches.has(key),
    field: (path) => fields.get(path) ?? null,
  };
}

/**
 * Conditions are counted together as long as the sample shows enough to count; what the others leave of fewer documents
 * would be chance, and another sample would say otherwise: there they are taken as independent of each other.
 */
function jointShare(measured: readonly ReadonlySet<number>[], sampled: number): number {
  const [rarest, ...others] = [...measured].sort((a, b) => a.size - b.size);
  if (!rarest) return 1;
  let joint = rarest;
  let independent = 1;
  for (const own of others) {
    if (joint.size >= fewest) joint = intersection(joint, own);
    else independent *= own.size / sampled;
  }
  // A sample without a match says "rare", not "never".
  return (Math.max(joint.size, 0.5) / sampled) * Math.max(independent, 0.5 / sampled);
}

function intersection(a: ReadonlySet<number>, b: ReadonlySet<number>): ReadonlySet<number> {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  return new Set([...small].filter((member) => large.has(member)));
}
