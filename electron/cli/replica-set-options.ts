/** Options of `replica-set` as they are written on the command line. */
import type { Operation } from '../../shared/operations';
import { fail } from '../../shared/result';

type MemberChange = Extract<Operation, { kind: 'reconfigure' }>['changes'][number];

export function numberOf(option: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) fail('usage', `${option} takes a number, not "${text}".`);
  return number;
}

function pairOf(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) fail('usage', `"${text}" is no name=value.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** `name=value` each. Throws 'usage'. */
export function tagsOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map(pairOf));
}

function truthOf(name: string, text: string): boolean {
  if (text !== 'true' && text !== 'false') fail('usage', `${name} is true or false, not "${text}".`);
  return text === 'true';
}

function votesOf(text: string): 0 | 1 {
  if (text !== '0' && text !== '1') fail('usage', `votes is 0 or 1, not "${text}".`);
  return text === '0' ? 0 : 1;
}

/** `db1:27017,priority=2,tags.dc=west`. Throws 'usage' naming what is not understood. */
export function memberChangeOf(text: string): MemberChange {
  const [host = '', ...settings] = text.split(',').map((part) => part.trim());
  if (host === '' || host.includes('=') || settings.length === 0)
    fail('usage', `"${text}" names no change of a member.`, 'Write HOST:PORT,name=value, with commas between.');
  const change: MemberChange = { host };
  for (const [name, value] of settings.map(pairOf)) {
    if (name === 'priority') change.priority = numberOf(name, value);
    else if (name === 'votes') change.votes = votesOf(value);
    else if (name === 'hidden') change.hidden = truthOf(name, value);
    else if (name === 'delay') change.delaySeconds = numberOf(name, value);
    else if (name === 'tags' && value === '') change.tags = {};
    else if (name.startsWith('tags.')) change.tags = { ...change.tags, [name.slice('tags.'.length)]: value };
    else fail('usage', `"${name}" is no setting of a member.`, 'priority, votes, hidden, delay, tags.NAME.');
  }
  return change;
}
