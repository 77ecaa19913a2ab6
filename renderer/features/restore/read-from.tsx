import { Select } from '@mantine/core';
import { useEffect } from 'react';
import type { Member } from '../../../shared/connections';
import { formatDuration } from '../../../shared/format';
import type { PreviewRequest } from '../../../shared/restore';
import { StateMark } from '../../components/state-mark';
import { Age } from '../../components/timestamp';
import { useConnections, useTestOf } from '../../state/connections';

interface ReadFromProps {
  connectionId: string | null;
  readPreference: PreviewRequest['readPreference'];
  member: string | null;
  onChange: (choice: { readPreference: PreviewRequest['readPreference']; member: string | null }) => void;
}

const memberPrefix = 'member:';
const readable = new Set<Member['state']>(['PRIMARY', 'SECONDARY', 'UNKNOWN']);

function lagText({ state, lagSeconds }: Member): string {
  if (state === 'PRIMARY' || lagSeconds === 0) return 'up to date';
  return lagSeconds === null ? 'lag unknown' : `${formatDuration(lagSeconds)} behind`;
}

/** Whose documents are read for the comparison: a role, or one member with its state and lag. */
export function ReadFrom({ connectionId, readPreference, member, onChange }: ReadFromProps) {
  const test = useConnections((state) => state.test);
  const { result, at, error } = useTestOf(connectionId);
  useEffect(() => {
    if (connectionId !== null) void test(connectionId);
  }, [connectionId, test]);
  const members = result?.deployment?.members ?? [];
  const chosen = members.find(({ host }) => host === member) ?? null;
  const memberOf = (value: string) => members.find(({ host }) => `${memberPrefix}${host}` === value) ?? null;
  const roles = [
    { value: 'primary', label: 'the primary (exact)' },
    { value: 'secondaryPreferred', label: 'a secondary (may lag)' },
  ];
  const single = members.map((each) => ({
    value: `${memberPrefix}${each.host}`,
    label: each.host,
    disabled: !readable.has(each.state),
  }));
  // A member that does not answer any more is still what was chosen.
  if (member !== null && chosen === null) {
    single.push({ value: `${memberPrefix}${member}`, label: member, disabled: false });
  }
  const choose = (value: string | null) => {
    if (value?.startsWith(memberPrefix)) {
      onChange({ readPreference: 'primary', member: value.slice(memberPrefix.length) });
    } else onChange({ readPreference: value === 'secondaryPreferred' ? value : 'primary', member: null });
  };
  return (
    <div>
      <Select
        label="Compare with"
        value={member === null ? readPreference : `${memberPrefix}${member}`}
        data={
          single.length === 0
            ? roles
            : [
                { group: 'By role', items: roles },
                { group: 'One member', items: single },
              ]
        }
        renderOption={({ option }) => <Option label={option.label} member={memberOf(option.value)} />}
        onChange={choose}
      />
      {chosen ? (
        <p style={{ margin: '4px 0 0' }}>
          <StateMark state={chosen.state === 'UNKNOWN' ? 'unknown' : 'good'}>{chosen.state}</StateMark>,{' '}
          {lagText(chosen)}{' '}
          <span className="dimmed">
            (<Age value={at} />
            ). What it lacks is not in the preview; applying finds it and leaves it alone.
          </span>
        </p>
      ) : null}
      {error && members.length === 0 ? <span className="dimmed">The members could not be asked.</span> : null}
    </div>
  );
}

function Option({ label, member }: { label: string; member: Member | null }) {
  if (!member) return <>{label}</>;
  return (
    <span>
      <span className="mono">{label}</span> {member.state}
      <span className="dimmed">
        , {lagText(member)}
        {member.hidden ? ', hidden' : ''}
      </span>
    </span>
  );
}
