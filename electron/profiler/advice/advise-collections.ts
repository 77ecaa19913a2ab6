/** Advice on shapes of a deployment: reads the collections' indexes and a sample of each, and judges. */
import type {
  Advice,
  AdviceShape,
  AdviceWarningCode,
  IndexSuggestion,
  ParsedAdviceRequest,
  ShapeAdvice,
} from '../../../shared/advice';
import { formatCount } from '../../../shared/format';
import { AppFailure, fail } from '../../../shared/result';
import type { OpenDeployment } from '../../connections/service';
import { readIndexFacts, type CollectionFacts } from '../../indexes/read-indexes';
import { explainableCommand, splitNamespace } from '../explain/explain-command';
import { withReadTarget } from '../explain/read-from';
import { advise } from './advise';
import type { ModelledShape, WantedJoin } from './judged-shape';
import { pathsOf, queryModel } from './query-model';
import type { FilterModel, Predicate } from './predicates';
import { sampleCollection } from './sample';
import { cheapestWay } from './shape-cost';

export interface AdviseProgress {
  /** Collections done and to do. */
  report(done: number, total: number, ns: string): void;
  signal?: AbortSignal;
}

interface Work {
  ns: string;
  shapes: ModelledShape[];
  joins: { shape: ModelledShape; field: string }[];
}

/** Everything but id and time. Throws 'cancelled' and 'topology'; driver errors pass through. */
export async function adviseCollections(
  deployment: OpenDeployment,
  request: ParsedAdviceRequest,
  { report, signal }: AdviseProgress,
): Promise<Omit<Advice, 'id' | 'madeAt' | 'connectionId'>> {
  const unknown: ShapeAdvice[] = [];
  const works = workOf(request.shapes, unknown);
  const collected = { suggestions: [] as IndexSuggestion[], shapes: unknown, notes: new Set<string>() };
  const indexes: Advice['indexes'] = [];
  const sampled: Advice['sampled'] = [];
  await withReadTarget(deployment, request.readFrom, async ({ client, host }) => {
    let done = 0;
    for (const { ns, shapes, joins } of works) {
      if (signal?.aborted) fail('cancelled', 'Cancelled.');
      report(done++, works.length, ns);
      const { database, collection } = splitNamespace(ns);
      const { collections, members } = await readIndexFacts(deployment, database, [collection], signal);
      const facts = collections[0];
      for (const { host: silent, problem } of members)
        if (problem !== null) collected.notes.add(`${silent} did not answer: ${problem}`);
      const reason = unsuitable(facts);
      if (!facts || reason) {
        for (const { shape } of shapes)
          collected.shapes.push(
            withoutVerdict(shape, reason?.code ?? 'not-sampled', reason?.text ?? 'The collection does not exist.'),
          );
        continue;
      }
      indexes.push(...facts.indexes);
      const predicates = shapes.flatMap(({ model }) => allPredicates(model.filter));
      const fields = [
        ...shapes.flatMap(({ model }) => [
          ...pathsOf(model.filter),
          ...model.sort.map(({ field }) => field),
          ...(model.needs ?? []),
        ]),
        ...joins.map(({ field }) => field),
      ];
      const sample = await sampleCollection(client, {
        database,
        collection,
        predicates,
        fields,
        size: request.sampleSize,
        maxTimeMs: request.maxTimeMs,
      });
      if (sample.problem !== null) collected.notes.add(`${ns} was not sampled: ${sample.problem}`);
      const { selectivity } = sample;
      if (selectivity.sampled > 0) {
        sampled.push({
          ns,
          documents: selectivity.sampled,
          of: facts.documents,
          ms: sample.ms,
          host: host ?? deployment.connection.name,
        });
      }
      const wanted = joins.flatMap(({ shape, field }) => wantedJoin(shape, field, facts));
      const advice = advise({ facts, selectivity, shapes, joins: wanted });
      collected.suggestions.push(...advice.suggestions);
      collected.shapes.push(...advice.shapes);
    }
  });
  return {
    suggestions: collected.suggestions.sort((a, b) => b.savedMs - a.savedMs),
    shapes: withJoins(collected.shapes, collected.suggestions),
    indexes,
    sampled,
    notes: [...collected.notes],
  };
}

