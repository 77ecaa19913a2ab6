/** What MongoDB's programs say of themselves, and which versions Lifeboat works with. */
import { compare, valid } from 'semver';
import type { ToolName } from '../../shared/toolchain';

/**
 * The oldest versions Lifeboat uses. Database tools before 100.5.0 lose documents with empty field names; servers before
 * 4.4 are past their end of life and lack what sandboxes need.
 */
export const minimumVersions: Readonly<Record<ToolName, string>> = {
  mongodump: '100.5.0',
  mongorestore: '100.5.0',
  mongod: '4.4.0',
};

const firstLines: Readonly<Record<ToolName, RegExp>> = {
  mongod: /^db version v(\S+)$/m,
  mongodump: /^mongodump version: r?(\S+)$/m,
  mongorestore: /^mongorestore version: r?(\S+)$/m,
};

/**
 * The version in the output of `<tool> --version`: `6.0.5`, `100.7.0`. Null when it is the output of something else, or
 * of a build that does not tell its version.
 */
export function parseToolVersion(name: ToolName, output: string): string | null {
  const version = firstLines[name].exec(output.replace(/\r\n/g, '\n'))?.[1];
  return version === undefined ? null : valid(version);
}

export function isTooOld(name: ToolName, version: string): boolean {
  return compare(version, minimumVersions[name]) < 0;
}
