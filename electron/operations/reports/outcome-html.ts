/** What became of an operation as one HTML file without scripts or anything fetched. */
import { failoverTimeline } from '../../../shared/failover-timeline';
import type { FailoverReport, OperationOutcome } from '../../../shared/operations';
import { htmlPage } from '../../platform/html-page';
import { escapeHtml } from '../../platform/markup';
import { outcomeSections, type ReportTable } from './outcome-sections';

const style = `
:root { color-scheme: light dark; --line: #8884; --soft: #626262; --good: #17733e; --bad: #b93028; }
@media (prefers-color-scheme: dark) { :root { --soft: #a3a3a3; --good: #58c48a; --bad: #f0857c; } }
body { font: 13px/1.5 system-ui, sans-serif; margin: 24px auto; max-width: 800px; padding: 0 16px; }
h1 { font-size: 20px; } h2 { font-size: 16px; margin-top: 32px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 24px; } dt { color: var(--soft); } dd { margin: 0; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 4px 8px; border-bottom: 1px solid var(--line); }
td { overflow-wrap: anywhere; } dd { overflow-wrap: anywhere; } td.short { white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); }
svg { display: block; width: 100%; height: auto; font: 11px system-ui, sans-serif; }
svg text { fill: currentColor; } svg .has { fill: var(--good); opacity: .25; } svg .lacks { fill: var(--bad); opacity: .8; }
svg line { stroke: currentColor; }
@media print { :root { color-scheme: light; --soft: #626262; --good: #17733e; --bad: #b93028; } body { margin: 0; max-width: none; } }
h2 { break-after: avoid; } tr, dl > *, svg { break-inside: avoid; }
`;

export function outcomeAsHtml(outcome: OperationOutcome): string {
  const { title, verdict, good, sentences, facts, tables } = outcomeSections(outcome);
  return htmlPage({
    title,
    style,
    body: [
      `<h1>${escapeHtml(title)}</h1>`,
      `<p><strong class="${good ? 'good' : 'bad'}">${verdict}.</strong> ${sentences.map(escapeHtml).join(' ')}</p>`,
      ...(outcome.failover ? [timelineSvg(outcome.failover)] : []),
      `<dl>${facts.map(({ term, value }) => `<dt>${term}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>`,
      ...tables.map(tableHtml),
    ],
  });
}

function tableHtml({ title, head, rows }: ReportTable): string {
  // A time or a word is not broken in the middle.
  const isShort = (text: string): boolean => text.length <= 12;
  const heads = head.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join('');
  const cells = (texts: readonly string[]): string =>
    texts.map((text) => `<td${isShort(text) ? ' class="short"' : ''}>${escapeHtml(text)}</td>`).join('');
  return [
    `<h2>${escapeHtml(title)}</h2>`,
    `<table><thead><tr>${heads}</tr></thead><tbody>`,
    ...rows.map((row) => `<tr>${cells(row)}</tr>`),
    '</tbody></table>',
  ].join('\n');
}

const width = 800;
const left = 72;
const right = 150;
const laneHeight = 28;

/** The lanes of the course; what was missing is dark, and named beside its lane. */
function timelineSvg(report: FailoverReport): string {
  const { fromMs, toMs, ticks, lanes } = failoverTimeline(report);
  const place = (atMs: number): string =>
    (left + ((atMs - fromMs) / (toMs - fromMs)) * (width - left - right)).toFixed(1);
  const bottom = lanes.length * laneHeight;
  const drawn = lanes.flatMap(({ name, value, parts }, position) => {
    const top = position * laneHeight;
    return [
      `<text x="0" y="${top + 18}">${name}</text>`,
      `<text x="${width - right + 12}" y="${top + 18}">${escapeHtml(value)}</text>`,
      ...parts.map((part) => {
        const length = (Number(place(part.toMs)) - Number(place(part.fromMs))).toFixed(1);
        const kind = part.kind === 'good' ? 'has' : 'lacks';
        return `<rect class="${kind}" x="${place(part.fromMs)}" y="${top + 4}" width="${length}" height="20"><title>${escapeHtml(part.text)}</title></rect>`;
      }),
    ];
  });
  const axis = ticks.map(
    (tick) =>
      `<text text-anchor="middle" x="${place(tick)}" y="${bottom + 16}">${tick === 0 ? 'step-down' : `${tick / 1000} s`}</text>`,
  );
  const described = lanes.map(({ name, value }) => `${name}: ${value}`).join('; ');
  return [
    `<svg viewBox="0 0 ${width} ${bottom + 24}" role="img" aria-label="${escapeHtml(`Course of the test. ${described}`)}">`,
    ...drawn,
    `<line x1="${place(0)}" x2="${place(0)}" y1="0" y2="${bottom}"/>`,
    ...axis,
    '</svg>',
  ].join('\n');
}
