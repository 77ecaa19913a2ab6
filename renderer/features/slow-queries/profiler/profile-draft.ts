/** What the profile dialog holds, and the request it makes. Pure. */
import type { ProfilingLevel, ProfilingRequest, ProfilingStatus, TimeBox } from '../../../../shared/profiling';
import { formatLocal } from '../../../components/dates';

export interface ProfileDraft {
  /** Empty: all that can be chosen. */
  databases: string[];
  /** Empty: every member that holds data. */
  hosts: string[];
  level: ProfilingLevel;
  slowms: number | string;
  /** Percent of the slow operations. */
  samplePercent: number | string;
  filter: string;
  minutes: number | string;
}

export function newProfileDraft(): ProfileDraft {
  return { databases: [], hosts: [], level: 1, slowms: 100, samplePercent: 100, filter: '', minutes: 10 };
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

export interface DraftProblems {
  slowms?: string;
  samplePercent?: string;
  filter?: string;
  minutes?: string;
}

export function problemsOfDraft({ slowms, samplePercent, filter, minutes }: ProfileDraft): DraftProblems {
  return {
    ...(typeof slowms === 'number' && slowms >= 0 ? {} : { slowms: 'A number of milliseconds' }),
    ...(typeof samplePercent === 'number' && samplePercent > 0 && samplePercent <= 100
      ? {}
      : { samplePercent: 'More than 0, at most 100' }),
    ...(filter.trim() === '' || isJsonObject(filter) ? {} : { filter: 'A document in Extended JSON' }),
    ...(typeof minutes === 'number' && minutes > 0 && minutes <= 24 * 60
      ? {}
      : { minutes: 'More than 0, at most 1,440' }),
  };
}

/** Null while something in the draft is wrong. */
export function requestOfDraft(draft: ProfileDraft, connectionId: string): ProfilingRequest | null {
  const { slowms, samplePercent, minutes } = draft;
  if (Object.keys(problemsOfDraft(draft)).length > 0) return null;
  if (typeof slowms !== 'number' || typeof samplePercent !== 'number' || typeof minutes !== 'number') return null;
  return {
    connectionId,
    hosts: draft.hosts.length === 0 ? null : draft.hosts,
    databases: draft.databases.length === 0 ? null : draft.databases,
    level: draft.level,
    slowms: Math.round(slowms),
    sampleRate: samplePercent / 100,
    filter: draft.filter.trim() === '' ? null : draft.filter.trim(),
    minutes,
  };
}

export interface ProfilerSentence {
  state: 'off' | 'on' | 'waiting';
  text: string;
  /** What can be stopped. */
  box: TimeBox | null;
}

/** "Profiler on until 10:12 (level 1, ≥ 100 ms)"; of several time-boxes the one that ends last. */
export function profilerSentence(status: ProfilingStatus): ProfilerSentence {
  const open = status.boxes.filter(({ endedAt }) => endedAt === null);
  const waiting = open.find((box) => box.status === 'waiting');
  if (waiting) {
    const hosts = [...new Set(waiting.databases.filter(({ state }) => state === 'waiting').map(({ host }) => host))];
    const text = `Profiler not put back yet on ${hosts.join(', ') || 'some members'}: tried again until they answer`;
    return { state: 'waiting', text, box: waiting };
  }
  const [box] = [...open].sort((left, right) => right.until.localeCompare(left.until));
  if (box) {
    const levels = [...new Set(box.databases.map(({ set }) => set.level))].sort();
    const [filtered] = box.databases.filter(({ set }) => set.filter !== null);
    const until = new Date(box.until);
    const isToday = until.toDateString() === new Date().toDateString();
    const when = formatLocal(until);
    const limit = filtered ? 'filtered' : `≥ ${box.slowms} ms`;
    const share = box.sampleRate < 1 && !filtered ? `, ${Math.round(box.sampleRate * 100)} % of them` : '';
    const without = box.leftOut.length > 0 ? `, without ${box.leftOut.map(({ host }) => host).join(', ')}` : '';
    const text = `Profiler on until ${isToday ? when.slice(11) : when} (level ${levels.join(' and ')}, ${limit}${share})${without}`;
    return { state: 'on', text, box };
  }
  const left = status.members.flatMap(({ databases }) => databases).filter(({ level }) => level > 0);
  if (left.length > 0) {
    const names = [...new Set(left.map(({ name }) => name))];
    return { state: 'on', text: `Profiler on without an end on ${names.join(', ')}: not by Lifeboat`, box: null };
  }
  return { state: 'off', text: 'Profiler off', box: null };
}
