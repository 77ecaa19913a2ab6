/** The shape of what an update does: its operators and fields, without the values. */
import type { JsonDocument, JsonValue } from '../../../shared/profiler';
import { filterShape } from './filter-shape';
import { pipelineShape } from './pipeline-shape';
import { anyValue, arrayText, documentText, firstKey, isDocument, isScalar, keyText, literalText } from './values';

/** Operators with sorted fields, a pipeline, or `?` for a whole replacing document. */
export function updateShape(update: JsonValue | undefined): string {
  if (Array.isArray(update)) return pipelineShape(update);
  if (!isDocument(update) || !firstKey(update)?.startsWith('$')) return anyValue;
  const entries = Object.keys(update).map((name) => `${keyText(name)}: ${operatorText(name, update[name])}`);
  return documentText(entries.sort());
}

function operatorText(name: string, value: JsonValue | undefined): string {
  if (!isDocument(value) || isScalar(value)) return anyValue;
  const fields = Object.keys(value).map((field) => `${keyText(field)}: ${fieldText(name, value[field])}`);
  return documentText(fields.sort());
}

function fieldText(operator: string, value: JsonValue | undefined): string {
  if (operator === '$pull') return pullText(value);
  if (operator === '$push' || operator === '$addToSet') return modifiersText(value);
  return anyValue;
}

function pullText(value: JsonValue | undefined): string {
  return isDocument(value) && !isScalar(value) ? filterShape(value) : anyValue;
}

function modifiersText(value: JsonValue | undefined): string {
  if (!isDocument(value) || value['$each'] === undefined) return anyValue;
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${keyText(key)}: ${key === '$each' ? '[?]' : key === '$sort' ? literalText(value[key]) : anyValue}`);
  return documentText(entries);
}

/** Conditions on array members, sorted: each names its own identifier. */
export function arrayFiltersShape(filters: JsonValue | undefined): string {
  if (!Array.isArray(filters)) return anyValue;
  const members = filters.filter((member): member is JsonDocument => isDocument(member));
  return arrayText(members.map((member) => filterShape(member)).sort());
}
