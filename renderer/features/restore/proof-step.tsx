import { Button, SimpleGrid, Stack, Table } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useCallback, useState } from 'react';
import type { Effect, NamespaceDiff } from '../../../shared/diff';
import { formatCount, formatDuration, formatQuantity } from '../../../shared/format';
import { isFinished, type Job } from '../../../shared/jobs';
import type { RestoreResult } from '../../../shared/restore';
import { useAction } from '../../api';
import { EffectNumber, effectKinds, type EffectKind } from '../../components/effect-numbers';
import { ErrorPanel } from '../../components/error-panel';
import { Facts } from '../../components/facts';
import { JobProgress } from '../../components/job-progress';
import { Notice } from '../../components/notice';
import { Section } from '../../components/page';
import { StateMark } from '../../components/state-mark';
import { Timestamp } from '../../components/timestamp';
import { Waiting } from '../../components/waiting';
import { useJob, useWhenJobEnds } from '../../state/jobs';
import { typedIdText } from './id-text';
import { modeWords } from './mode-words';
import { metadataText } from './metadata-effect';
import { ProblemList } from './problem-list';
import { stepOf, useRestore } from './restore-store';

/** Whether two sides of one namespace are the same in every respect. */
function isSame(diff: NamespaceDiff): boolean {
  return diff.status === 'same';
}

/** While it is applied, and afterwards the proof: the diff once more. */
export function ProofStep() {
  const { applyJobId, result, error, loadResult, goToStep } = useRestore();
  const job = useJob(applyJobId);
  const onEnd = useCallback(
    (ended: Job) => {
      if (ended.resultId) void loadResult(ended.resultId);
    },
    [loadResult],
  );
  useWhenJobEnds(applyJobId, onEnd);
  const ended = job !== null && isFinished(job.status);
  return (
    <Stack gap={16} maw={1200}>
      {result ? null : (
        <Section title={ended ? 'The run' : 'Restoring'}>
          <JobProgress
            job={job}
            awaiting="Checking that the target is as previewed"
            onRetry={() => goToStep(stepOf.apply)}
          />
        </Section>
      )}
      {error ? <ErrorPanel error={error} /> : null}
      {ended && job.resultId && !result && !error ? <Waiting for="Reading the result" /> : null}
      {result ? <Proof result={result} job={job} /> : null}
    </Stack>
  );
}

function Proof({ result, job }: { result: RestoreResult; job: Job | null }) {
  const { remaining } = result;
  const left = remaining?.namespaces.filter((namespace) => !isSame(namespace)) ?? [];
  const proven = remaining !== null && left.length === 0;
  return (
    <>
      {job?.error && job.status !== 'cancelled' ? <ErrorPanel error={job.error} /> : null}
      {proven ? (
        <Notice kind="good" title="Proven: nothing differs any more">
          The diff ran again over {formatQuantity(remaining.namespaces.length, 'namespace')} and{' '}
          {formatQuantity(remaining.totals.documents.inBackup, 'document')} and is empty.
        </Notice>
      ) : (
        <Notice kind="warning" title={remaining ? 'Something still differs' : 'The diff after it did not run'}>
          {remaining
            ? `${formatQuantity(left.length, 'namespace')} of ${formatCount(remaining.namespaces.length)} still ${left.length === 1 ? 'differs' : 'differ'} from the backup.${modeNote(result)}`
            : 'There is no proof: preview once more to see what differs.'}
        </Notice>
      )}
      <SimpleGrid cols={2} spacing={16}>
        <Section title="Predicted and done" flush>
          <PredictedVersusDone predicted={result.predicted} done={result.effect} />
        </Section>
        <Section title="What was done">
          <Facts
            facts={[
              { term: 'Mode', value: modeWords[result.mode].name },
              { term: 'Target', value: result.target },
              { term: 'Backup', value: <code>{result.backupId}</code> },
              { term: 'Started', value: <Timestamp value={result.startedAt} seconds /> },
              { term: 'Took', value: formatDuration(result.elapsedMs / 1000) },
              { term: 'Indexes and options', value: metadataText(result) || 'untouched' },
              { term: 'Restore id', value: <code>{result.restoreId}</code> },
              {
                term: 'Undo',
                value: result.undoId === null ? 'nothing was kept' : <code>{result.undoId}</code>,
              },
            ]}
          />
          {result.undoId === null ? null : <UndoRestore restoreId={result.restoreId} />}
        </Section>
      </SimpleGrid>
      {left.length > 0 ? <Remaining namespaces={left} /> : null}
      {result.problems.length > 0 ? (
        <Section title="Predicted beforehand">
          <ProblemList problems={result.problems} />
        </Section>
      ) : null}
      {result.conflicts.length > 0 ? (
        <LongList
          title={`Left alone: ${formatQuantity(result.conflicts.length, 'document')} changed by someone else meanwhile`}
          rows={result.conflicts.map(({ ns, id, reason }) => [ns, typedIdText(id), reason])}
        />
      ) : null}
      {result.failures.length > 0 ? (
        <LongList
          title={`Failed: ${formatQuantity(result.failures.length, 'write')}`}
          rows={result.failures.map(({ ns, id, message }) => [ns, id === null ? '' : typedIdText(id), message])}
        />
      ) : null}
    </>
  );
}

