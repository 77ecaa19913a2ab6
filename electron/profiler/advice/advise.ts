/** Advice on the shapes of one collection: which indexes would help, ranked by the time they save. Pure. */
import type { AdviceShape, IndexSuggestion, ShapeAdvice } from '../../../shared/advice';
import type { IndexDefinition } from '../../../shared/indexes';
import type { CollectionFacts } from '../../indexes/read-indexes';
import { candidateFor, coveringFields, definitionOfFields, type Candidate } from './candidates';
import { mergeCandidates } from './merge-candidates';
import { smallCollection, type JudgedShape, type ModelledShape, type WantedJoin } from './judged-shape';
import type { QueryModel } from './query-model';
import type { Selectivity } from './selectivity';
import { cheapestWay, clausesOf, conjunctionOf, seenCost, type WayCost } from './shape-cost';
import { describeShape } from './shape-verdict';
import { describeSuggestion } from './suggestion';

export interface AdviseInput {
  facts: CollectionFacts;
  selectivity: Selectivity;
  shapes: readonly ModelledShape[];
  joins: readonly WantedJoin[];
}

/** What an index must save of a shape's time, at least, to be named for it. */
const worthwhile = 0.15;

export function advise({ facts, selectivity, shapes, joins }: AdviseInput): {
  suggestions: IndexSuggestion[];
  shapes: ShapeAdvice[];
} {
  const documents = facts.documents ?? 0;
  const existing: IndexDefinition[] = facts.indexes.filter(({ building }) => !building);
  const wanted =
    documents < smallCollection ? [] : shapes.flatMap((shape) => candidatesOf(shape, existing, documents, selectivity));
  const joined: Candidate[] = joins.map(({ field }) => ({
    fields: [{ field, direction: 1, role: 'equality' }],
    collation: null,
  }));
  const merged = mergeCandidates([...wanted, ...joined], existing);
  const proposals = merged.map((candidate) => ({ candidate, definition: named(candidate, existing) }));
  const judged = shapes.map((shape) =>
    judge(
      shape,
      existing,
      proposals.map(({ definition }) => definition),
      documents,
      selectivity,
    ),
  );
  const suggestions = proposals
    .map(({ candidate, definition }) =>
      describeSuggestion({ candidate, definition, facts, selectivity, judged, joins }),
    )
    .filter((suggestion) => suggestion.shapes.length > 0)
    .sort((a, b) => b.savedMs - a.savedMs);
  return {
    suggestions,
    shapes: judged.map((shape) => describeShape(shape, facts, selectivity, suggestions)),
  };
}

function named(candidate: Candidate, existing: readonly IndexDefinition[]): IndexDefinition {
  const definition = definitionOfFields(candidate.fields, candidate.collation);
  const taken = new Set(existing.map(({ name }) => name));
  let { name } = definition;
  for (let number = 2; taken.has(name); number++) name = `${definition.name}_${number}`;
  return { ...definition, name };
}

/** One for the conjunction, or one for each clause of `$or`, whichever reads less; none where what exists does as well. */
function candidatesOf(
  { shape, model }: ModelledShape,
  existing: readonly IndexDefinition[],
  documents: number,
  selectivity: Selectivity,
): Candidate[] {
  if (model.filter.special !== null) return [];
  const whole = conjunctionOf(model);
  const one = candidateFor(whole, documents, selectivity);
  const clauses = clausesOf(model).map((clause) => candidateFor(clause, documents, selectivity));
  const each = clauses.filter((candidate): candidate is Candidate => candidate !== null);
  const sets = [
    ...(one ? [[withCovering(one, model, shape, selectivity)]] : []),
    ...(each.length > 0 && each.length === clauses.length ? [each] : []),
  ];
  const cost = (candidates: readonly Candidate[]): number => {
    const definitions = candidates.map(({ fields, collation }) => definitionOfFields(fields, collation));
    return cheapestWay(model, [...existing, ...definitions], documents, selectivity).total;
  };
  const now = cost([]);
  const [best] = sets.sort((a, b) => cost(a) - cost(b));
  if (!best || cost(best) > now * (1 - worthwhile)) return [];
  return isSelective(model, documents, selectivity, cost(best)) ? best : [];
}

/** Worth it where many documents are read a run, or only keys are counted. */
function withCovering(
  candidate: Candidate,
  model: QueryModel,
  shape: AdviceShape,
  selectivity: Selectivity,
): Candidate {
  const perRun = shape.count === 0 ? 0 : shape.returned / shape.count;
  if (perRun < 50) return candidate;
  return {
    ...candidate,
    fields: [...candidate.fields, ...coveringFields(candidate, conjunctionOf(model), selectivity)],
  };
}

/** Fetching a third of a collection by its keys is no quicker than reading all of it. */
function isSelective(model: QueryModel, documents: number, selectivity: Selectivity, cost: number): boolean {
  const share = selectivity.fraction(model.filter.predicates);
  const helpsOrder = model.sort.length > 0 && model.limit !== null;
  return share <= 0.3 || helpsOrder || model.filter.alternatives.length > 0 || cost < documents * 0.2;
}

function judge(
  { shape, model }: ModelledShape,
  existing: readonly IndexDefinition[],
  proposed: readonly IndexDefinition[],
  documents: number,
  selectivity: Selectivity,
): JudgedShape {
  const now = cheapestWay(model, existing, documents, selectivity);
  const then = cheapestWay(model, [...existing, ...proposed], documents, selectivity);
  const seen = seenOf(shape, model, now, documents, selectivity);
  const gained = then.total < now.total * (1 - worthwhile);
  const savedShare = gained ? Math.min(0.99, Math.max(0, 1 - then.total / seen)) : 0;
  return { shape, model, seen, now, then, savedShare: savedShare < worthwhile ? 0 : savedShare };
}

function seenOf(
  shape: AdviceShape,
  model: QueryModel,
  now: WayCost,
  documents: number,
  selectivity: Selectivity,
): number {
  const runs = Math.max(1, shape.count);
  const read = { keys: shape.keysExamined / runs, documents: shape.docsExamined / runs };
  if (read.keys + read.documents === 0) return now.total;
  const matching = documents * selectivity.fraction(model.filter.predicates);
  const sorted = shape.sortStageCount > 0 ? Math.max(matching, shape.returned / runs) : 0;
  return seenCost({ ...read, sorted });
}
