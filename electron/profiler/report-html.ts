/** A report as one HTML file without scripts, links or anything fetched. Everything from outside is escaped text. */
import { formatCount } from '../../shared/format';
import type { ProfileReport, ShapeReport, TimeSeriesReport } from '../../shared/profiler';
import { htmlPage } from '../platform/html-page';
import { escapeHtml } from '../platform/markup';
import { formatMilliseconds, planText, reportSections, summaryLines, type ReportSection } from './report-sections';

const style = `
:root { color-scheme: light dark; --line: #8884; --soft: #888; }
body { font: 13px/1.5 system-ui, sans-serif; margin: 24px auto; max-width: 1400px; padding: 0 16px; }
h1 { font-size: 20px; } h2 { font-size: 16px; margin-top: 32px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 4px 8px; border-bottom: 1px solid var(--line); }
th { position: sticky; top: 0; background: Canvas; } .number { text-align: right; white-space: nowrap; }
code { font: 12px ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
.soft { color: var(--soft); } svg { display: block; width: 120px; height: 24px; } svg path { fill: currentColor; opacity: .6; }
`;

export function reportAsHtml(report: ProfileReport): string {
  const title = `Slow operations of ${report.source}`;
  return htmlPage({
    title,
    style,
    body: [
      `<h1>${escapeHtml(title)}</h1>`,
      `<ul>${summaryLines(report)
        .map((line) => `<li>${escapeHtml(line)}</li>`)
        .join('')}</ul>`,
      ...reportSections(report).map(sectionHtml),
      unreadableHtml(report),
    ],
  });
}

function sectionHtml({ title, lead, shapes }: ReportSection): string {
  const head = `<h2>${escapeHtml(title)}</h2>`;
  if (shapes.length === 0) return `${head}<p class="soft">None.</p>`;
  const header = row('th', [
    ['namespace, operation, shape'],
    ['count', true],
    ['total ms', true],
    ['mean', true],
    ['p95', true],
    ['p99', true],
    ['max', true],
    ['examined', true],
    ['keys', true],
    ['returned', true],
    ['plans, apps'],
    ['over time'],
  ]);
  return [
    head,
    `<p class="soft">${escapeHtml(lead)}</p>`,
    `<table><thead>${header}</thead><tbody>`,
    ...shapes.map(shapeRow),
    '</tbody></table>',
  ].join('\n');
}

type Cell = [html: string, number?: boolean];

function row(tag: 'th' | 'td', cells: readonly Cell[]): string {
  const inner = cells.map(([html, number]) => `<${tag}${number ? ' class="number"' : ''}>${html}</${tag}>`);
  return `<tr>${inner.join('')}</tr>`;
}

function shapeRow(shape: ShapeReport): string {
  const apps = shape.apps.map(({ app }) => app).join(', ');
  const what =
    `<code>${escapeHtml(shape.ns)}</code> ${escapeHtml(shape.op)} <span class="soft">${escapeHtml(shape.id)}</span><br>` +
    `<code>${escapeHtml(shape.shape)}</code>${exampleHtml(shape)}`;
  return row('td', [
    [what],
    [formatCount(shape.count), true],
    [formatMilliseconds(shape.totalMs), true],
    [formatMilliseconds(shape.meanMs), true],
    [formatMilliseconds(shape.p95Ms), true],
    [formatMilliseconds(shape.p99Ms), true],
    [formatMilliseconds(shape.maxMs), true],
    [formatCount(shape.docsExamined), true],
    [formatCount(shape.keysExamined), true],
    [formatCount(shape.returned), true],
    [`${escapeHtml(planText(shape))}<br><span class="soft">${escapeHtml(apps)}</span>`],
    [sparkline(shape.series)],
  ]);
}

function exampleHtml({ example }: ShapeReport): string {
  if (example.command === null) return '';
  const head = `slowest: ${formatMilliseconds(example.durationMs)} ms at ${example.time}`;
  return `<details><summary class="soft">${escapeHtml(head)}</summary><code>${escapeHtml(example.command)}</code></details>`;
}

/** Bars of total time; their numbers are our own. */
function sparkline({ buckets, minutes }: TimeSeriesReport): string {
  const first = Date.parse(buckets[0]?.time ?? '');
  const last = Date.parse(buckets[buckets.length - 1]?.time ?? '');
  const most = Math.max(1, ...buckets.map(({ totalMs }) => totalMs));
  const slots = Math.max(1, (last - first) / (minutes * 60_000) + 1);
  const bars = buckets.map(({ time, totalMs }) => {
    const left = (((Date.parse(time) - first) / (minutes * 60_000)) * 120) / slots;
    const height = Math.max(1, (totalMs / most) * 24);
    return `M${left.toFixed(1)} 24v-${height.toFixed(1)}h${Math.max(0.5, 120 / slots).toFixed(1)}v${height.toFixed(1)}z`;
  });
  return `<svg viewBox="0 0 120 24" role="img" aria-label="total time over time"><path d="${bars.join('')}"/></svg>`;
}

function unreadableHtml({ log }: ProfileReport): string {
  if (!log || log.unreadableLines.length === 0) return '';
  const rows = log.unreadableLines.map(({ file, line, kind, text }) =>
    row('td', [
      [`<code>${escapeHtml(file)}</code>`],
      [formatCount(line), true],
      [escapeHtml(kind)],
      [`<code>${escapeHtml(text)}</code>`],
    ]),
  );
  const header = row('th', [['file'], ['line', true], ['why'], ['beginning']]);
  return `<h2>Lines that could not be read</h2><table><thead>${header}</thead><tbody>${rows.join('\n')}</tbody></table>`;
}
