import { Button, Group, NumberInput, SegmentedControl, Select, Stack } from '@mantine/core';
import { IconListTree } from '@tabler/icons-react';
import { useState } from 'react';
import type { ExplainedPlan, PlanChoice, ReadFrom } from '../../../../shared/advice';
import type { Connection, Member } from '../../../../shared/connections';
import { formatCount, formatCountIfKnown, formatMilliseconds } from '../../../../shared/format';
import type { OperationRow } from '../../../../shared/slow-queries';
import { api, useAction } from '../../../api';
import { CommandBlock } from '../../../components/command-block';
import { formatLocal } from '../../../components/dates';
import { ErrorPanel } from '../../../components/error-panel';
import { Notice } from '../../../components/notice';
import { Section } from '../../../components/page';
import { TextBlock } from '../../../components/text-block';
import { useTestOf } from '../../../state/connections';
import { PlanTree } from './plan-tree';
import styles from './shape.module.css';

interface ExplainSectionProps {
  connection: Connection | null;
  /** With unmasked commands, the slowest first. */
  examples: readonly OperationRow[];
}

const anySecondary = 'secondary';
const asConnected = 'connection';

function readFromOf(value: string): ReadFrom {
  if (value === asConnected) return { kind: 'connection' };
  return value === anySecondary ? { kind: 'secondary' } : { kind: 'member', host: value };
}

/** Runs `explain` of an example when asked to, and draws what the server did. */
export function ExplainSection({ connection, examples }: ExplainSectionProps) {
  const usable = examples.filter(({ command }) => command !== null && !command.endsWith('…'));
  const { result } = useTestOf(connection?.id ?? null);
  const members = result?.deployment?.members ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const [where, setWhere] = useState<string | null>(null);
  const [seconds, setSeconds] = useState<number | string>(10);
  const [runs, setRuns] = useState(true);
  const [plan, setPlan] = useState<ExplainedPlan | null>(null);
  const example = usable.find(({ operation }) => String(operation) === chosen) ?? usable[0] ?? null;
  const isSet = result?.deployment?.topology === 'replica set';
  const hasSecondary = members.some(({ state }) => state === 'SECONDARY');
  // Away from the primary's load where that can be chosen.
  const from = where ?? (hasSecondary ? anySecondary : asConnected);
  const explain = useAction(async () => {
    if (!connection || !example || example.command === null) return;
    const explained = await api('explain.run', {
      connectionId: connection.id,
      ns: example.ns,
      op: example.op,
      command: example.command,
      verbosity: runs ? 'executionStats' : 'queryPlanner',
      maxTimeMs: typeof seconds === 'number' ? Math.max(1, Math.round(seconds * 1000)) : 10_000,
      readFrom: readFromOf(from),
    });
    setPlan(explained);
  });
  return (
    <Section title="Explain: what the server does for it">
      {!connection ? (
        <Notice kind="info">Choose a connection above to explain it there.</Notice>
      ) : !example ? (
        <Notice kind="info">
          No example has its whole command: it was not kept, or the server cut it. Profile the shape to get one.
        </Notice>
      ) : (
        <Stack gap={12}>
          <Group gap={8} align="flex-end" role="group" aria-label="Explain">
            <Select
              label="Example"
              w={230}
              value={String(example.operation)}
              onChange={setChosen}
              data={usable.map(({ operation, durationMs, time }) => ({
                value: String(operation),
                label: `${formatMilliseconds(durationMs)} at ${formatLocal(new Date(time), true).slice(5)}`,
              }))}
            />
            {isSet ? (
              <Select
                label="Run it on"
                w={220}
                value={from}
                onChange={setWhere}
                data={[
                  ...(hasSecondary ? [{ value: anySecondary, label: 'A secondary' }] : []),
                  { value: asConnected, label: 'As the connection reads' },
                  ...members.filter(holdsData).map(({ host, state }) => ({ value: host, label: `${host} (${state})` })),
                ]}
              />
            ) : null}
            <NumberInput
              label="Stop after (s)"
              w={110}
              value={seconds}
              onChange={setSeconds}
              min={1}
              max={600}
              disabled={!runs}
            />
            <SegmentedControl
              aria-label="How"
              value={runs ? 'run' : 'plan'}
              onChange={(value) => setRuns(value === 'run')}
              data={[
                { value: 'run', label: 'Run it once' },
                { value: 'plan', label: 'Only the plan' },
              ]}
            />
            <Button
              leftSection={<IconListTree size={14} aria-hidden />}
              loading={explain.busy}
              onClick={() => void explain.run()}
            >
              Explain
            </Button>
          </Group>
          <span className="dimmed">
            {runs
              ? `Reads what the operation reads, once, on ${connection.name}; writes are explained and never carried out.`
              : 'Runs nothing: tells the plan without numbers.'}
          </span>
          {explain.error ? <ErrorPanel error={explain.error} connectionId={connection.id} /> : null}
          {plan ? <Explained plan={plan} /> : null}
        </Stack>
      )}
    </Section>
  );
}

