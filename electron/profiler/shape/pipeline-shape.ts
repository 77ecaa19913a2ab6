/** The shape of an aggregation pipeline, stage by stage. */
import type { JsonDocument, JsonValue } from '../../../shared/profiler';
import { expressionShape, namingShape, projectionShape } from './expression-shape';
import { filterShape, geometryShape } from './filter-shape';
import {
  anyValue,
  arrayText,
  deepest,
  documentText,
  firstKey,
  isDocument,
  isScalar,
  keyText,
  literalText,
} from './values';

/** Stages in their order, `[{ $match: { a: ? } }, { $sort: { b: -1 } }]`. */
export function pipelineShape(pipeline: JsonValue | undefined, depth = 0): string {
  if (!Array.isArray(pipeline) || depth > deepest) return anyValue;
  return arrayText(pipeline.map((stage) => stageShape(stage, depth + 1)));
}

function stageShape(stage: JsonValue, depth: number): string {
  if (!isDocument(stage)) return anyValue;
  const name = firstKey(stage);
  if (name === undefined) return '{}';
  return `{ ${keyText(name)}: ${stageArgument(name, stage[name], depth)} }`;
}

/** How the arguments of a stage are written, where it is not as an expression. */
type Writer = (value: JsonValue | undefined, depth: number) => string;

function stageArgument(name: string, value: JsonValue | undefined, depth: number): string {
  switch (name) {
    case '$match':
      return filterShape(value, depth);
    case '$sort':
      return literalText(value);
    case '$project':
      return projectionShape(value, depth);
    case '$unset':
    case '$count':
    case '$out':
      return literalText(value);
    case '$limit':
    case '$skip':
    case '$sample':
      return anyValue;
    case '$unwind':
      return named(value, depth, { path: literal, preserveNullAndEmptyArrays: literal, includeArrayIndex: literal });
    case '$lookup':
      return named(value, depth, {
        from: literal,
        localField: literal,
        foreignField: literal,
        as: literal,
        pipeline: pipelineShape,
      });
    case '$graphLookup':
      return named(value, depth, {
        from: literal,
        connectFromField: literal,
        connectToField: literal,
        as: literal,
        depthField: literal,
        restrictSearchWithMatch: filterShape,
      });
    case '$facet':
      return each(value, (inner) => pipelineShape(inner, depth + 1));
    case '$unionWith':
      return named(value, depth, { coll: literal, db: literal, pipeline: pipelineShape });
    case '$merge':
      return named(value, depth, {
        into: literal,
        on: literal,
        whenMatched: literalOrPipeline,
        whenNotMatched: literal,
      });
    case '$geoNear':
      return named(value, depth, {
        near: geometryShape,
        distanceField: literal,
        includeLocs: literal,
        key: literal,
        spherical: literal,
        query: filterShape,
      });
    case '$setWindowFields':
      return named(value, depth, { sortBy: literal });
    case '$densify':
    case '$fill':
    case '$search':
    case '$searchMeta':
      return namingShape(value, depth);
    case '$vectorSearch':
      return named(value, depth, { filter: filterShape, index: literal, path: literal, queryVector: dropped });
    case '$changeStream':
      return named(value, depth, { fullDocument: literal, fullDocumentBeforeChange: literal, resumeAfter: dropped });
    default:
      return expressionShape(value, depth);
  }
}

const literal: Writer = (value) => literalText(value);
const dropped: Writer = () => anyValue;
const literalOrPipeline: Writer = (value, depth) =>
  Array.isArray(value) ? pipelineShape(value, depth) : literalText(value);

/** Named arguments, in alphabetical order: theirs has no meaning. A lone string is the argument itself. */
function named(value: JsonValue | undefined, depth: number, writers: Readonly<Record<string, Writer>>): string {
  if (!isDocument(value) || isScalar(value)) return literalText(value);
  const known = new Map(Object.entries(writers));
  return documentText(
    Object.keys(value)
      .sort()
      .map((key) => `${keyText(key)}: ${(known.get(key) ?? expressionShape)(value[key], depth + 1)}`),
  );
}

function each(value: JsonValue | undefined, write: (inner: JsonValue | undefined) => string): string {
  if (!isDocument(value)) return anyValue;
  return documentText(
    Object.keys(value)
      .sort()
      .map((key) => `${keyText(key)}: ${write(value[key])}`),
  );
}

/** Stages that hand on what they get without asking for less of it. */
const passing = new Set([
  '$project',
  '$addFields',
  '$set',
  '$unset',
  '$sort',
  '$unwind',
  '$replaceRoot',
  '$replaceWith',
]);

/** True when nothing a collection's index could serve stands before the documents are consumed. */
export function readsEverything(pipeline: JsonValue | undefined): boolean {
  if (!Array.isArray(pipeline)) return false;
  for (const stage of pipeline) {
    if (!isDocument(stage)) return false;
    const name = firstKey(stage) ?? '';
    if (name === '$match') {
      if (filterShape(stage[name]) !== '{}') return false;
    } else if (name === '$geoNear' || name === '$search' || name === '$vectorSearch') return false;
    else if (!passing.has(name)) return true;
  }
  return true;
}

/** Pipelines that read no documents but statistics. */
export function readsNoDocuments(pipeline: JsonValue | undefined): boolean {
  const first: JsonDocument | null = Array.isArray(pipeline) && isDocument(pipeline[0]) ? pipeline[0] : null;
  const name = first ? firstKey(first) : undefined;
  return name === '$collStats' || name === '$indexStats' || name === '$currentOp' || name === '$listSessions';
}
