/** The course of a failover test as lanes over one time axis, for the window's drawing and the report's. Pure. */
import { formatDuration } from './format';
import type { FailoverReport } from './operations';

export interface LanePart {
  fromMs: number;
  toMs: number;
  kind: 'good' | 'bad';
  text: string;
}

export interface Lane {
  name: string;
  /** What is to be read off it, in words: "2.31 s without". */
  value: string;
  /** Without gaps, from the beginning of the axis to its end. */
  parts: LanePart[];
}

export interface FailoverTimeline {
  /** The axis in milliseconds from the step-down on; it begins before it. */
  fromMs: number;
  toMs: number;
  /** Round times on the axis, of which one is 0. */
  ticks: number[];
  lanes: Lane[];
}

/** `2.31 s`, from ten seconds on `12.4 s`, from a minute on `1 min 12 s`. */
export function formatOutage(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds >= 59.95) return formatDuration(seconds);
  return `${seconds.toFixed(seconds < 9.995 ? 2 : 1)} s`;
}

export function failoverTimeline(report: FailoverReport): FailoverTimeline {
  const { electionMs, allHealthyMs, writeOutageFromMs, writeOutageMs, readOutageFromMs, readOutageMs, events } = report;
  const times = [
    0,
    electionMs ?? 0,
    allHealthyMs ?? 0,
    ...outage(writeOutageFromMs, writeOutageMs),
    ...outage(readOutageFromMs, readOutageMs),
    ...events.map(({ atMs }) => atMs),
  ];
  const last = Math.max(1000, ...times);
  const fromMs = Math.min(0, ...times) - last * 0.04;
  const toMs = last * 1.04;
  const split = (from: number | null, lengthMs: number | null, good: string, bad: string, after = good): LanePart[] => {
    if (from === null) return [{ fromMs, toMs, kind: 'good', text: good }];
    const end = lengthMs === null ? toMs : from + lengthMs;
    const parts: LanePart[] = [
      { fromMs, toMs: from, kind: 'good', text: good },
      { fromMs: from, toMs: end, kind: 'bad', text: bad },
      { fromMs: end, toMs, kind: 'good', text: after },
    ];
    return parts.filter((part) => part.toMs > part.fromMs);
  };
  return {
    fromMs,
    toMs,
    ticks: ticksOf(fromMs, toMs),
    lanes: [
      {
        name: 'Primary',
        value: electionMs === null ? 'none was elected' : `elected after ${formatOutage(electionMs)}`,
        parts: split(0, electionMs, report.formerPrimary, 'none', report.newPrimary ?? 'none'),
      },
      {
        name: 'Writes',
        value: writeOutageFromMs === null ? 'always' : `${formatOutage(writeOutageMs)} without`,
        parts: split(writeOutageFromMs, writeOutageMs, 'acknowledged', 'none'),
      },
      {
        name: 'Reads',
        value: readOutageFromMs === null ? 'always' : `${formatOutage(readOutageMs)} without`,
        parts: split(readOutageFromMs, readOutageMs, 'answered', 'none'),
      },
      {
        name: 'Members',
        value: allHealthyMs === null ? 'not all healthy' : `healthy after ${formatOutage(allHealthyMs)}`,
        parts: split(0, allHealthyMs, 'all healthy', 'not all healthy'),
      },
    ],
  };
}

function outage(fromMs: number | null, lengthMs: number): number[] {
  return fromMs === null ? [] : [fromMs, fromMs + lengthMs];
}

/** At most about eight, of 1, 2 or 5 times a power of ten. */
function ticksOf(fromMs: number, toMs: number): number[] {
  const rough = (toMs - fromMs) / 8;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(fromMs / step);
  const count = Math.floor(toMs / step) - first + 1;
  // Adding 0 makes a 0 of -0.
  return Array.from({ length: count }, (_, position) => (first + position) * step + 0);
}

/** Why a test did not pass, one sentence each; empty when it did. */
export function failoverFaults(report: FailoverReport): string[] {
  if (report.passed) return [];
  const limit = formatOutage(report.limitMs);
  const faults: string[] = [];
  if (report.newPrimary === null) faults.push('No new primary was elected while the test watched.');
  if (report.writeOutageMs >= report.limitMs) {
    faults.push(`No write was acknowledged for ${formatOutage(report.writeOutageMs)}; ${limit} are allowed.`);
  }
  if (report.readOutageMs >= report.limitMs) {
    faults.push(`No read was answered for ${formatOutage(report.readOutageMs)}; ${limit} are allowed.`);
  }
  if (report.writesLost === null) faults.push('Whether acknowledged writes were lost could not be looked up.');
  else if (report.writesLost > 0) {
    faults.push(`${report.writesLost} acknowledged ${report.writesLost === 1 ? 'write was' : 'writes were'} lost.`);
  }
  return faults;
}
