import { Button, Stack } from '@mantine/core';
import { IconArrowRight, IconRefresh } from '@tabler/icons-react';
import { useCallback, useMemo, useState } from 'react';
import type { NamespaceDiff, ProblemObject } from '../../../../shared/diff';
import { formatDuration } from '../../../../shared/format';
import { isFinished, type Job } from '../../../../shared/jobs';
import type { Preview } from '../../../../shared/restore';
import { useAction } from '../../../api';
import { parseDate, formatLocal } from '../../../components/dates';
import { ActionBar } from '../../../components/action-bar';
import { ErrorPanel } from '../../../components/error-panel';
import { JobProgress } from '../../../components/job-progress';
import { Section } from '../../../components/page';
import { Age, Timestamp } from '../../../components/timestamp';
import { Waiting } from '../../../components/waiting';
import { useCatalogue } from '../../../state/catalogue';
import { useConnection } from '../../../state/connections';
import { useJob, useWhenJobEnds } from '../../../state/jobs';
import { idText } from '../id-text';
import { stepOf, useRestore } from '../restore-store';
import { ComparedWays } from './compared-ways';
import { Consequences } from './consequences';
import { EffectLine } from './effect-line';
import { ExportMenu } from './export-menu';
import { NamespaceDetails, type AskedDetails } from './namespace-details';
import { NamespaceTable } from './namespace-table';
import { usePicks } from './pick-store';
import { effectModeOf } from './predicted-effect';
import styles from './preview.module.css';

/** What differs is what people came for; within both groups the order stays. */
function differingFirst(namespaces: readonly NamespaceDiff[]): NamespaceDiff[] {
  const same = namespaces.filter(({ status }) => status === 'same');
  return [...namespaces.filter(({ status }) => status !== 'same'), ...same];
}

function hasDifferingDocuments({ documents }: NamespaceDiff): boolean {
  return documents.onlyInBackup + documents.changed + documents.onlyInTarget > 0;
}

/** As people would type it, where that means the same. */
function searchOf(id: string): string {
  const { type, text } = idText(id);
  return type === 'ObjectId' ? text : id;
}

function isIndex({ indexes }: NamespaceDiff, name: string): boolean {
  return [indexes.add, indexes.change, indexes.remove, indexes.same].flat().some((index) => index.name === name);
}

/** The diff, and what each mode would do with it. Nothing is written here. */
export function PreviewStep() {
  const { previewJobId, preview, earlier, error, loadPreview, startPreview, refreshPreview, keepEarlier, goToStep } =
    useRestore();
  const again = () => void (earlier ? refreshPreview() : startPreview());
  const job = useJob(previewJobId);
  const onEnd = useCallback(
    (ended: Job) => {
      if (ended.resultId && ended.status.startsWith('succeeded')) void loadPreview(ended.resultId);
    },
    [loadPreview],
  );
  useWhenJobEnds(previewJobId, onEnd);
  if (preview) return <PreviewView preview={preview} />;
  const ended = job !== null && isFinished(job.status);
  return (
    <>
      <Stack gap={16} maw={960}>
        {error ? <ErrorPanel error={error} onRetry={again} /> : null}
        <Section title="Comparing">
          <JobProgress job={job} awaiting="Comparing indexes and options" onRetry={again} />
          {ended && job.status.startsWith('succeeded') && !error ? <Waiting for="Reading the differences" /> : null}
        </Section>
      </Stack>
      <ActionBar>
        <Button variant="default" onClick={() => goToStep(stepOf.target)}>
          Back
        </Button>
        {earlier && (ended || error) ? (
          <Button variant="default" onClick={keepEarlier}>
            Back to the earlier preview
          </Button>
        ) : null}
      </ActionBar>
    </>
  );
}

