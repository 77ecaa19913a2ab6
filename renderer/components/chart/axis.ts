/** Where the lines of a chart's axes stand, and what is written beside them. Pure. */
import { formatDuration } from '../../../shared/format';

export interface Tick {
  value: number;
  label: string;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const timeSteps = [
  second,
  2 * second,
  5 * second,
  10 * second,
  30 * second,
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
  7 * day,
  14 * day,
  30 * day,
  90 * day,
  365 * day,
];

const two = (value: number) => String(value).padStart(2, '0');

function timeLabel(time: number, step: number): string {
  const date = new Date(time);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (step < minute) return `${clock}:${two(date.getSeconds())}`;
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  if (step < day && !isMidnight) return clock;
  return `${date.getFullYear() === new Date().getFullYear() ? '' : `${date.getFullYear()}-`}${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Round local times within `[from, to]`, about `wanted` of them. Milliseconds since 1970. */
export function timeTicks(from: number, to: number, wanted: number): Tick[] {
  const span = to - from;
  if (!(span > 0) || wanted < 1) return [];
  const step = timeSteps.find((candidate) => span / candidate <= wanted) ?? Math.ceil(span / wanted / day) * day;
  // Steps of hours and days stand at round local times.
  const offset = new Date(from).getTimezoneOffset() * minute;
  const ticks: Tick[] = [];
  for (let value = Math.ceil((from - offset) / step) * step + offset; value <= to; value += step)
    ticks.push({ value, label: timeLabel(value, step) });
  return ticks;
}

/** 1, 3, 10, 30, … milliseconds within `[low, high]`: for a logarithmic axis. */
export function durationTicks(low: number, high: number): Tick[] {
  const ticks: Tick[] = [];
  for (let power = 0; power < 10; power += 1) {
    for (const factor of [1, 3]) {
      const value = factor * 10 ** power;
      if (value >= low && value <= high) ticks.push({ value, label: roundDuration(value) });
    }
  }
  return ticks;
}

function roundDuration(ms: number): string {
  if (ms < second) return `${ms} ms`;
  if (ms < 100 * second) return `${ms / second} s`;
  return formatDuration(ms / second);
}

/** 0 and round numbers up to `high`, about `wanted` of them; `least` is the smallest step that makes sense. */
export function linearTicks(high: number, wanted: number, least = 0): number[] {
  if (!(high > 0)) return [0];
  const rough = high / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(least, ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power);
  const ticks: number[] = [];
  for (let index = 0; index * step <= high * 1.0001; index += 1) ticks.push(index * step);
  return ticks;
}
