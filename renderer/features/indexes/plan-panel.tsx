import { Button, FileButton, Group, Stack, Table, Textarea } from '@mantine/core';
import { useCallback, useState } from 'react';
import type { Connection } from '../../../shared/connections';
import { formatQuantity } from '../../../shared/format';
import { isFinished, type Job } from '../../../shared/jobs';
import type { PlanPreview, PlanResult, PlanStep } from '../../../shared/indexes';
import { api, useAction } from '../../api';
import { ConfirmTyped } from '../../components/confirm-typed';
import { ErrorPanel } from '../../components/error-panel';
import { JobProgress } from '../../components/job-progress';
import { Notice } from '../../components/notice';
import { Section } from '../../components/page';
import { saveTextFile } from '../../components/save-file';
import { StateMark, type State } from '../../components/state-mark';
import { useJob, useWhenJobEnds } from '../../state/jobs';
import { useIndexes } from './indexes-store';
import styles from './indexes.module.css';

interface PlanPanelProps {
  connection: Connection;
  database: string;
  onApplied: () => void;
}

const actionWords: Record<PlanStep['action'], { word: string; state: State }> = {
  create: { word: 'Build', state: 'good' },
  hide: { word: 'Hide', state: 'warning' },
  unhide: { word: 'Unhide', state: 'good' },
  'set-expiry': { word: 'Change expiry', state: 'warning' },
  drop: { word: 'Drop', state: 'bad' },
  keep: { word: 'Keep', state: 'unknown' },
  conflict: { word: 'Conflict', state: 'bad' },
};

/** A plan as text, what it would do to what exists, and doing it, one index at a time. */
export function PlanPanel({ connection, database, onApplied }: PlanPanelProps) {
  const text = useIndexes((state) => state.planText);
  const setText = useIndexes((state) => state.setPlanText);
  const [preview, setPreview] = useState<{ of: string; value: PlanPreview } | null>(null);
  const [asking, setAsking] = useState(false);
  const [jobId, setJobId] = useState<string | null>(null);
  const [result, setResult] = useState<PlanResult | null>(null);
  const job = useJob(jobId);
  const load = useAction(async () =>
    setText(await api('indexes.export-plan', { connectionId: connection.id, database })),
  );
  const open = useAction(async (file: File | null) => {
    if (file) setText(await file.text());
  });
  const look = useAction(async () => {
    setResult(null);
    setJobId(null);
    setPreview({ of: text, value: await api('indexes.preview-plan', { connectionId: connection.id, plan: text }) });
  });
  const apply = useAction(async (typedName: string | null) => {
    if (!preview) return;
    const { fingerprint } = preview.value;
    const started = await api('indexes.apply-plan', {
      connectionId: connection.id,
      plan: preview.of,
      fingerprint,
      typedName,
    });
    setAsking(false);
    setJobId(started.jobId);
  });
  const onEnd = useCallback(
    (ended: Job) => {
      if (ended.resultId) void api('indexes.plan-result', { id: ended.resultId }).then(setResult, () => undefined);
      onApplied();
    },
    [onApplied],
  );
  useWhenJobEnds(jobId, onEnd);
  const shown = preview?.of === text ? preview.value : null;
  const changes = shown?.steps.filter(({ action }) => action !== 'keep' && action !== 'conflict') ?? [];
  const conflicts = shown?.steps.filter(({ action }) => action === 'conflict') ?? [];
  const running = job !== null && !isFinished(job.status);
  return (
    <Stack gap={16}>
      <Section
        title="Plan"
        aside={
          <Group gap={8}>
            <Button size="compact-sm" variant="default" loading={load.busy} onClick={() => void load.run()}>
              Write down what exists
            </Button>
            <FileButton accept="application/json,.json" onChange={(file) => void open.run(file)}>
              {(props) => (
                <Button {...props} size="compact-sm" variant="default">
                  Open a file…
                </Button>
              )}
            </FileButton>
            <Button
              size="compact-sm"
              variant="default"
              disabled={text === ''}
              onClick={() => saveTextFile('index-plan.json', 'application/json', text)}
            >
              Save as a file
            </Button>
          </Group>
        }
      >
        <Textarea
          aria-label="The plan"
          classNames={{ input: styles.plan ?? '' }}
          placeholder={
            '{ "kind": "lifeboat-index-plan", "formatVersion": 1, "database": "shop", "collections": [ … ] }'
          }
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          spellCheck={false}
          rows={12}
        />
        <Group mt={12} gap={12}>
          <Button loading={look.busy} disabled={text.trim() === ''} onClick={() => void look.run()}>
            Preview
          </Button>
          <span className="dimmed">Nothing is changed by a preview.</span>
        </Group>
        {load.error ? <ErrorPanel error={load.error} connectionId={connection.id} /> : null}
        {look.error ? <ErrorPanel error={look.error} connectionId={connection.id} /> : null}
      </Section>
      {shown ? (
        <Section
          title={`What it does to ${shown.database}`}
          flush
          aside={
            <Button
              size="compact-sm"
              color="red"
              disabled={changes.length === 0 || conflicts.length > 0 || connection.readOnly || running}
              onClick={() => setAsking(true)}
            >
              {changes.length === 0 ? 'Nothing to do' : `Make ${formatQuantity(changes.length, 'change')}…`}
            </Button>
          }
        >
          <Steps steps={shown.steps} result={result} />
        </Section>
      ) : null}
      {conflicts.length > 0 ? (
        <Notice kind="warning" title="The plan is in conflict with what exists">
          Change it, and preview it again.
        </Notice>
      ) : null}
      {jobId !== null && !result ? <JobProgress job={job} awaiting="Applying the plan" /> : null}
      {job?.error && result ? <ErrorPanel error={job.error} connectionId={connection.id} /> : null}
      <ConfirmTyped
        opened={asking}
        onClose={() => setAsking(false)}
        title="Apply this plan?"
        expected={shown?.typedNameNeeded ? connection.name : null}
        expectedName="the connection's name"
        confirmLabel={`Make ${formatQuantity(changes.length, 'change')}`}
        busy={apply.busy}
        error={apply.error}
        onConfirm={(typed) => void apply.run(typed)}
      >
        <p>
          One after the other: what is built comes first, what is dropped last. If one fails, those after it are left
          alone. Building reads the whole collection on every member; it can be cancelled.
        </p>
      </ConfirmTyped>
    </Stack>
  );
}

