/** The text format of Prometheus, version 0.0.4, as its documentation words it; nothing more lenient. */
import { expect, it } from 'vitest';
import { noMetrics } from '../../shared/health';
import { memberSample } from '../../shared/test-support/samples';
import type { Figures } from './gather';
import { createFiguresRegistry } from './prometheus-text';

interface Family {
  type: string;
  /** Name with its labels, sorted. */
  series: string[];
}

const help = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\\n]|\\\\|\\n)+)$/;
const type = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$/;
const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.+)\})? (NaN|[+-]Inf|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,|$)/y;

function labelsOf(text: string): string[] {
  const found: string[] = [];
  label.lastIndex = 0;
  while (label.lastIndex < text.length) {
    const at = label.lastIndex;
    const match = label.exec(text);
    if (!match) throw new Error(`No label at ${at} of ${text}`);
    found.push(`${match[1] ?? ''}="${match[2] ?? ''}"`);
  }
  const names = found.map((each) => each.slice(0, each.indexOf('=')));
  if (new Set(names).size !== names.length) throw new Error(`A label twice: ${text}`);
  return found.sort();
}

/** Throws saying which line is not allowed, and why. */
function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('The last line does not end.');
  const families = new Map<string, Family>();
  let helped = '';
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [helpLine, typeLine, sampleLine] = [help.exec(line), type.exec(line), sample.exec(line)];
    if (line === '') continue;
    if (helpLine) helped = helpLine[1] ?? '';
    else if (typeLine) {
      const name = typeLine[1] ?? '';
      if (name !== helped || families.has(name)) throw new Error(`Out of its place or twice: ${line}`);
      current = name;
      families.set(name, { type: typeLine[2] ?? '', series: [] });
    } else if (sampleLine) {
      const [, name = '', labels = ''] = sampleLine;
      const family = families.get(name);
      if (!family || name !== current) throw new Error(`Not among its family: ${line}`);
      const series = `${name}{${labelsOf(labels).join()}}`;
      if (family.series.includes(series)) throw new Error(`Twice: ${line}`);
      family.series.push(series);
    } else throw new Error(`Neither help, type nor sample: ${line}`);
  }
  return families;
}

const awkward = 'shop "prod"\n\\ { } , = ü';

function figuresOf(names: readonly string[]): Figures {
  return {
    version: '1.2.3"',
    at: 1e12,
    stores: [],
    deployments: names.map((name, index) => ({
      name,
      environment: 'production',
      sample: {
        connectionId: `c${index}`,
        at: 1e12,
        topology: 'replica set',
        sets: [
          {
            name: 'rs',
            shard: null,
            primary: 'a:1',
            term: 1,
            members: ['a:1', '[::1]:2'].map((host) =>
              memberSample(host, {
                state: host === 'a:1' ? 'PRIMARY' : 'SECONDARY',
                metrics: { ...noMetrics, lagSeconds: 1e-9, connections: 1e21, roundTripMs: 0 },
              }),
            ),
          },
        ],
        singles: [],
        problem: null,
      },
      alerts: [],
      backups: {
        newest: null,
        verified: [],
        byStatus: [],
        lastAttemptFailed: null,
        successRatio: null,
      },
    })),
  };
}

it('is the exposition format by its grammar, whatever names hold and however small or large numbers are', async () => {
  const families = parseExposition(await createFiguresRegistry(figuresOf(['plain', awkward])).metrics());
  expect(families.get('lifeboat_member_up')?.series).toHaveLength(4);
  for (const [name, { type: kind }] of families) {
    expect(name).toMatch(/^lifeboat_[a-z0-9_]+$/);
    expect(kind).toBe('gauge');
    // Only counters are totals.
    expect(name).not.toMatch(/_(?:total|count|sum|bucket)$/);
  }
});

it('is a grammar that refuses what is wrong', () => {
  const begin = '# HELP a x\n# TYPE a gauge\n';
  for (const wrong of [
    'a 1\n',
    `${begin}a 1`,
    `${begin}a{b="1",b="2"} 1\n`,
    `${begin}a{b="\\x"} 1\n`,
    `${begin}a one\n`,
    `${begin}a{b="1"} 1\na{b="1"} 2\n`,
    `${begin}# HELP c y\n# TYPE c gauge\nc 1\na 1\n`,
  ])
    expect(() => parseExposition(wrong), wrong).toThrow();
});
