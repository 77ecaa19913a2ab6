/** What the editor of members holds, and what it comes to as an operation. Pure. */
import type { ConfiguredMember } from '../../../../shared/deployment-health';
import type { Operation, OperationPreview } from '../../../../shared/operations';
import { formatTags, parseTags } from './tags-text';

/** One member as it is edited; numbers are text while somebody types. */
export interface MemberDraft {
  host: string;
  priority: number | string;
  votes: boolean;
  hidden: boolean;
  delaySeconds: number | string;
  tags: string;
}

type MemberChange = Extract<Operation, { kind: 'reconfigure' }>['changes'][number];
export type DraftProblems = Partial<Record<'priority' | 'delaySeconds' | 'tags', string>>;

export function draftOf({ host, priority, votes, hidden, delaySeconds, tags }: ConfiguredMember): MemberDraft {
  return { host, priority, votes: votes > 0, hidden, delaySeconds, tags: formatTags(tags) };
}

const isBetween = (value: number | string, least: number, most: number): value is number =>
  typeof value === 'number' && value >= least && value <= most;

/** What of a draft is not valid by itself; what is unsafe for the set is the preview's to say. */
export function problemsOf({ priority, delaySeconds, tags }: MemberDraft): DraftProblems {
  const problems: DraftProblems = {};
  if (!isBetween(priority, 0, 1000)) problems.priority = '0 to 1,000';
  if (!isBetween(delaySeconds, 0, 86_400) || !Number.isInteger(delaySeconds)) problems.delaySeconds = '0 to 86,400 s';
  if (parseTags(tags) === null) problems.tags = 'name: value, …';
  return problems;
}

/** What is different from the configuration; null while something is not valid. */
export function changesOf(members: readonly ConfiguredMember[], drafts: readonly MemberDraft[]): MemberChange[] | null {
  if (drafts.some((draft) => Object.keys(problemsOf(draft)).length > 0)) return null;
  return members.flatMap((member): MemberChange[] => {
    const draft = drafts.find(({ host }) => host === member.host);
    if (!draft) return [];
    const change: MemberChange = { host: member.host };
    const tags = parseTags(draft.tags) ?? {};
    if (typeof draft.priority === 'number' && draft.priority !== member.priority) change.priority = draft.priority;
    if (draft.votes !== member.votes > 0) change.votes = draft.votes ? 1 : 0;
    if (draft.hidden !== member.hidden) change.hidden = draft.hidden;
    if (typeof draft.delaySeconds === 'number' && draft.delaySeconds !== member.delaySeconds) {
      change.delaySeconds = draft.delaySeconds;
    }
    if (tagChanges('', member.tags, tags).length > 0) change.tags = tags;
    return Object.keys(change).length > 1 ? [change] : [];
  });
}

/** The same, by the paths of the configuration. */
export function describeChanges(
  members: readonly ConfiguredMember[],
  changes: readonly MemberChange[],
): OperationPreview['changes'] {
  return changes.flatMap(({ host, ...change }) => {
    const position = members.findIndex((member) => member.host === host);
    const member = members[position];
    if (!member) return [];
    const { priority, votes, hidden, delaySeconds, tags } = change;
    const line = (name: string, before: unknown, after: unknown) =>
      after === undefined
        ? []
        : [{ path: `members[${position}].${name}`, before: JSON.stringify(before), after: JSON.stringify(after) }];
    return [
      ...line('priority', member.priority, priority),
      ...line('votes', member.votes, votes),
      ...line('hidden', member.hidden, hidden),
      ...line('secondaryDelaySecs', member.delaySeconds, delaySeconds),
      ...(tags ? tagChanges(`members[${position}].tags`, member.tags, tags) : []),
    ];
  });
}

function tagChanges(
  path: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): OperationPreview['changes'] {
  const [were, are] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const text = (value: string | undefined): string | null => (value === undefined ? null : JSON.stringify(value));
  return [...new Set([...were.keys(), ...are.keys()])]
    .filter((name) => were.get(name) !== are.get(name))
    .map((name) => ({ path: `${path}.${name}`, before: text(were.get(name)), after: text(are.get(name)) }));
}
