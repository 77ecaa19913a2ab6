/** One suggested index, told so that it can be judged: why, for which shapes, at what cost. Pure. */
import { EJSON } from 'bson';
import type { AdviceWarning, IndexSuggestion, SuggestedField } from '../../../shared/advice';
import { formatBytes, formatQuantity } from '../../../shared/format';
import type { IndexDefinition } from '../../../shared/indexes';
import { createCommand, defaultName, keyTextOf } from '../../indexes/index-definition';
import type { CollectionFacts } from '../../indexes/read-indexes';
import { optionsText } from '../../indexes/shell-options';
import type { JudgedShape, WantedJoin } from './judged-shape';
import type { Candidate } from './candidates';
import { indexSize } from './index-cost';
import { isPlain, type Predicate } from './predicates';
import type { Selectivity } from './selectivity';

export interface SuggestionInput {
  candidate: Candidate;
  definition: IndexDefinition;
  facts: CollectionFacts;
  selectivity: Selectivity;
  judged: readonly JudgedShape[];
  joins: readonly WantedJoin[];
}

/** More indexes than that are many for one collection. */
const manyIndexes = 10;
/** Writes a second above which every index is felt. */
const manyWrites = 50;

export function describeSuggestion(input: SuggestionInput): IndexSuggestion {
  const { candidate, definition, facts, selectivity, joins } = input;
  const served = servedShapes(input);
  const savedMs = served.reduce((sum, shape) => sum + shape.savedMs, 0);
  const totalMs = totalOf(
    input,
    served.map(({ shapeId }) => shapeId),
  );
  const size = indexSize(definition.key, facts.documents, selectivity);
  const fields = candidate.fields.map(({ field, direction, role }) => suggestedField(field, direction, role, input));
  const makesRedundant = redundantTo(definition, facts);
  const rate = facts.operations ? facts.operations.writes / Math.max(1, facts.operations.uptimeSeconds) : null;
  return {
    id: `${facts.ns} ${definition.name}`,
    ns: facts.ns,
    definition,
    keyText: keyTextOf(definition.key),
    shellCommand: createCommand(facts.ns, definition, optionsText(definition)),
    fields,
    reasons: reasonsFor(fields, makesRedundant, joins.length > 0 && candidate.fields.length === 1),
    shapes: served,
    savedMs,
    savedShare: totalMs === 0 ? 0 : savedMs / totalMs,
    makesRedundant,
    extends: makesRedundant[0] ?? null,
    cost: {
      bytes: size?.bytes ?? null,
      bytesShareOfData: size && facts.dataBytes ? size.bytes / facts.dataBytes : null,
      entries: size?.entries ?? null,
      writesPerSecond: rate,
      writesBasis: writesBasis(facts),
      indexesNow: facts.indexes.length,
    },
    partial: partialOf(
      input,
      served.map(({ shapeId }) => shapeId),
    ),
    warnings: warningsFor(fields, facts, selectivity, size?.bytes ?? null, rate),
  };
}

function servedShapes({ definition, judged, joins, candidate }: SuggestionInput): IndexSuggestion['shapes'] {
  const own = judged
    .filter(({ savedShare, then }) => savedShare > 0 && then.indexes.includes(definition.name))
    .map(({ shape, savedShare, then, now }) => {
      const parts = then.indexes.length;
      const perRun = shape.docsExamined / Math.max(1, shape.count);
      const saved = Math.max(0, (perRun > 0 ? perRun : now.documents) - then.documents) * shape.count;
      return {
        shapeId: shape.id,
        savedMs: (shape.totalMs * savedShare) / parts,
        savedDocsExamined: Math.round(saved / parts),
        covered: then.covered,
        sortFree: then.sorted && !now.sorted,
      };
    });
  const leading = candidate.fields[0]?.field;
  const joined = joins
    .filter(({ field }) => field === leading)
    .map(({ shape, share }) => ({
      shapeId: shape.id,
      savedMs: shape.totalMs * share,
      savedDocsExamined: Math.round(shape.docsExamined * share),
      covered: false,
      sortFree: false,
    }));
  return [...own, ...joined].sort((a, b) => b.savedMs - a.savedMs);
}

