import { changedLeaves } from '../../diff/document-diff';
import { htmlHead } from '../../platform/html-page';
import type { FieldDiffRow, IndexChange, NamespaceDiff, Problem, TypedValue } from '../../../shared/diff';
import { formatCount, formatQuantity, maskControlCharacters } from '../../../shared/format';
import { problemsOf, type Preview } from '../../../shared/restore';
import { reportStyle } from './html-style';
import type { ExportedDocument, ExportWriter } from './export-writer';

/** Documents shown of each namespace, and rows of each document. */
const shownDocuments = 200;
const shownRows = 60;
const shownObjects = 20;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for any place of the page, attributes in double quotes included. */
export function escapeHtml(text: string): string {
  return maskControlCharacters(text).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

const changeWords = { changed: 'changed', onlyInBackup: 'only in backup', onlyInTarget: 'only in target' } as const;
const kindWords: Readonly<Record<FieldDiffRow['kind'], string>> = {
  same: 'same',
  changed: 'changed',
  type: 'other type',
  order: 'other place',
  move: 'moved',
  onlyInBackup: 'only in backup',
  onlyInTarget: 'only in target',
};

function cells(tag: 'td' | 'th', values: readonly (string | number)[]): string {
  return values
    .map((value) =>
      typeof value === 'number'
        ? `<${tag} class="number">${formatCount(value)}</${tag}>`
        : `<${tag}>${escapeHtml(value)}</${tag}>`,
    )
    .join('');
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  if (rows.length === 0) return '';
  const body = rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n');
  return `<table><thead><tr>${cells('th', head)}</tr></thead><tbody>\n${body}\n</tbody></table>\n`;
}

function indexRows(word: string, changes: readonly IndexChange[]): string[][] {
  return changes.map(({ name, backup, target }) => [
    word,
    name,
    backup ? JSON.stringify(backup) : '–',
    target ? JSON.stringify(target) : '–',
  ]);
}

function metadataOf({ indexes, options, status }: NamespaceDiff): string {
  const rows = [
    ...indexRows('index only in backup', indexes.add),
    ...indexRows('index differs', indexes.change),
    ...indexRows('index only in target', indexes.remove),
  ];
  if (!options.same && status === 'differs') {
    rows.push(['options differ', '', JSON.stringify(options.backup), JSON.stringify(options.target)]);
  }
  return table(['Metadata', 'Name', 'Backup', 'Target'], rows);
}

function pathsOf({ details }: NamespaceDiff): string {
  if (!details || details.paths.length === 0) return '';
  const rows = details.paths.slice(0, 100).map(({ path, documents }) => [path, documents]);
  const more = details.paths.length - rows.length + details.pathsOmitted;
  const note = more > 0 ? `<p class="note">and ${formatQuantity(more, 'further path')}</p>\n` : '';
  return table(['Changed path', 'Documents'], rows) + note;
}

function problemOf({ severity, ns, message, hint, objects, objectsTotal }: Problem): string {
  const shown = objects.slice(0, shownObjects).map(({ id, name, detail }) => {
    const what = id ?? name ?? '';
    return `<li><code>${escapeHtml(what)}</code> ${escapeHtml(detail)}</li>`;
  });
  const more = objectsTotal - shown.length;
  if (more > 0 && shown.length > 0) shown.push(`<li>and ${formatCount(more)} more</li>`);
  return (
    `<li class="${severity}"><strong>${escapeHtml(severity)}</strong> ${ns ? `<code>${escapeHtml(ns)}</code> ` : ''}` +
    `${escapeHtml(message)}${hint ? ` <em>${escapeHtml(hint)}</em>` : ''}` +
    `${shown.length > 0 ? `<ul>${shown.join('')}</ul>` : ''}</li>\n`
  );
}

function countsTable(namespaces: readonly NamespaceDiff[]): string {
  const rows = namespaces.map(({ ns, targetNs, status, documents, indexes, options }) => [
    ns === targetNs ? ns : `${ns} → ${targetNs}`,
    status,
    documents.onlyInBackup,
    documents.changed,
    documents.onlyInTarget,
    documents.same,
    `+${indexes.add.length} ~${indexes.change.length} −${indexes.remove.length}`,
    options.same ? '=' : '≠',
  ]);
  const head = ['Namespace', 'Status', 'Only in backup', 'Changed', 'Only in target', 'Same', 'Indexes', 'Options'];
  return table(head, rows);
}

function head({ result, request, createdAt }: Preview): string {
  const problems = problemsOf(request.mode, result.problems);
  const time = result.clusterTime ? new Date(result.clusterTime.seconds * 1000).toISOString() : createdAt;
  const { effect } = result.totals;
  return (
    htmlHead({ title: `${result.backupId} and ${result.target}`, style: reportStyle }) +
    `<h1>What differs between a backup and its target</h1>\n<dl>` +
    `<dt>Backup</dt><dd>${escapeHtml(result.backupId)}</dd><dt>Target</dt><dd>${escapeHtml(result.target)}</dd>` +
    `<dt>As of</dt><dd>${escapeHtml(time)}</dd><dt>Mode</dt><dd>${escapeHtml(request.mode)}: ` +
    `${formatCount(effect.insert)} inserted, ${formatCount(effect.replace)} replaced, ${formatCount(effect.delete)} deleted, ` +
    `${formatCount(effect.keep)} kept</dd></dl>\n${countsTable(result.namespaces)}` +
    (problems.length > 0
      ? `<h2>Predicted problems</h2>\n<ul class="problems">\n${problems.map(problemOf).join('')}</ul>\n`
      : '')
  );
}

function valueCell(value: TypedValue | null): string {
  if (!value) return '<td class="none">–</td>';
  const more = value.clipped > 0 ? `… (${formatCount(value.clipped)} more)` : '';
  return `<td><span class="type">${escapeHtml(value.type)}</span> ${escapeHtml(value.text + more)}</td>`;
}

function documentOf({ id, change, rows, rowsOmitted, summary }: ExportedDocument): string {
  const title = `<h4><span class="mark ${change}">${changeWords[change]}</span> <code>${escapeHtml(id)}</code></h4>\n`;
  if (change !== 'changed') return `<section>${title}<p class="summary">${escapeHtml(summary)}</p></section>\n`;
  const leaves = changedLeaves(rows);
  const shown = leaves
    .slice(0, shownRows)
    .map(
      ({ path, kind, backup, target }) =>
        `<tr class="${kind}"><td><code>${escapeHtml(path)}</code></td><td>${kindWords[kind]}</td>${valueCell(backup)}${valueCell(target)}</tr>`,
    );
  const more = leaves.length - shown.length + rowsOmitted;
  const note = more > 0 ? `<p class="note">and ${formatQuantity(more, 'further row')}</p>` : '';
  return (
    `<section>${title}<table class="fields"><thead><tr><th>Path</th><th></th><th>In the backup</th><th>In the target</th></tr></thead>` +
    `<tbody>\n${shown.join('\n')}\n</tbody></table>${note}</section>\n`
  );
}

/**
 * A page on its own: counts, metadata, problems, changed paths and the first documents of each namespace. Holds no script
 * and forbids any; everything that came from a database is escaped text.
 */
export function createHtmlWriter(): ExportWriter {
  let namespaces = new Map<string, NamespaceDiff>();
  let shown = 0;
  return {
    mostDocuments: shownDocuments,
    begin(preview) {
      namespaces = new Map(preview.result.namespaces.map((diff) => [diff.ns, diff]));
      return head(preview);
    },
    namespace(ns) {
      const diff = namespaces.get(ns);
      shown = 0;
      if (!diff || diff.status === 'same') return '';
      return `<h2>${escapeHtml(ns)}</h2>\n${metadataOf(diff)}${pathsOf(diff)}`;
    },
    document(document) {
      shown++;
      return documentOf(document);
    },
    endNamespace(ns) {
      const diff = namespaces.get(ns);
      if (!diff || shown === 0) return '';
      const { onlyInBackup, changed, onlyInTarget } = diff.documents;
      const more = onlyInBackup + changed + onlyInTarget - shown;
      return more > 0 ? `<p class="note">and ${formatQuantity(more, 'further differing document')}</p>\n` : '';
    },
    end: () => '</body>\n</html>\n',
  };
}
