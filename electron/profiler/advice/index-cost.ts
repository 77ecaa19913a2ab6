/** What reading by an index costs, and what keeping one costs. Pure; estimates, meant for comparing. */
import type { IndexField } from '../../../shared/indexes';
import type { Branch, Fit } from './index-fit';
import type { Selectivity } from './selectivity';

/** Of one run. */
export interface ReadCost {
  keys: number;
  documents: number;
  /** Documents put in order in memory. */
  sorted: number;
  /** In documents fetched: a key is cheaper, a comparison cheaper still. */
  total: number;
}

const keyPrice = 0.2;
/** Reading one document after the other is quicker than fetching each from where its key points. */
const scanPrice = 0.6;
const sortPrice = 0.04;
/** Of a run that reads nothing. */
const basePrice = 1;

/** Without keys, documents are read one after the other. */
export function totalCost(keys: number, documents: number, sorted: number): number {
  const reading = documents * (keys === 0 ? scanPrice : 1);
  return basePrice + reading + keys * keyPrice + sorted * Math.log2(sorted + 2) * sortPrice;
}

/** What one run reads with an index that fits, or without one for `fit` null. */
export function readCost(fit: Fit | null, branch: Branch, documents: number, selectivity: Selectivity): ReadCost {
  const share = (predicates: Branch['predicates']): number => documents * selectivity.fraction(predicates);
  const matching = share(branch.predicates);
  const inOrder = fit ? fit.sorted : branch.sort.length === 0;
  // Where the order is given, or none is asked for, reading stops at the limit.
  const part = branch.limit !== null && inOrder ? Math.min(1, branch.limit / Math.max(matching, 0.5)) : 1;
  const keys = fit ? share(fit.bounding) * part : 0;
  const read = !fit ? documents * part : fit.covered ? 0 : share(fit.onKeys) * part;
  const sorted = inOrder ? 0 : matching;
  return { keys, documents: read, sorted, total: totalCost(keys, read, sorted) };
}

/** Bytes of an entry besides its fields: record, cell, page. */
const entryOverhead = 9;
/** Pages are not full. */
const fillFactor = 1.15;

export interface SizeEstimate {
  bytes: number;
  entries: number;
}

/**
 * The size of an index over `share` of the documents, by the sampled sizes of its fields; null where nothing was sampled.
 * What neighbouring keys have in common is stored once, so leading fields with few values cost little.
 */
export function indexSize(
  key: readonly IndexField[],
  documents: number | null,
  selectivity: Selectivity,
  share = 1,
): SizeEstimate | null {
  if (documents === null || selectivity.sampled === 0) return null;
  let entriesPerDocument = 1;
  let distinct = 1;
  let keyBytes = 0;
  for (const { field } of key) {
    const facts = selectivity.field(field);
    if (!facts || facts.bytes === null) return null;
    entriesPerDocument = Math.max(entriesPerDocument, facts.entries);
    const bytes = facts.arrayAt === null ? facts.bytes : facts.bytes / Math.max(1, facts.entries);
    distinct = Math.min(selectivity.sampled, distinct * Math.max(1, facts.distinctValues ?? selectivity.sampled));
    // Seldom a new value: hardly stored.
    keyBytes += 1 + bytes * Math.min(1, distinct / selectivity.sampled);
  }
  const entries = documents * share * entriesPerDocument;
  return { bytes: Math.round(entries * (keyBytes + entryOverhead) * fillFactor), entries: Math.round(entries) };
}
