/** Results as a table: what was measured, the ratio, its target, whether it was met. */

/** @param {readonly import('./context.mjs').BenchResult[]} results */
export function formatResults(results) {
  const header = ['row', 'measured', 'at most', '', 'what', 'figures'];
  const lines = results.map(({ name, measured, unit, target, met, what, detail }) => [
    name,
    `${measured.toFixed(2)} ${unit}`,
    target === null ? '–' : `${target.toFixed(2)} ${unit}`,
    met === null ? '' : met ? 'met' : 'MISSED',
    what,
    detail,
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const format = (/** @type {string[]} */ line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return `${[header, widths.map((width) => '-'.repeat(width)), ...lines].map(format).join('\n')}\n`;
}

/**
 * @param {Pick<import('./context.mjs').BenchResult, 'name' | 'what' | 'measured' | 'target' | 'detail'> & { unit?: string }} result
 * @returns {import('./context.mjs').BenchResult}
 */
export function result({ unit = '×', ...rest }) {
  return { ...rest, unit, met: rest.target === null ? null : rest.measured <= rest.target };
}
