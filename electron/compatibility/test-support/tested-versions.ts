/** The server versions that the compatibility suite runs on; `npm run test:compatibility` provides them. */
import { describe, it } from 'vitest';
import { startTestMongod, type TestMongod, type TestMongodOptions } from '../../test-support/test-mongod';

const series = ['4.2', '4.4', '5.0', '6.0', '7.0', '8.0'] as const;
export type Series = (typeof series)[number];

export interface TestedVersion {
  series: Series;
  isAtLeast(other: Series): boolean;
  start(options?: TestMongodOptions): Promise<TestMongod>;
}

function variableOf(name: Series): string {
  return `LIFEBOAT_MONGOD_${name.replace('.', '_')}`;
}

/** Series that LIFEBOAT_TEST_SERVERS asks for: a list, `sample` or, as without it, `all`. */
function chosen(): readonly Series[] {
  const wanted = process.env['LIFEBOAT_TEST_SERVERS'] ?? 'all';
  if (wanted === 'all') return series;
  return wanted === 'sample' ? ['4.4'] : series.filter((name) => wanted.split(',').includes(name));
}

/** Null where set-up could not have it. */
export function versionOf(name: Series): TestedVersion | null {
  const mongodPath = process.env[variableOf(name)];
  if (!mongodPath) return null;
  return {
    series: name,
    isAtLeast: (other) => series.indexOf(name) >= series.indexOf(other),
    start: (options) => startTestMongod({ ...options, mongodPath }),
  };
}

/** `suite` once for each version from `oldest` on; a version that is not there is a skipped test with its reason. */
export function describeVersions(oldest: Series, suite: (version: TestedVersion) => void): void {
  for (const name of chosen()) {
    if (series.indexOf(name) < series.indexOf(oldest)) continue;
    const version = versionOf(name);
    describe(`MongoDB ${name}`, () => {
      if (version) suite(version);
      else
        it('is there', (context) => {
          context.skip(`no mongod ${name} could be had for this machine: name one with ${variableOf(name)}`);
        });
    });
  }
}
