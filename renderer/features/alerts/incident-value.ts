import type { Incident } from '../../../shared/alerts';
import type { RuleEntry } from '../../../shared/incidents';
import { unitOf, valueWords } from './rule-words';

/** The newest known value with the unit of its rule; null where there is none. */
export function incidentValue({ value, ruleId }: Incident, rules: readonly RuleEntry[] | null): string | null {
  if (value === null) return null;
  const entry = rules?.find(({ rule }) => rule.id === ruleId);
  return valueWords(value, entry ? unitOf(entry.rule.condition) : null);
}