const outcomeStates: Record<PlanResult['steps'][number]['outcome'], { word: string; state: State }> = {
  done: { word: 'done', state: 'good' },
  failed: { word: 'failed', state: 'bad' },
  'not-reached': { word: 'left alone', state: 'stopped' },
};

function Steps({ steps, result }: { steps: readonly PlanStep[]; result: PlanResult | null }) {
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label="Steps, scrollable">
      <Table aria-label="Steps of the plan" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Action</Table.Th>
            <Table.Th>Namespace</Table.Th>
            <Table.Th>Index</Table.Th>
            <Table.Th>Keys</Table.Th>
            <Table.Th>Note</Table.Th>
            {result ? <Table.Th>Outcome</Table.Th> : null}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {steps.map((step) => {
            const { word, state } = actionWords[step.action];
            const outcome = result?.steps.find(
              ({ ns, name, action }) => ns === step.ns && name === step.name && action === step.action,
            );
            return (
              <Table.Tr key={`${step.action} ${step.ns} ${step.name}`}>
                <Table.Td>
                  <StateMark state={state}>{word}</StateMark>
                </Table.Td>
                <Table.Td className="mono wrap-anywhere">{step.ns}</Table.Td>
                <Table.Td className="mono wrap-anywhere">{step.name}</Table.Td>
                <Table.Td className="mono wrap-anywhere">{step.keyText}</Table.Td>
                <Table.Td className="wrap-anywhere">{outcome?.error ?? step.note ?? ''}</Table.Td>
                {result ? (
                  <Table.Td>
                    {outcome ? (
                      <StateMark state={outcomeStates[outcome.outcome].state}>
                        {outcomeStates[outcome.outcome].word}
                      </StateMark>
                    ) : null}
                  </Table.Td>
                ) : null}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </div>
  );
}
