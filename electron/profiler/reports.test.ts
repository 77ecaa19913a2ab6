import { describe, expect, it } from 'vitest';
import type { ProfileReport } from '../../shared/profiler';
import { OperationAggregate } from './aggregate-operations';
import { LogTally } from './logs/log-tally';
import { operationsOfLogLines } from './live-sources';
import { makeReport } from './make-report';
import { escapeHtml } from '../platform/markup';
import { reportAsHtml } from './report-html';
import { reportAsMarkdown } from './report-markdown';

const evil = `<img src=x onerror="alert(1)">'\`|\`\`\u001b[31m\u202e`;

/** Hostile text wherever a database or a log can put some. */
function hostileReport(): ProfileReport {
  const line = (command: object, more: object = {}): string =>
    JSON.stringify({
      t: { $date: '2026-01-02T03:04:05.678Z' },
      s: 'I',
      c: 'COMMAND',
      id: 51803,
      ctx: evil,
      msg: 'Slow query',
      attr: {
        type: 'command',
        ns: `d.${evil}`,
        appName: evil,
        command,
        planSummary: `IXSCAN { ${evil}: 1 }`,
        remote: evil,
        durationMillis: 120,
        ...more,
      },
    });
  const tally = new LogTally();
  const aggregate = new OperationAggregate({ database: null, since: null, until: null });
  const lines = [
    line({ find: evil, filter: { [evil]: evil } }),
    line({ find: 'c', filter: {} }, { ns: 'd.c', planSummary: 'COLLSCAN' }),
    line({ find: 'c', filter: { a: 1 } }, { ns: 'd.c', planSummary: 'COLLSCAN' }),
    evil,
  ];
  for (const operation of operationsOfLogLines(lines, tally)) aggregate.add(operation);
  return makeReport({ source: evil, aggregate, tally, ignoredFiles: [], obfuscate: false });
}

describe('reports as HTML', () => {
  const html = reportAsHtml(hostileReport());

  it('are text whatever they tell of', () => {
    expect(html).not.toContain('<img');
    for (const control of ['\u001b', '\u202e']) expect(html).not.toContain(control);
    const tags = new Set([...html.matchAll(/<\/?([a-z0-9]+)/g)].map(([, name]) => name));
    expect(tags).toEqual(
      new Set([
        'html',
        'head',
        'meta',
        'title',
        'style',
        'body',
        'h1',
        'h2',
        'ul',
        'li',
        'p',
        'table',
        'thead',
        'tbody',
        'tr',
        'th',
        'td',
        'code',
        'br',
        'span',
        'details',
        'summary',
        'svg',
        'path',
      ]),
    );
    expect(escapeHtml(`&<>"'\``)).toBe('&#38;&#60;&#62;&#34;&#39;&#96;');
  });

  it('fetch and run nothing', () => {
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(html).not.toMatch(/<script|<link|<a |url\(|\ssrc="/i);
  });

  it('keep full reads apart from scans an index may help', () => {
    const [, mayHelp = '', fullReads = ''] =
      /Collection scans an index may help([\s\S]*)Full reads([\s\S]*)Collection scans of the server/.exec(html) ?? [];
    expect(mayHelp).toContain('{ filter: { a: ? } }');
    expect(mayHelp).not.toContain('{ filter: {} }');
    expect(fullReads).toContain('{ filter: {} }');
  });
});

describe('reports as Markdown', () => {
  const markdown = reportAsMarkdown(hostileReport());

  it('hold outside text in code spans only', () => {
    for (const control of ['\u001b', '\u202e']) expect(markdown).not.toContain(control);
    for (const line of markdown.split('\n').filter((each) => each.includes('<img'))) {
      // Fences longer than what they hold; what stands outside of them is ours.
      const outside = line.replace(/(?<!`)(`+)(?!`)(.*?[^`])\1(?!`)/g, '');
      expect(outside).not.toContain('<img');
    }
  });

  it('keep the columns of their tables', () => {
    const rows = markdown.split('\n').filter((line) => line.startsWith('|') && line.includes('find'));
    expect(rows.length).toBeGreaterThan(3);
    for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(13);
  });
});
