/** Forms of operations that change who is a member. */
import { Checkbox, Group, NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Notice } from '../../../components/notice';
import { firstChoice, MemberSelect, ParameterForm, wholeNumber, type ParametersProps } from './parameter-form';
import { parseTags } from './tags-text';

const hostPattern = /^[^\s/@,]+$/;

function hostProblem(host: string, members: ParametersProps['facts']['members']): string | undefined {
  if (host === '') return undefined;
  if (!hostPattern.test(host)) return 'A host and a port, as in db4.example:27017';
  return members.some((member) => member.host === host) ? 'It is a member already' : undefined;
}

interface HostFieldProps {
  label: string;
  value: string;
  onChange: (host: string) => void;
  problem: string | undefined;
}

function HostField({ label, value, onChange, problem }: HostFieldProps) {
  return (
    <TextInput
      label={label}
      description="As the other members and every client reach it"
      placeholder="db4.example:27017"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value.trim())}
      error={problem}
      autoComplete="off"
      spellCheck={false}
      data-autofocus
    />
  );
}

export function AddMemberForm({ facts, host: _host, ...form }: ParametersProps) {
  const [host, setHost] = useState('');
  const [arbiterOnly, setArbiterOnly] = useState(false);
  const [hidden, setHidden] = useState(false);
  const [votes, setVotes] = useState(true);
  const [priority, setPriority] = useState<number | string>(1);
  const [delay, setDelay] = useState<number | string>(0);
  const [tagsText, setTagsText] = useState('');
  const problem = hostProblem(host, facts.members);
  const tags = parseTags(tagsText);
  const delaySeconds = wholeNumber(delay, 0, 86_400);
  // Arbiters, hidden members and those without a vote are never primary: the server insists on 0.
  const cannotLead = arbiterOnly || hidden || !votes;
  const usedPriority = cannotLead ? 0 : typeof priority === 'number' ? priority : null;
  const isValid = host !== '' && !problem && tags !== null && delaySeconds !== null && usedPriority !== null;
  return (
    <ParameterForm
      {...form}
      operation={
        isValid
          ? {
              kind: 'add-member',
              host,
              arbiterOnly,
              priority: usedPriority,
              votes: votes ? 1 : 0,
              hidden: hidden && !arbiterOnly,
              delaySeconds: arbiterOnly ? 0 : delaySeconds,
              tags: arbiterOnly ? {} : tags,
            }
          : null
      }
    >
      <HostField label="New member" value={host} onChange={setHost} problem={problem} />
      <Group gap={24} align="flex-start">
        <Checkbox label="It has a vote" checked={votes} onChange={(event) => setVotes(event.currentTarget.checked)} />
        <Checkbox
          label="Hidden from clients"
          checked={hidden && !arbiterOnly}
          disabled={arbiterOnly}
          onChange={(event) => setHidden(event.currentTarget.checked)}
        />
        <Checkbox
          label="Arbiter: votes and holds no data"
          checked={arbiterOnly}
          onChange={(event) => setArbiterOnly(event.currentTarget.checked)}
        />
      </Group>
      <Group gap={16} align="flex-start" grow>
        <NumberInput
          label="Priority"
          description={cannotLead ? 'It cannot become primary' : 'The higher, the likelier it is primary; 0 never'}
          value={cannotLead ? 0 : priority}
          onChange={setPriority}
          min={0}
          max={1000}
          disabled={cannotLead}
          error={usedPriority === null ? '0 to 1,000' : undefined}
        />
        <NumberInput
          label="Delay (s)"
          description="Stays behind on purpose; needs priority 0"
          value={delay}
          onChange={setDelay}
          min={0}
          max={86_400}
          disabled={arbiterOnly}
          error={delaySeconds === null ? '0 to 86,400 s' : undefined}
        />
      </Group>
      <TextInput
        label="Tags"
        description="For read preferences and write concerns"
        placeholder="dc: east, use: reporting"
        value={tagsText}
        onChange={(event) => setTagsText(event.currentTarget.value)}
        error={tags === null ? 'name: value, with commas between' : undefined}
        disabled={arbiterOnly}
        spellCheck={false}
      />
      {arbiterOnly ? (
        <Notice kind="warning">
          An arbiter holds no data: with one, a majority of votes is no longer a majority of copies.
        </Notice>
      ) : null}
    </ParameterForm>
  );
}

export function RemoveMemberForm({ facts, host: clicked, ...form }: ParametersProps) {
  const [host, setHost] = useState(firstChoice(facts.members, clicked));
  return (
    <ParameterForm {...form} operation={host === null ? null : { kind: 'remove-member', host }}>
      <MemberSelect members={facts.members} host={host} onChange={setHost} />
    </ParameterForm>
  );
}

export function ReplaceMemberForm({ facts, host: clicked, ...form }: ParametersProps) {
  const [host, setHost] = useState(firstChoice(facts.members, clicked));
  const [newHost, setNewHost] = useState('');
  const problem = hostProblem(newHost, facts.members);
  return (
    <ParameterForm
      {...form}
      operation={
        host === null || newHost === '' || problem !== undefined ? null : { kind: 'replace-member', host, newHost }
      }
    >
      <MemberSelect label="Member to be replaced" members={facts.members} host={host} onChange={setHost} />
      <HostField label="Server that takes its place" value={newHost} onChange={setNewHost} problem={problem} />
    </ParameterForm>
  );
}
