/** What is to be said of one shape: whether an index helps it, and why not where none does. Pure. */
import type { AdviceWarning, IndexSuggestion, ShapeAdvice } from '../../../shared/advice';
import { formatCount } from '../../../shared/format';
import type { CollectionFacts } from '../../indexes/read-indexes';
import { smallCollection, type JudgedShape } from './judged-shape';
import { conjunctionOf } from './shape-cost';
import type { Selectivity } from './selectivity';

/** A condition that takes more of the sample than that bounds nothing. */
const unboundedShare = 0.9;
/** And more than this is little help. */
const lowSelectivity = 0.3;

export function describeShape(
  judged: JudgedShape,
  facts: CollectionFacts,
  selectivity: Selectivity,
  suggestions: readonly IndexSuggestion[],
): ShapeAdvice {
  const { shape, model, now, seen } = judged;
  const helping = suggestions.filter(({ shapes }) => shapes.some(({ shapeId }) => shapeId === shape.id));
  const warnings = warningsOf(judged, facts, selectivity);
  const base = { shapeId: shape.id, ns: shape.ns, suggestions: helping.map(({ id }) => id) };
  if (helping.length > 0) {
    const names = helping.map(({ keyText }) => keyText).join(' and ');
    const share = Math.round(judged.savedShare * 100);
    return {
      ...base,
      verdict: 'suggested',
      servedBy: null,
      summary: `${names} would save about ${share} % of its time.`,
      warnings,
    };
  }
  if (model.filter.special !== null) {
    const what = model.filter.special === 'text' ? 'text' : '2dsphere';
    return {
      ...base,
      verdict: 'unknown',
      servedBy: null,
      summary: `It is served by a ${what} index; other advice does not apply.`,
      warnings,
    };
  }
  if (now.indexes.length > 0) {
    const servedBy = now.indexes.join(', ');
    const notChosen = seen > now.total * 5 && shape.docsExamined / Math.max(1, shape.count) > 100;
    if (notChosen) warnings.push(notChosenWarning(judged, servedBy));
    return {
      ...base,
      verdict: 'served',
      servedBy,
      summary: notChosen
        ? `${servedBy} could serve it with far less reading than was seen.`
        : `${servedBy} serves it; no other index would read noticeably less.`,
      warnings,
    };
  }
  return { ...base, verdict: 'would-not-help', servedBy: null, summary: whyNot(judged, facts, selectivity), warnings };
}

function whyNot({ model }: JudgedShape, facts: CollectionFacts, selectivity: Selectivity): string {
  const { predicates, alternatives, warnings } = model.filter;
  if ((facts.documents ?? 0) < smallCollection)
    return `The collection has only ${formatCount(facts.documents ?? 0)} documents.`;
  if (predicates.length === 0 && alternatives.length === 0 && warnings.length === 0)
    return 'It asks for everything: there is no condition an index could serve.';
  if (predicates.length === 0 && warnings[0]) return warnings[0].message;
  const share = selectivity.fraction(predicates);
  if (share > lowSelectivity && selectivity.sampled > 0)
    return `Its conditions take ${Math.round(share * 100)} % of the documents: reading them by an index is no quicker.`;
  return warnings[0]?.message ?? 'No index would read noticeably less.';
}

function warningsOf(
  { model, shape, then }: JudgedShape,
  facts: CollectionFacts,
  selectivity: Selectivity,
): AdviceWarning[] {
  const { predicates, alternatives } = model.filter;
  const warnings: AdviceWarning[] = [...model.filter.warnings];
  const note = (code: AdviceWarning['code'], message: string, hint: string | null, field: string | null): void => {
    warnings.push({ code, severity: 'warning', message, hint, field });
  };
  if (predicates.length === 0 && alternatives.length === 0 && warnings.length === 0 && model.filter.special === null) {
    note(
      'no-condition',
      'It has no condition: every document is asked for.',
      'Ask for less: a condition, a limit, or only the fields needed.',
      null,
    );
  }
  if (selectivity.sampled > 0) {
    for (const predicate of predicates) {
      if (!selectivity.knows(predicate)) continue;
      const share = selectivity.fraction([predicate]);
      const percentage = `${Math.round(share * 100)} %`;
      if (
        share > unboundedShare &&
        (predicate.kind === 'range' || predicate.kind === 'exists' || predicate.kind === 'prefix')
      ) {
        const hint = predicate.kind === 'range' && !predicate.closed ? 'Bound it from both sides.' : null;
        note(
          'unbounded',
          `The range of ${predicate.path} takes ${percentage} of the sampled documents.`,
          hint,
          predicate.path,
        );
      } else if (
        share > lowSelectivity &&
        (predicate.kind === 'equality' || predicate.kind === 'list' || predicate.kind === 'range')
      ) {
        note(
          'low-selectivity',
          `${predicate.path} takes ${percentage} of the sampled documents for the values of the example.`,
          null,
          predicate.path,
        );
      }
    }
  }
  if (alternatives.length > 0 && then.indexes.length === 0) {
    note(
      'or-clause',
      'A clause of $or that no index serves makes the whole $or read everything.',
      'Every clause needs an index of its own.',
      null,
    );
  }
  if (model.sort.length > 0 && !then.sorted)
    note(
      ...sortWarning(
        model.sort.map(({ field }) => field),
        conjunctionOf(model).predicates.length,
      ),
    );
  if (model.collation && predicates.some(({ comparesStrings }) => comparesStrings)) {
    note('collation', 'It compares text by a collation: only an index with the same collation serves it.', null, null);
  }
  if ((facts.documents ?? 0) < smallCollection && shape.count > 0) {
    warnings.push({
      code: 'small-collection',
      severity: 'info',
      message: `The collection has ${formatCount(facts.documents ?? 0)} documents: reading all of them takes a moment.`,
      hint: 'If it is slow nevertheless, look at how often it runs and what it waits for.',
      field: null,
    });
  }
  return warnings;
}

function sortWarning(
  fields: readonly string[],
  conditions: number,
): ['sort-after-range', string, string | null, string | null] {
  return [
    'sort-after-range',
    `It is still sorted in memory by ${fields.join(', ')}: the conditions take few enough documents, or no index gives both.`,
    conditions === 0 ? 'A limit lets an index on the order stop early.' : null,
    fields[0] ?? null,
  ];
}

function notChosenWarning({ shape, now }: JudgedShape, servedBy: string): AdviceWarning {
  const seen = Math.round(shape.docsExamined / Math.max(1, shape.count));
  return {
    code: 'not-chosen',
    severity: 'warning',
    message: `A run examined ${formatCount(seen)} documents; with ${servedBy} about ${formatCount(Math.round(now.documents))} would do.`,
    hint: 'Explain it: the plan cache may hold another plan, the values may be skewed, or the index may be younger than what was recorded.',
    field: null,
  };
}
