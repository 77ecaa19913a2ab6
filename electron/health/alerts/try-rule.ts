/** How often a rule would have fired in the past. Pure. */
import type { AlertRule, RuleTrial } from '../../../shared/alerts';
import type { HistorySeries } from '../../../shared/health-history';
import { healthStates, type MetricName } from '../../../shared/health';
import { breaksLimit, isWellWithin } from './conditions';
import { advance, untroubled } from './tracker';

/** The metric to read from the history; null for rules whose past is not kept. */
export function metricOfRule({ condition }: AlertRule): MetricName | null {
  switch (condition.kind) {
    case 'metric':
      return condition.metric;
    case 'member-down':
    case 'member-state':
      return 'state';
    case 'no-primary':
    case 'fact':
      return null;
  }
}

const healthyNumbers = new Set(
  (['PRIMARY', 'SECONDARY', 'ARBITER', 'STANDALONE', 'MONGOS'] as const).map((state) => healthStates.indexOf(state)),
);

function seenAt({ condition }: AlertRule, least: number | null, greatest: number | null) {
  if (condition.kind === 'member-down') return { breaks: least === null, isWell: least !== null };
  if (least === null || greatest === null) return { breaks: null, isWell: null };
  if (condition.kind === 'metric') {
    const worst = condition.when === 'above' ? greatest : least;
    return { breaks: breaksLimit(condition, worst), isWell: isWellWithin(condition, worst) };
  }
  const isWell = healthyNumbers.has(greatest);
  return { breaks: !isWell, isWell };
}

/** `history`: the rule's metric over the time in question; by its coarsest steps where it is long. */
export function tryRule(rule: AlertRule, history: HistorySeries): RuleTrial {
  const firings: RuleTrial['firings'] = [];
  for (const line of history.series) {
    if (rule.scope.hosts && !rule.scope.hosts.includes(line.host)) continue;
    let tracker = untroubled;
    let open: RuleTrial['firings'][number] | null = null;
    let previousAt: number | null = null;
    for (const [index, at] of line.at.entries()) {
      // What was not sampled is not known to have lasted.
      if (previousAt !== null && at - previousAt > 3 * history.stepMs && tracker.phase === 'pending')
        tracker = untroubled;
      previousAt = at;
      const least = line.min[index] ?? null;
      const greatest = line.max[index] ?? null;
      tracker = advance(tracker, rule, seenAt(rule, least, greatest), at);
      if (tracker.phase === 'firing' && !open) {
        open = { host: line.host, firedAt: at, clearedAt: null, worst: null };
        firings.push(open);
      }
      if (open && rule.condition.kind === 'metric') {
        const { when } = rule.condition;
        const value = when === 'above' ? greatest : least;
        if (value !== null)
          open.worst =
            open.worst === null ? value : when === 'above' ? Math.max(open.worst, value) : Math.min(open.worst, value);
      }
      if (tracker.phase !== 'firing' && open) {
        open.clearedAt = at;
        open = null;
      }
    }
  }
  return { from: history.from, to: history.to, firings: firings.sort((a, b) => a.firedAt - b.firedAt) };
}
