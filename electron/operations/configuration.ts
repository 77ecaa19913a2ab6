/** The configuration of a replica set as `replSetGetConfig` gives it: read, compared, and changed without touching the rest. Pure. */
import type { Document } from 'mongodb';
import { EJSON } from 'bson';
import type { OperationPreview } from '../../shared/operations';
import { numberAt, valueAt } from '../health/sampler/server-values';

export interface RawMember extends Document {
  _id: number;
  host: string;
}

export interface RawConfiguration extends Document {
  _id: string;
  version: number;
  members: RawMember[];
}

export interface MemberSettings {
  priority: number;
  votes: number;
  hidden: boolean;
  arbiterOnly: boolean;
  delaySeconds: number;
  tags: Record<string, string>;
}

export type ConfigurationChange = OperationPreview['changes'][number];

export function asConfiguration(value: unknown): RawConfiguration {
  return value as RawConfiguration;
}

export function settingsOf(member: RawMember): MemberSettings {
  const tags: unknown = valueAt(member, 'tags');
  return {
    priority: numberAt(member, 'priority') ?? 1,
    votes: numberAt(member, 'votes') ?? 1,
    hidden: valueAt(member, 'hidden') === true,
    arbiterOnly: valueAt(member, 'arbiterOnly') === true,
    delaySeconds: numberAt(member, 'secondaryDelaySecs') ?? numberAt(member, 'slaveDelay') ?? 0,
    tags: typeof tags === 'object' && tags !== null ? (tags as Record<string, string>) : {},
  };
}

export function memberOf(configuration: RawConfiguration, host: string): RawMember | null {
  return configuration.members.find((member) => member.host === host) ?? null;
}

export function votersOf(configuration: RawConfiguration): RawMember[] {
  return configuration.members.filter((member) => settingsOf(member).votes > 0);
}

export function isElectable(member: RawMember): boolean {
  const { priority, votes, arbiterOnly } = settingsOf(member);
  return priority > 0 && votes > 0 && !arbiterOnly;
}

export function majorityOf(votes: number): number {
  return Math.floor(votes / 2) + 1;
}

/** Servers before 5.0 know the delay by an older name and refuse the newer one. */
function delayField(configuration: RawConfiguration): 'secondaryDelaySecs' | 'slaveDelay' {
  return configuration.members.some((member) => valueAt(member, 'slaveDelay') !== undefined)
    ? 'slaveDelay'
    : 'secondaryDelaySecs';
}

function withSettings(
  configuration: RawConfiguration,
  member: RawMember,
  { delaySeconds, ...settings }: Partial<MemberSettings>,
): RawMember {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  return {
    ...member,
    ...given,
    ...(delaySeconds === undefined ? {} : { [delayField(configuration)]: delaySeconds }),
  };
}

/** The configuration with these settings of one member; the version stays. */
export function changeMember(
  configuration: RawConfiguration,
  host: string,
  settings: Partial<MemberSettings>,
): RawConfiguration {
  return {
    ...configuration,
    members: configuration.members.map((member) =>
      member.host === host ? withSettings(configuration, member, settings) : member,
    ),
  };
}

export function addMember(configuration: RawConfiguration, host: string, settings: MemberSettings): RawConfiguration {
  const _id = Math.max(-1, ...configuration.members.map((member) => member._id)) + 1;
  const added = withSettings(configuration, { _id, host }, settings);
  return { ...configuration, members: [...configuration.members, added] };
}

export function removeMember(configuration: RawConfiguration, host: string): RawConfiguration {
  return { ...configuration, members: configuration.members.filter((member) => member.host !== host) };
}

function flatten(value: unknown, path: string, into: Map<string, string>): void {
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (isPlain && Object.keys(value).length > 0)
    for (const [name, inner] of Object.entries(value)) flatten(inner, path === '' ? name : `${path}.${name}`, into);
  else if (Array.isArray(value) && value.length > 0)
    value.forEach((inner, index) => flatten(inner, `${path}[${index}]`, into));
  else into.set(path, EJSON.stringify(value, { relaxed: true }));
}

function flat(configuration: RawConfiguration): Map<string, string> {
  const { version: _version, term: _term, ...rest } = configuration as RawConfiguration & { term?: unknown };
  const into = new Map<string, string>();
  flatten(rest, '', into);
  return into;
}

