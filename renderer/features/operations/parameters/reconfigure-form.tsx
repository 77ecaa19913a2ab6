import { Checkbox, NumberInput, Table, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { ChangesTable } from '../flow/changes-table';
import styles from '../operations.module.css';
import { ParameterForm, type ParametersProps } from './parameter-form';
import { changesOf, describeChanges, draftOf, problemsOf, type MemberDraft } from './reconfigure-draft';
import type { SetMember } from './replica-set-facts';

/** Every member in a row; below it, what would be different. */
export function ReconfigureForm({ facts, host: clicked, ...form }: ParametersProps) {
  const { members } = facts;
  const [drafts, setDrafts] = useState(() => members.map(draftOf));
  const changes = useMemo(() => changesOf(members, drafts), [members, drafts]);
  const described = useMemo(() => describeChanges(members, changes ?? []), [members, changes]);
  const edit = (host: string, patch: Partial<MemberDraft>) =>
    setDrafts((before) => before.map((draft) => (draft.host === host ? { ...draft, ...patch } : draft)));
  return (
    <ParameterForm
      {...form}
      operation={changes === null || changes.length === 0 ? null : { kind: 'reconfigure', changes }}
    >
      <Table aria-label="Members to edit" className={styles.editor ?? ''} verticalSpacing={4} layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Member</Table.Th>
            <Table.Th scope="col" w={96}>
              Priority
            </Table.Th>
            <Table.Th scope="col" w={64}>
              Vote
            </Table.Th>
            <Table.Th scope="col" w={72}>
              Hidden
            </Table.Th>
            <Table.Th scope="col" w={104}>
              Delay (s)
            </Table.Th>
            <Table.Th scope="col" w={240}>
              Tags
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {members.map((member) => {
            const draft = drafts.find(({ host }) => host === member.host);
            return draft ? (
              <MemberRow
                key={member.host}
                member={member}
                draft={draft}
                focused={member.host === (clicked ?? members[0]?.host)}
                onEdit={(patch) => edit(member.host, patch)}
              />
            ) : null;
          })}
        </Table.Tbody>
      </Table>
      <div role="status">
        {changes === null ? (
          <p className={styles.intro}>Something is not valid yet.</p>
        ) : described.length === 0 ? (
          <p className={styles.intro}>Nothing is different from version {facts.configuration.version} yet.</p>
        ) : (
          <ChangesTable label="What would be different" changes={described} />
        )}
      </div>
    </ParameterForm>
  );
}

interface MemberRowProps {
  member: SetMember;
  draft: MemberDraft;
  focused: boolean;
  onEdit: (patch: Partial<MemberDraft>) => void;
}

function MemberRow({ member: { host, state, arbiterOnly }, draft, focused, onEdit }: MemberRowProps) {
  const problems = problemsOf(draft);
  return (
    <Table.Tr>
      <Table.Td className="mono wrap-anywhere">
        {host} <span className="dimmed">{state ?? ''}</span>
      </Table.Td>
      <Table.Td>
        <NumberInput
          aria-label={`Priority of ${host}`}
          value={draft.priority}
          onChange={(priority) => onEdit({ priority })}
          min={0}
          max={1000}
          decimalScale={3}
          disabled={arbiterOnly}
          error={problems.priority}
          data-autofocus={focused || undefined}
        />
      </Table.Td>
      <Table.Td>
        <Checkbox
          aria-label={`Vote of ${host}`}
          checked={draft.votes}
          onChange={(event) => onEdit({ votes: event.currentTarget.checked })}
          mt={6}
        />
      </Table.Td>
      <Table.Td>
        <Checkbox
          aria-label={`${host} is hidden`}
          checked={draft.hidden}
          disabled={arbiterOnly}
          onChange={(event) => onEdit({ hidden: event.currentTarget.checked })}
          mt={6}
        />
      </Table.Td>
      <Table.Td>
        <NumberInput
          aria-label={`Delay of ${host} in seconds`}
          value={draft.delaySeconds}
          onChange={(delaySeconds) => onEdit({ delaySeconds })}
          min={0}
          max={86_400}
          disabled={arbiterOnly}
          error={problems.delaySeconds}
        />
      </Table.Td>
      <Table.Td>
        <TextInput
          aria-label={`Tags of ${host}`}
          placeholder="dc: east, use: reporting"
          value={draft.tags}
          onChange={(event) => onEdit({ tags: event.currentTarget.value })}
          disabled={arbiterOnly}
          error={problems.tags}
          spellCheck={false}
        />
      </Table.Td>
    </Table.Tr>
  );
}