function holdsData({ state }: Member): boolean {
  return state === 'PRIMARY' || state === 'SECONDARY';
}

function Explained({ plan }: { plan: ExplainedPlan }) {
  const { execution } = plan;
  return (
    <Stack gap={12}>
      <p className={styles.verdict}>
        {execution
          ? `${formatMilliseconds(execution.ms)}: ${formatCount(execution.docsExamined)} documents and ${formatCount(execution.keysExamined)} keys read for ${formatCount(execution.returned)} returned.`
          : 'The plan, without running it.'}
        {plan.collectionScan ? <strong className="bad"> COLLSCAN.</strong> : null}
        {plan.inMemorySort ? <strong className="warning"> Sorts in memory.</strong> : null}
        {plan.covered ? <strong className="good"> Answered from the index alone.</strong> : null}
        <span className="dimmed">
          {' '}
          On {plan.host}, MongoDB {plan.serverVersion}
          {plan.engine === 'unknown' ? '' : `, ${plan.engine} engine`}.
        </span>
      </p>
      {execution?.problem ? (
        <Notice kind="warning" title="It did not run to its end">
          {execution.problem}
        </Notice>
      ) : null}
      {plan.changes.map((change) => (
        <Notice key={change} kind="info">
          {change}
        </Notice>
      ))}
      <PlanTree root={plan.root} label="Plan" />
      <Choice choice={plan.choice} />
      <details>
        <summary>The command, and the answer of the server</summary>
        <Stack gap={8} mt={8}>
          <CommandBlock commands={[plan.commandText]} />
          <TextBlock text={indented(plan.raw)} label="Answer of the server" />
        </Stack>
      </details>
    </Stack>
  );
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

/** Why the planner took this plan, and what it left. */
function Choice({ choice }: { choice: PlanChoice }) {
  const others = choice.candidates.filter(({ chosen }) => !chosen);
  return (
    <div>
      <h3>Why this plan</h3>
      <p className={styles.verdict}>{choice.explanation}</p>
      {choice.cache ? (
        <p className="dimmed">
          The plan cache keeps {choice.cache.active ? 'an active' : 'an inactive'} entry for it
          {choice.cache.indexes.length > 0 ? ` with ${choice.cache.indexes.join(', ')}` : ''}.
        </p>
      ) : null}
      {others.length > 0 ? (
        <table className={styles.candidates} aria-label="Candidates">
          <thead>
            <tr>
              <th scope="col">Plan</th>
              <th scope="col">Steps of work</th>
              <th scope="col">Found</th>
              <th scope="col">Documents read</th>
              <th scope="col">Keys read</th>
            </tr>
          </thead>
          <tbody>
            {choice.candidates.map((candidate, index) => (
              <tr key={index}>
                <th scope="row" className="mono">
                  {candidate.chosen ? '★ ' : ''}
                  {candidate.shard ? `${candidate.shard}: ` : ''}
                  {candidate.summary}
                  {candidate.chosen ? <span className="dimmed"> taken</span> : null}
                </th>
                <td>{formatCountIfKnown(candidate.works)}</td>
                <td>{formatCountIfKnown(candidate.returned)}</td>
                <td>{formatCountIfKnown(candidate.docsExamined)}</td>
                <td>{formatCountIfKnown(candidate.keysExamined)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </div>
  );
}