/** By collection, the ones that are joined with too. */
function workOf(shapes: readonly AdviceShape[], unknown: ShapeAdvice[]): Work[] {
  const works = new Map<string, Work>();
  const at = (ns: string): Work => {
    const known = works.get(ns) ?? { ns, shapes: [], joins: [] };
    works.set(ns, known);
    return known;
  };
  for (const shape of shapes) {
    if (shape.command === null) {
      unknown.push(withoutVerdict(shape, 'command-missing', 'No command of this shape was recorded.'));
      continue;
    }
    try {
      const { database, command } = explainableCommand(shape.ns, shape.op, shape.command);
      const modelled = { shape, model: queryModel(shape.op, command) };
      at(shape.ns).shapes.push(modelled);
      for (const { from, field } of modelled.model.lookups)
        at(`${database}.${from}`).joins.push({ shape: modelled, field });
    } catch (error) {
      if (!(error instanceof AppFailure)) throw error;
      const cut = shape.op !== 'insert' && shape.op !== 'getMore' && shape.op !== 'command';
      unknown.push(withoutVerdict(shape, cut ? 'command-cut' : 'command-missing', error.message));
    }
  }
  return [...works.values()];
}

function allPredicates(filter: FilterModel): Predicate[] {
  return [...filter.predicates, ...filter.alternatives.flatMap((clauses) => clauses.flatMap(allPredicates))];
}

function unsuitable(facts: CollectionFacts | undefined): { code: AdviceWarningCode; text: string } | null {
  if (facts?.type === 'view')
    return { code: 'view', text: 'It reads a view: ask for advice on the collection behind it.' };
  if (facts?.type === 'timeseries') {
    return {
      code: 'time-series',
      text: 'It reads a time series, whose buckets are indexed by time and metadata in their own way.',
    };
  }
  return null;
}

function withoutVerdict(shape: AdviceShape, code: AdviceWarningCode, message: string): ShapeAdvice {
  return {
    shapeId: shape.id,
    ns: shape.ns,
    verdict: 'unknown',
    servedBy: null,
    summary: message,
    suggestions: [],
    warnings: [{ code, severity: 'info', message, hint: null, field: null }],
  };
}

/** None where an index begins with the field already, or looking for partners is no noticeable part. */
function wantedJoin({ shape, model }: ModelledShape, field: string, facts: CollectionFacts): WantedJoin[] {
  const served = facts.indexes.some(
    ({ key, options }) => key[0]?.field === field && !options.hidden && options.partialFilterExpression === undefined,
  );
  const documents = facts.documents ?? 0;
  if (served || documents < 2) return [];
  const perRun = shape.docsExamined / Math.max(1, shape.count);
  // Without an index each document that comes in reads the whole other collection.
  const own = Math.min(perRun, cheapestWay(model, [], documents, noSample).documents, perRun / documents);
  const share = perRun === 0 ? 0.5 : Math.min(0.99, Math.max(0, 1 - own / perRun));
  return perRun > documents ? [{ shape, field, share }] : [];
}

const noSample = { sampled: 0, fraction: () => 1, knows: () => false, field: () => null };

/** A join's suggestion is on another collection than its shape: told to the shape here. */
function withJoins(shapes: readonly ShapeAdvice[], suggestions: readonly IndexSuggestion[]): ShapeAdvice[] {
  return shapes.map((advice) => {
    const joined = suggestions.filter(
      ({ ns, shapes: served }) => ns !== advice.ns && served.some(({ shapeId }) => shapeId === advice.shapeId),
    );
    if (joined.length === 0) return advice;
    const names = joined.map(({ ns, keyText }) => `${keyText} on ${ns}`).join(' and ');
    const gained = joined.reduce(
      (sum, { shapes: served }) =>
        sum + (served.find(({ shapeId }) => shapeId === advice.shapeId)?.savedDocsExamined ?? 0),
      0,
    );
    return {
      ...advice,
      verdict: 'suggested',
      summary: `${names} would spare its $lookup about ${formatCount(gained)} documents.${advice.verdict === 'suggested' ? ` ${advice.summary}` : ''}`,
      suggestions: [...advice.suggestions, ...joined.map(({ id }) => id)],
    };
  });
}
