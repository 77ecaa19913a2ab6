/** The axis of values: round numbers of a unit from nothing to beyond the highest. Pure. */
import type { MetricUnit } from '../../../shared/health';
import { formatMetricValue } from '../metric-text';

export interface ValueAxis {
  /** What the axis ends at. */
  top: number;
  ticks: readonly number[];
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const longSteps = [
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  30 * minute,
  hour,
  2 * hour,
  6 * hour,
  12 * hour,
  day,
  2 * day,
  5 * day,
  10 * day,
  30 * day,
  100 * day,
];

function decimalStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.9999) ?? 10) * power;
}

function binaryStep(rough: number): number {
  return Math.max(1, 2 ** Math.ceil(Math.log2(rough) - 0.0001));
}

/** `second`: how many of the unit a second is. */
function durationStep(rough: number, second: number): number {
  const seconds = rough / second;
  if (seconds <= 30) return decimalStep(seconds) * second;
  return (longSteps.find((step) => step >= seconds) ?? Math.ceil(seconds / (100 * day)) * 100 * day) * second;
}

function stepOf(rough: number, unit: MetricUnit): number {
  switch (unit) {
    case 'bytes':
    case 'bytes per second':
    case 'bytes per hour':
      return binaryStep(rough);
    case 'seconds':
      return durationStep(rough, 1);
    case 'milliseconds':
      return durationStep(rough, 1000);
    case 'hours':
      return durationStep(rough, 1 / 3600);
    case 'count':
    case 'percent':
    case 'per second':
      return decimalStep(rough);
  }
}

/** Where nothing is known or all is zero: still an axis with its unit. */
const leastTop: Readonly<Record<MetricUnit, number>> = {
  count: 4,
  percent: 4,
  seconds: 0.1,
  milliseconds: 1,
  hours: 1,
  bytes: 1024,
  'per second': 1,
  'bytes per second': 1024,
  'bytes per hour': 1024,
};

/** `highest`: of what is to be shown, thresholds included; null where nothing is known. Percents beyond half show the whole. */
export function valueAxis(highest: number | null, unit: MetricUnit): ValueAxis {
  if (unit === 'percent' && highest !== null && highest > 50 && highest <= 100)
    return { top: 100, ticks: [0, 50, 100] };
  const high = Math.max(highest ?? 0, leastTop[unit]);
  const step = stepOf(high / 3, unit);
  const count = Math.ceil((high / step) * 0.9999);
  return { top: count * step, ticks: Array.from({ length: count + 1 }, (_, index) => index * step) };
}

/** Round values need no digits behind the point: `1 GiB`, `31 h`. */
export function tickText(value: number, unit: MetricUnit): string {
  return formatMetricValue(value, unit)
    .replace(/(\.\d*?)0+(?=\D|$)/, '$1')
    .replace(/\.(?=\D|$)/, '')
    .replace(/(min|h|d) 0+ (s|min|h)$/, '$1');
}
