/** A report as JSON. */
import type { ProfileReport } from '../../shared/profiler';

/** What a terminal could take for a command is written as JSON's own escapes, so that the text stays the same JSON. */
export function reportAsJson(report: ProfileReport): string {
  return JSON.stringify(report, null, 2).replace(
    /(?![\n])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