function totalOf({ judged, joins }: SuggestionInput, ids: readonly string[]): number {
  const shapes = [...judged, ...joins].map(({ shape }) => shape).filter(({ id }) => ids.includes(id));
  return shapes.reduce((sum, { totalMs }) => sum + totalMs, 0);
}

function predicatesOf({ judged, definition }: SuggestionInput): Predicate[] {
  return judged
    .filter(({ then, savedShare }) => savedShare > 0 && then.indexes.includes(definition.name))
    .flatMap(({ model }) => [
      ...model.filter.predicates,
      ...model.filter.alternatives.flatMap((clauses) => clauses.flatMap(({ predicates }) => predicates)),
    ]);
}

function suggestedField(
  field: string,
  direction: SuggestedField['direction'],
  role: SuggestedField['role'],
  input: SuggestionInput,
): SuggestedField {
  const { selectivity } = input;
  const measured = predicatesOf(input).filter((each) => each.path === field && selectivity.knows(each));
  const shares = measured.map((each) => selectivity.fraction([each]));
  const facts = selectivity.field(field);
  return {
    field,
    direction,
    role,
    selectivity: shares.length === 0 || selectivity.sampled === 0 ? null : Math.min(...shares),
    distinctValues: facts?.distinctValues ?? null,
    array: facts?.arrayAt != null,
  };
}

/** Plain indexes that begin the new one: whatever they serve, it serves as well. */
function redundantTo(definition: IndexDefinition, facts: CollectionFacts): string[] {
  return facts.indexes
    .filter(({ name, options, key }) => {
      if (name === '_id_' || Object.keys(options).length > 0 || Object.keys(definition.options).length > 0)
        return false;
      return (
        key.length < definition.key.length &&
        key.every(({ field, direction }, index) => {
          const other = definition.key[index];
          return other?.field === field && other.direction === direction;
        })
      );
    })
    .map(({ name }) => name);
}

function list(fields: readonly SuggestedField[]): string {
  return fields.map(({ field }) => field).join(', ');
}

function percentage(share: number): string {
  return share < 0.01 ? 'under 1 %' : `${Math.round(share * 100)} %`;
}

function reasonsFor(fields: readonly SuggestedField[], redundant: readonly string[], join: boolean): string[] {
  const of = (role: SuggestedField['role']): SuggestedField[] => fields.filter((each) => each.role === role);
  const reasons: string[] = [];
  const equal = of('equality');
  if (join) reasons.push(`$lookup finds its partners by ${list(equal)}, for each document anew.`);
  else if (equal.length > 0) {
    const known = equal.flatMap(({ field, selectivity }) =>
      selectivity === null ? [] : [`${field} takes ${percentage(selectivity)} of the sampled documents`],
    );
    reasons.push(
      `First what is compared with single values: ${list(equal)}${known.length > 0 ? ` (${known.join(', ')})` : ''}.`,
    );
  }
  const sort = of('sort');
  if (sort.length > 0) reasons.push(`Then the order that is asked for, ${list(sort)}: nothing is sorted in memory.`);
  const range = of('range');
  if (range.length > 0)
    reasons.push(
      `${equal.length + sort.length > 0 ? 'Last' : 'It begins with'} what is compared with a range: ${list(range)}.`,
    );
  const covered = of('covered');
  if (covered.length > 0) reasons.push(`${list(covered)} is there so that documents need not be read at all.`);
  if (redundant.length > 0) reasons.push(`It begins like ${redundant.join(', ')}, which it can replace.`);
  return reasons;
}

function writesBasis({ operations }: CollectionFacts): string {
  if (!operations) return 'The server does not tell how often the collection is written.';
  const hours = operations.uptimeSeconds / 3600;
  const since =
    hours >= 48
      ? `${Math.round(hours / 24)} days`
      : hours >= 2
        ? `${Math.round(hours)} hours`
        : `${Math.max(1, Math.round(hours * 60))} minutes`;
  return `${formatQuantity(operations.writes, 'write')} since the server started ${since} ago. Each that inserts, deletes or changes one of the fields changes the index too.`;
}

