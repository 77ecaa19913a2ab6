/** A silence while it is being entered. Pure. */
import type { Incident, Silence } from '../../../shared/alerts';

export type SilenceScope = 'alert' | 'member' | 'deployment';

/** What a silence may be about: an incident, or a deployment before anything happens to it. */
export type SilenceSubject = Pick<Incident, 'connectionId' | 'host'> & { group: string | null; name: string | null };

export const silencePresets = [
  { value: '30', label: '30 minutes' },
  { value: '60', label: '1 hour' },
  { value: '240', label: '4 hours' },
  { value: '1440', label: '24 hours' },
  { value: '10080', label: '7 days' },
  { value: 'date', label: 'Until…' },
] as const;
export type SilencePreset = (typeof silencePresets)[number]['value'];

/** The narrowest first. */
export function scopesOf({ group, host }: SilenceSubject): SilenceScope[] {
  return [
    ...(group === null ? [] : (['alert'] as const)),
    ...(host === null ? [] : (['member'] as const)),
    'deployment',
  ];
}

/** What the silence keeps quiet; null means every one. */
export function silencedBy(
  scope: SilenceScope,
  { group, connectionId, host }: SilenceSubject,
): Pick<Silence, 'group' | 'connectionId' | 'host'> {
  switch (scope) {
    case 'alert':
      return { group, connectionId, host };
    case 'member':
      return { group: null, connectionId, host };
    case 'deployment':
      return { group: null, connectionId, host: null };
  }
}

/** Milliseconds since 1970; null where no time can be read. `date` as a local date and time: `2026-11-22T08:00`. */
export function untilOf(preset: SilencePreset, date: string, now: number): number | null {
  if (preset !== 'date') return now + Number(preset) * 60_000;
  const time = new Date(date).getTime();
  return Number.isNaN(time) ? null : time;
}

export interface SilenceProblems {
  reason?: string;
  until?: string;
}

export function silenceProblems(reason: string, until: number | null, now: number): SilenceProblems {
  return {
    ...(reason.trim() === '' ? { reason: 'Say why: whoever looks next wants to know' } : {}),
    ...(until === null
      ? { until: 'Choose a date and a time' }
      : until <= now
        ? { until: 'Choose a time to come' }
        : {}),
  };
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Tomorrow at eight, as a field for date and time takes it. */
export function tomorrowMorning(now: Date): string {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}T08:00`;
}
