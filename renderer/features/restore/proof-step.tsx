import { Anchor, Button, Group, Stack } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useCallback } from 'react';
import { isFinished, type Job } from '../../../shared/jobs';
import type { RestoreResult } from '../../../shared/restore';
import { useAction } from '../../api';
import { ErrorPanel } from '../../components/error-panel';
import { Facts } from '../../components/facts';
import { JobProgress } from '../../components/job-progress';
import { Section } from '../../components/page';
import { Timestamp } from '../../components/timestamp';
import { Waiting } from '../../components/waiting';
import { goTo, paths } from '../../navigation';
import { useJob, useWhenJobEnds } from '../../state/jobs';
import { modeWords } from '../../components/mode-words';
import { RestoreReport } from './proof/restore-report';
import { stepOf, useRestore } from './restore-store';

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
      {result ? (
        <>
          <RestoreReport result={result} job={job} />
          <WhatNext result={result} hasEnded={job === null || job.status.startsWith('succeeded')} />
        </>
      ) : null}
    </Stack>
  );
}

/** `hasEnded`: it reached its end; else it can go on, too. */
function WhatNext({ result, hasEnded }: { result: RestoreResult; hasEnded: boolean }) {
  const { restoreId, undoId } = result;
  return (
    <Section title="This restore">
      <Facts
        facts={[
          { term: 'Mode', value: result.undoOf === null ? modeWords[result.mode].name : `Undo of ${result.undoOf}` },
          { term: 'Target', value: result.target },
          { term: 'Backup', value: <code>{result.backupId}</code> },
          { term: 'Started', value: <Timestamp value={result.startedAt} seconds /> },
          {
            term: 'Restore id',
            value: (
              <Anchor href={`#${paths.restoreRun(restoreId)}`} className="mono">
                {restoreId}
              </Anchor>
            ),
          },
          { term: 'Undo', value: undoId === null ? 'nothing was kept' : <code>{undoId}</code> },
        ]}
      />
      <Group gap={8} mt={12}>
        {undoId === null ? null : <UndoRestore restoreId={restoreId} />}
        {hasEnded ? null : (
          <Button variant="default" onClick={() => goTo(paths.restoreRun(restoreId))}>
            Continue or undo…
          </Button>
        )}
      </Group>
    </Section>
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
    >
      Preview the undo
    </Button>
  );
}
