/** What Lifeboat can do with a server of a version, in words. Pure. */

/** The oldest series that Lifeboat restores to. */
export const oldestSupported = '4.4';
/** The newest whose manual and sources were read. */
const newestKnown = '8.0';

export interface ServerSupport {
  /** `full`; `partial` for older servers, to which nothing is restored; `unknown` for newer ones. */
  level: 'full' | 'partial' | 'unknown';
  /** Null when there is nothing to say. */
  warning: string | null;
  hint: string | null;
}

const full: ServerSupport = { level: 'full', warning: null, hint: null };

function seriesOf(version: string): [major: number, minor: number] | null {
  const found = /^(\d+)\.(\d+)/.exec(version);
  return found ? [Number(found[1]), Number(found[2])] : null;
}

function compareSeries([major, minor]: [number, number], series: string): number {
  const other = seriesOf(series) ?? [0, 0];
  return major - other[0] || minor - other[1];
}

/** `version` as buildInfo tells it. What is no version counts as supported: there is nothing to say of it. */
export function serverSupport(version: string): ServerSupport {
  const series = seriesOf(version);
  if (series === null) return full;
  if (compareSeries(series, oldestSupported) < 0)
    return {
      level: 'partial',
      warning:
        `MongoDB ${version} is older than ${oldestSupported} and supported in part: ` +
        'it is backed up, compared (always as a whole, never by the oplog) and watched, but nothing is restored to it.',
      hint: `Restore its backups to ${oldestSupported} or newer, and upgrade it.`,
    };
  if (compareSeries(series, newestKnown) > 0)
    return {
      level: 'unknown',
      warning: `MongoDB ${version} is newer than ${newestKnown}, the newest that this Lifeboat knows.`,
      hint: 'Try a backup and a restore into a sandbox first, and look for a newer Lifeboat.',
    };
  return full;
}