function warningsFor(
  fields: readonly SuggestedField[],
  facts: CollectionFacts,
  selectivity: Selectivity,
  bytes: number | null,
  rate: number | null,
): AdviceWarning[] {
  const warnings: AdviceWarning[] = [];
  const arrays = fields.filter(({ array }) => array);
  if (arrays.length > 0) {
    const message = `${list(arrays)} holds arrays: the index has an entry for each member, and cannot cover a query.`;
    warnings.push({ code: 'multikey', severity: 'info', message, hint: null, field: arrays[0]?.field ?? null });
  }
  if (facts.indexes.length >= manyIndexes) {
    warnings.push({
      code: 'many-indexes',
      severity: 'warning',
      message: `${facts.ns} has ${facts.indexes.length} indexes already; every write keeps all of them up to date.`,
      hint: 'Look through its indexes first: some may be redundant or unused.',
      field: null,
    });
  }
  const operations = facts.operations;
  if (rate !== null && operations && (rate > manyWrites || (rate > 1 && operations.writes > 2 * operations.reads))) {
    warnings.push({
      code: 'write-heavy',
      severity: 'warning',
      message: `${facts.ns} is written ${rate.toFixed(rate < 10 ? 1 : 0)} times a second, ${operations.reads === 0 ? 'and hardly read' : `for ${(operations.reads / operations.uptimeSeconds).toFixed(1)} reads`}.`,
      hint: 'Weigh the time saved against every write being slower.',
      field: null,
    });
  }
  if (bytes !== null && facts.dataBytes !== null && bytes > facts.dataBytes / 2) {
    warnings.push({
      code: 'large-index',
      severity: 'warning',
      message: `It would take about ${formatBytes(bytes)}, more than half of the documents themselves.`,
      hint: null,
      field: null,
    });
  }
  if (selectivity.sampled === 0) {
    warnings.push({
      code: 'not-sampled',
      severity: 'info',
      message: 'The collection was not sampled: what conditions take and what the index costs is assumed.',
      hint: null,
      field: null,
    });
  }
  return warnings;
}

/** Values that are the same in every example and rare in the collection. */
function partialOf(input: SuggestionInput, ids: readonly string[]): IndexSuggestion['partial'] {
  const { definition, candidate, facts, selectivity, judged, joins } = input;
  if (selectivity.sampled === 0 || Object.keys(definition.options).length > 0 || joins.length > 0) return null;
  const shapes = judged.filter(({ shape }) => ids.includes(shape.id));
  if (shapes.length === 0 || shapes.some(({ model }) => model.filter.alternatives.length > 0)) return null;
  for (const { field, role } of candidate.fields) {
    if (role !== 'equality') continue;
    const own = shapes.map(({ model }) =>
      model.filter.predicates.find(({ path, kind }) => path === field && kind === 'equality'),
    );
    const [first] = own;
    if (!first || own.some((each) => each?.key !== first.key) || !selectivity.knows(first)) continue;
    const share = selectivity.fraction([first]);
    const distinct = selectivity.field(field)?.distinctValues ?? Number.POSITIVE_INFINITY;
    const value: unknown = first.condition[field];
    // One of few values: a state, a flag. Of many, the next query asks for another.
    if (share > 0.2 || distinct > 20 || isPlain(value)) continue;
    const key = definition.key.filter((each) => each.field !== field);
    if (key.length === 0) continue;
    return {
      definition: {
        name: `${defaultName(key)}_partial`,
        key,
        options: { partialFilterExpression: EJSON.stringify(first.condition, { relaxed: false }) },
      },
      share,
      bytes: indexSize(key, facts.documents, selectivity, share)?.bytes ?? null,
      note: `Only where every query asks for ${EJSON.stringify(first.condition, { relaxed: true })}: others could not use it.`,
    };
  }
  return null;
}
