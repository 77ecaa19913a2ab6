/** Text from databases, logs and users inside Markdown and HTML: nothing of it becomes markup. */
import { maskControlCharacters } from '../../shared/format';

/** For text and for attribute values in double quotes. */
export function escapeHtml(text: string): string {
  return maskControlCharacters(text).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A Markdown code span no text can leave: longer fences than any run of backticks, one line, bars of tables escaped. */
export function markdownCode(text: string): string {
  const line = maskControlCharacters(text)
    .replace(/[\t\n]/g, ' ')
    .replace(/\|/g, '\\|');
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const padding = line === '' || line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${padding}${line}${padding}${fence}`;
}

/** Markdown text in which nothing is markup. */
export function markdownText(text: string): string {
  return maskControlCharacters(text)
    .replace(/[\t\n]/g, ' ')
    .replace(/[\\`*_{}[\]<>#|~&]/g, '\\$&');
}