/** Nothing is undone by this alone: it leads to a preview. */
function UndoRestore({ restoreId }: { restoreId: string }) {
  const previewUndo = useRestore((state) => state.previewUndo);
  const preview = useAction(previewUndo);
  return (
    <Button
      variant="default"
      leftSection={<IconArrowBackUp size={14} aria-hidden />}
      loading={preview.busy}
      onClick={() => void preview.run(restoreId)}
      mt={12}
    >
      Preview the undo
    </Button>
  );
}

function modeNote({ mode }: RestoreResult): string {
  if (mode === 'insert-missing') return ' Insert missing leaves changed and additional documents as they are.';
  return '';
}

const doneWords: Record<EffectKind, string> = {
  insert: 'Inserted',
  replace: 'Replaced',
  delete: 'Deleted',
  keep: 'Untouched',
  conflict: 'In conflict',
};

function PredictedVersusDone({ predicted, done }: { predicted: Effect; done: Effect }) {
  return (
    <Table aria-label="Predicted and done" verticalSpacing={4} horizontalSpacing={16}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Documents</Table.Th>
          <Table.Th scope="col" ta="right">
            Predicted
          </Table.Th>
          <Table.Th scope="col" ta="right">
            Done
          </Table.Th>
          <Table.Th scope="col">As predicted</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {effectKinds.map((kind) => (
          <Table.Tr key={kind}>
            <Table.Td>{doneWords[kind]}</Table.Td>
            <Table.Td ta="right">
              <EffectNumber kind={kind} count={predicted[kind]} />
            </Table.Td>
            <Table.Td ta="right">
              <EffectNumber kind={kind} count={done[kind]} />
            </Table.Td>
            <Table.Td>
              <StateMark state={predicted[kind] === done[kind] ? 'good' : 'warning'}>
                {predicted[kind] === done[kind] ? 'yes' : 'no'}
              </StateMark>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Remaining({ namespaces }: { namespaces: readonly NamespaceDiff[] }) {
  return (
    <Section title="What still differs" flush>
      <Table aria-label="What still differs" verticalSpacing={4} horizontalSpacing={16}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Namespace</Table.Th>
            <Table.Th scope="col" ta="right">
              Only in backup
            </Table.Th>
            <Table.Th scope="col" ta="right">
              Changed
            </Table.Th>
            <Table.Th scope="col" ta="right">
              Only in target
            </Table.Th>
            <Table.Th scope="col">Indexes and options</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {namespaces.map(({ ns, targetNs, documents, indexes, options }) => {
            const indexCount = indexes.add.length + indexes.change.length + indexes.remove.length;
            return (
              <Table.Tr key={ns}>
                <Table.Td className="mono wrap-anywhere">{targetNs}</Table.Td>
                <Table.Td ta="right">{formatCount(documents.onlyInBackup)}</Table.Td>
                <Table.Td ta="right">{formatCount(documents.changed)}</Table.Td>
                <Table.Td ta="right">{formatCount(documents.onlyInTarget)}</Table.Td>
                <Table.Td>
                  {indexCount === 0 && options.same ? 'same' : ''}
                  {indexCount > 0 ? formatQuantity(indexCount, 'index', 'indexes') : ''}
                  {indexCount > 0 && !options.same ? ', ' : ''}
                  {options.same ? '' : 'options'}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Section>
  );
}

const shownRows = 200;

function LongList({ title, rows }: { title: string; rows: readonly (readonly [string, string, string])[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, shownRows);
  return (
    <Section title={title} flush>
      <Table aria-label={title} verticalSpacing={4} horizontalSpacing={16}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Namespace</Table.Th>
            <Table.Th scope="col">_id</Table.Th>
            <Table.Th scope="col">Reason</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map(([ns, id, reason], index) => (
            <Table.Tr key={index}>
              <Table.Td className="mono">{ns}</Table.Td>
              <Table.Td className="mono wrap-anywhere">{id}</Table.Td>
              <Table.Td className="wrap-anywhere">{reason}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {rows.length > shown.length ? (
        <div style={{ padding: 8 }}>
          <Button variant="default" onClick={() => setAll(true)}>
            Show all {formatCount(rows.length)}
          </Button>
        </div>
      ) : null}
    </Section>
  );
}
