import { Button, Group, Select, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import type { Operation } from '../../../../shared/operations';
import type { AppError } from '../../../../shared/result';
import { ErrorPanel } from '../../../components/error-panel';
import { memberText, type ReplicaSetFacts, type SetMember } from './replica-set-facts';

/** What every form of parameters is given. */
export interface ParametersProps {
  connectionId: string;
  facts: ReplicaSetFacts;
  /** The member that was clicked on. */
  host: string | null;
  busy: boolean;
  error: AppError | null;
  onPreview: (operation: Operation) => void;
  onCancel: () => void;
}

interface ParameterFormProps extends Pick<
  ParametersProps,
  'connectionId' | 'busy' | 'error' | 'onPreview' | 'onCancel'
> {
  /** Null while something is missing or not valid. */
  operation: Operation | null;
  children: ReactNode;
}

/** The fields of an operation, and the way to its preview. */
export function ParameterForm(props: ParameterFormProps) {
  const { connectionId, operation, children, busy, error, onPreview, onCancel } = props;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (operation && !busy) onPreview(operation);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={16}>
        {children}
        {error ? <ErrorPanel error={error} connectionId={connectionId} /> : null}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" disabled={operation === null} loading={busy}>
            Preview
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface MemberSelectProps {
  label?: string;
  members: readonly SetMember[];
  host: string | null;
  onChange: (host: string) => void;
  description?: string;
}

export function MemberSelect({ label = 'Member', members, host, onChange, description }: MemberSelectProps) {
  return (
    <Select
      label={label}
      description={description}
      placeholder="Choose a member"
      value={host}
      onChange={(value) => {
        if (value !== null) onChange(value);
      }}
      data={members.map((member) => {
        const text = memberText(member);
        return { value: member.host, label: text ? `${member.host} · ${text}` : member.host };
      })}
    />
  );
}

/** The clicked member where it may be chosen, else the only one there is. */
export function firstChoice(members: readonly SetMember[], host: string | null): string | null {
  if (host !== null && members.some((member) => member.host === host)) return host;
  return members.length === 1 ? (members[0]?.host ?? null) : null;
}

/** A whole number within bounds; null for what the field holds otherwise. */
export function wholeNumber(value: number | string, least: number, most: number): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : null;
}