/** By path, in the order of the configuration; the version and the term, which count by themselves, are left out. */
export function differencesBetween(before: RawConfiguration, after: RawConfiguration): ConfigurationChange[] {
  const old = flat(before);
  const changed = flat(after);
  return [...new Set([...old.keys(), ...changed.keys()])]
    .map((path) => ({ path, before: old.get(path) ?? null, after: changed.get(path) ?? null }))
    .filter((change) => change.before !== change.after && !isEmptied(change));
}

/** What is in it, or was, is told by the paths below. */
function isEmptied({ before, after }: ConfigurationChange): boolean {
  const empty = ['{}', '[]'];
  return (before === null && empty.includes(after ?? '')) || (after === null && empty.includes(before ?? ''));
}

function isSame(a: RawMember | undefined, b: RawMember | undefined): boolean {
  return EJSON.stringify(a ?? null) === EJSON.stringify(b ?? null);
}

const mostVotes = 7;

/**
 * The way from one configuration to the other with at most one voting change at a time: votes are gained first, where seven
 * allow it, what has no effect on votes comes between, and votes are given up last.
 */
export function stepsBetween(before: RawConfiguration, after: RawConfiguration): RawConfiguration[] {
  const votes = ({ _id }: RawMember, { members }: RawConfiguration): boolean =>
    members.some((member) => member._id === _id && settingsOf(member).votes > 0);
  const ids = [...new Set([...before.members, ...after.members].map(({ _id }) => _id))];
  const at = ({ members }: RawConfiguration, id: number): RawMember | undefined =>
    members.find(({ _id }) => _id === id);
  const gained = after.members.filter((member) => votes(member, after) && !votes(member, before));
  const lost = before.members.filter((member) => votes(member, before) && !votes(member, after));
  const voting = new Set([...gained, ...lost].map(({ _id }) => _id));

  const steps: RawConfiguration[] = [];
  let current = before;
  const take = (taken: readonly number[]): void => {
    if (taken.every((id) => isSame(at(current, id), at(after, id)))) return;
    const kept = current.members
      .map((member) => (taken.includes(member._id) ? at(after, member._id) : member))
      .filter((member) => member !== undefined);
    const added = after.members.filter(({ _id }) => taken.includes(_id) && at(current, _id) === undefined);
    current = { ...current, members: [...kept, ...added] };
    steps.push(current);
  };
  const takeLost = (): void => {
    const next = lost.shift();
    if (next) take([next._id]);
  };
  for (const { _id } of gained) {
    if (votersOf(current).length >= mostVotes) takeLost();
    take([_id]);
  }
  take(ids.filter((id) => !voting.has(id)));
  while (lost.length > 0) takeLost();
  return steps;
}

/** As `mongosh` would take it: only what differs is named. */
export function reconfigureCommand(before: RawConfiguration, after: RawConfiguration): string {
  const lines = ['cfg = rs.conf()'];
  const kept = after.members.filter((member) => before.members.some(({ _id }) => _id === member._id));
  for (const member of before.members) {
    if (!kept.some(({ _id }) => _id === member._id))
      lines.push(`cfg.members = cfg.members.filter((member) => member.host !== ${JSON.stringify(member.host)})`);
  }
  for (const [index, member] of kept.entries()) {
    const old = before.members.find(({ _id }) => _id === member._id);
    for (const name of new Set([...Object.keys(old ?? {}), ...Object.keys(member)])) {
      const [was, is] = [valueAt(old, name), valueAt(member, name)].map((value) => text(value));
      if (was !== is) lines.push(`cfg.members[${index}].${name} = ${is}`);
    }
  }
  for (const member of after.members) {
    if (!kept.includes(member)) lines.push(`cfg.members.push(${text(member)})`);
  }
  return [...lines, 'rs.reconfig(cfg)'].join('; ');
}

function text(value: unknown): string {
  return value === undefined ? 'undefined' : EJSON.stringify(value, { relaxed: true });
}

/** Write concerns by tags that the set's settings name. */
export function taggedWriteConcerns(configuration: RawConfiguration): string[] {
  const modes: unknown = valueAt(configuration, 'settings', 'getLastErrorModes');
  return typeof modes === 'object' && modes !== null ? Object.keys(modes) : [];
}

export function setIdOf(configuration: RawConfiguration): string | null {
  const id: unknown = valueAt(configuration, 'settings', 'replicaSetId');
  const hex: unknown = typeof id === 'object' && id !== null ? Reflect.get(id, 'toHexString') : null;
  return typeof hex === 'function' ? String(hex.call(id)) : null;
}
