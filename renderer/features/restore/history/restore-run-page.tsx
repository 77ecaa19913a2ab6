import { Anchor, Button } from '@mantine/core';
import { IconArrowBackUp, IconDownload } from '@tabler/icons-react';
import { useEffect } from 'react';
import type { RestoreResult, RestoreSummary } from '../../../../shared/restore';
import { useRequest } from '../../../api';
import { ErrorPanel } from '../../../components/error-panel';
import { Facts } from '../../../components/facts';
import { Notice } from '../../../components/notice';
import { Page, Section } from '../../../components/page';
import { saveTextFile } from '../../../components/save-file';
import { StateMark } from '../../../components/state-mark';
import { Age, Timestamp } from '../../../components/timestamp';
import { Waiting } from '../../../components/waiting';
import { paths } from '../../../navigation';
import { useReady } from '../../../readiness';
import { useRestores } from '../../../state/restores';
import { modeWords } from '../../../components/mode-words';
import { RestoreReport } from '../proof/restore-report';
import { RestoreChoices } from './restore-choices';
import { howFar, modeName, stateOf } from '../../../components/restore-words';
import { usePreviewUndo } from './use-preview-undo';

/** One restore: what it did, what can still be done about it. */
export function RestoreRunPage({ restoreId }: { restoreId: string }) {
  const { summaries, error, load } = useRestores();
  useEffect(() => void load(), [load]);
  const summary = summaries?.find((each) => each.restoreId === restoreId) ?? null;
  useReady('Restore', summary !== null);
  const back = { label: 'Restore history', path: paths.restoreHistory };
  if (!summary) {
    return (
      <Page title="Restore" back={back}>
        {error ? <ErrorPanel error={error} onRetry={() => void load()} /> : null}
        {!summaries && !error ? <Waiting for="Reading the restores so far" /> : null}
        {summaries ? (
          <ErrorPanel
            error={{
              code: 'not-found',
              message: `There is no restore ${restoreId} any more.`,
              hint: 'What is known of a restore is removed 90 days after it.',
            }}
          />
        ) : null}
      </Page>
    );
  }
  return <RestoreRun summary={summary} back={back} />;
}

function RestoreRun({ summary, back }: { summary: RestoreSummary; back: { label: string; path: string } }) {
  const { restoreId, state, scope, target, startedAt } = summary;
  // A restore that was cut off may have left no result, and one that runs has none yet.
  const result = useRequest('restore.result', { restoreId }, { enabled: state !== 'running' });
  const undo = usePreviewUndo();
  const mark = stateOf(summary);
  const canUndo = summary.undoId !== null && summary.undoneBy === null && state !== 'running';
  return (
    <Page
      title={`${modeName(summary)}: ${scope} to ${target}`}
      back={back}
      sentence={
        <>
          <StateMark state={mark.state}>{mark.word}</StateMark> · begun <Age value={startedAt} />
        </>
      }
      actions={
        <>
          {result.data ? <ExportProof result={result.data} /> : null}
          {canUndo && !summary.canContinue ? (
            <Button
              leftSection={<IconArrowBackUp size={14} aria-hidden />}
              loading={undo.busy}
              onClick={() => void undo.run(restoreId, null)}
            >
              Preview the undo
            </Button>
          ) : null}
        </>
      }
    >
      {undo.error ? <ErrorPanel error={undo.error} connectionId={summary.connectionId} /> : null}
      {state === 'interrupted' ? (
        <Notice kind="bad" title={`Lifeboat ended while it was writing to ${target}`}>
          {sentenceOf(howFar(summary))} What was written is as in the backup, the rest as it was before. Nothing happens
          until you choose.
        </Notice>
      ) : null}
      {summary.canContinue ? <RestoreChoices summary={summary} /> : null}
      <RunFacts summary={summary} />
      {result.data ? <RestoreReport result={result.data} job={null} /> : null}
      {result.error && result.error.code !== 'not-found' ? (
        <ErrorPanel error={result.error} onRetry={result.reload} />
      ) : null}
    </Page>
  );
}

const sentenceOf = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function RunFacts({ summary }: { summary: RestoreSummary }) {
  const { restoreId, mode, undoOf, undoneBy, backupId, target, scope, startedAt, undoId, undoUntil } = summary;
  const undoWords =
    undoId === null ? (
      summary.undoDeclined ? (
        'declined: nothing was saved'
      ) : (
        'nothing to undo, or its time is over'
      )
    ) : (
      <>
        until <Timestamp value={undoUntil} />, from <code>{undoId}</code>
      </>
    );
  return (
    <Section title="This restore">
      <Facts
        facts={[
          {
            term: 'Mode',
            value: `${modeName(summary)}: ${undoOf === null ? modeWords[mode].does : 'puts back what was'}`,
          },
          { term: 'Target', value: target },
          { term: 'Scope', value: scope },
          { term: 'Backup', value: <IdLink path={paths.backup(backupId)} id={backupId} /> },
          { term: 'Started', value: <Timestamp value={startedAt} seconds /> },
          { term: 'Undo', value: undoneBy === null ? undoWords : undoneWords(undoneBy) },
          ...(undoOf === null
            ? []
            : [{ term: 'Undid', value: <IdLink path={paths.restoreRun(undoOf)} id={undoOf} /> }]),
          { term: 'Restore id', value: <code>{restoreId}</code> },
        ]}
      />
    </Section>
  );
}

function undoneWords(undoneBy: string) {
  return (
    <>
      undone by <IdLink path={paths.restoreRun(undoneBy)} id={undoneBy} />
    </>
  );
}

function IdLink({ path, id }: { path: string; id: string }) {
  return (
    <Anchor href={`#${path}`} className="mono">
      {id}
    </Anchor>
  );
}

/** The whole result with the diff after it, as one JSON document. */
function ExportProof({ result }: { result: RestoreResult }) {
  const save = () =>
    saveTextFile(`${result.restoreId}.json`, 'application/json', `${JSON.stringify(result, null, 2)}\n`);
  return (
    <Button variant="default" leftSection={<IconDownload size={14} aria-hidden />} onClick={save}>
      {result.remaining === null ? 'Export the result…' : 'Export the proof…'}
    </Button>
  );
}