function PreviewView({ preview }: { preview: Preview }) {
  const { mode, error, goToStep, refreshPreview, startPreview } = useRestore();
  const refresh = useAction(refreshPreview);
  const compareAll = useAction(() => startPreview({ full: true }));
  const picks = usePicks(preview.id);
  const namespaces = useMemo(() => differingFirst(preview.result.namespaces), [preview]);
  const [openNs, setOpenNs] = useState<string | null>(null);
  const [asked, setAsked] = useState<(AskedDetails & { turn: number }) | null>(null);
  // The first with documents that differ is what was come for.
  const initial = useMemo(
    () => namespaces.find(hasDifferingDocuments) ?? namespaces.find(({ status }) => status !== 'same') ?? null,
    [namespaces],
  );
  const opened = namespaces.find(({ ns }) => ns === openNs) ?? initial;
  const showObject = ({ ns, id, name }: ProblemObject) => {
    const concerned = namespaces.find(({ targetNs }) => targetNs === ns);
    if (!concerned) return;
    const tab = id !== null ? 'documents' : name !== null && isIndex(concerned, name) ? 'indexes' : 'options';
    setOpenNs(concerned.ns);
    setAsked((before) => ({ tab, search: id === null ? null : searchOf(id), turn: (before?.turn ?? 0) + 1 }));
  };
  return (
    <>
      <PreviewHead preview={preview} busy={refresh.busy} onRefresh={() => void refresh.run()} />
      <ComparedWays
        namespaces={namespaces}
        busy={compareAll.busy}
        onCompareAll={preview.undoOf === null ? () => void compareAll.run() : null}
      />
      {error ? <ErrorPanel error={error} onRetry={() => void refresh.run()} /> : null}
      <Consequences preview={preview} onObject={showObject} />
      <NamespaceTable
        namespaces={namespaces}
        mode={effectModeOf(preview, mode)}
        picks={picks}
        openNs={opened?.ns ?? null}
        onOpen={(namespace) => {
          setOpenNs(namespace.ns);
          setAsked(null);
        }}
      />
      {opened ? (
        <NamespaceDetails
          key={`${opened.ns} ${asked?.turn ?? ''}`}
          previewId={preview.id}
          namespace={opened}
          mode={mode}
          asked={asked}
        />
      ) : null}
      <ActionBar said={<EffectLine preview={preview} />}>
        {preview.undoOf === null ? (
          <Button variant="default" onClick={() => goToStep(stepOf.target)}>
            Back
          </Button>
        ) : null}
        <Button onClick={() => goToStep(stepOf.apply)}>Continue to Apply</Button>
      </ActionBar>
    </>
  );
}

interface PreviewHeadProps {
  preview: Preview;
  busy: boolean;
  onRefresh: () => void;
}

/** Which backup against which target, as of when. */
function PreviewHead({ preview, busy, onRefresh }: PreviewHeadProps) {
  const { request, result, createdAt } = preview;
  const entry = useCatalogue(({ entries }) => entries?.find(({ id }) => id === request.backupId) ?? null);
  const connection = useConnection(request.connectionId);
  const when = parseDate(entry?.createdAt ?? null);
  const backup = entry
    ? [when ? formatLocal(when) : null, entry.scope, entry.type, entry.verification?.ok ? 'verified' : 'not verified']
        .filter(Boolean)
        .join(' · ')
    : request.backupId;
  return (
    <div className={styles.head}>
      <span>{backup}</span>
      <IconArrowRight size={16} aria-label="compared with" className="dimmed" />
      <strong>{connection?.name ?? result.target}</strong>
      <span className="dimmed">
        as of <Timestamp value={createdAt} seconds /> (<Age value={createdAt} />
        ), compared in {formatDuration(result.elapsedMs / 1000)}
      </span>
      <Button
        variant="default"
        size="compact-xs"
        leftSection={<IconRefresh size={14} aria-hidden />}
        loading={busy}
        onClick={onRefresh}
      >
        Refresh
      </Button>
      <ExportMenu previewId={preview.id} />
    </div>
  );
}
