import { Button, Group, NumberInput, Radio, Select, Stack } from '@mantine/core';
import { useCallback, useState } from 'react';
import type { IndexSuggestion } from '../../../../shared/advice';
import type { TryResult, TrySize } from '../../../../shared/tries';
import type { Connection } from '../../../../shared/connections';
import { formatBytes, formatQuantity } from '../../../../shared/format';
import { isFinished, type Job } from '../../../../shared/jobs';
import type { OperationRow, ShapeRow } from '../../../../shared/slow-queries';
import { api, useAction, useRequest } from '../../../api';
import { formatLocal, parseDate } from '../../../components/dates';
import { ErrorPanel } from '../../../components/error-panel';
import { JobProgress } from '../../../components/job-progress';
import { Waiting } from '../../../components/waiting';
import { useJob, useWhenJobEnds } from '../../../state/jobs';
import { Tried } from './tried';

interface TrySectionProps {
  captureId: string;
  connection: Connection;
  suggestion: IndexSuggestion;
  row: ShapeRow;
  example: OperationRow;
  /** The result is shown here; it is kept as well. */
  onTried: (tryId: string) => void;
}

/** Copies the collection, or a sample of it, into a sandbox, builds the index there and runs the operation before and after. */
export function TrySection(props: TrySectionProps) {
  const { connection, suggestion } = props;
  const size = useRequest('advice.try-size', { connectionId: connection.id, ns: suggestion.ns });
  if (size.error) return <ErrorPanel error={size.error} onRetry={size.reload} connectionId={connection.id} />;
  if (!size.data) return <Waiting for={`Asking how large ${suggestion.ns} is`} />;
  return <TryForm size={size.data} {...props} />;
}

function TryForm({
  captureId,
  connection,
  suggestion,
  row,
  example,
  onTried,
  size,
}: TrySectionProps & { size: TrySize }) {
  const [kind, setKind] = useState<'sample' | 'whole' | 'backup'>(size.suggestedSample === null ? 'whole' : 'sample');
  const [sample, setSample] = useState<number | string>(size.suggestedSample ?? 100_000);
  const [backupId, setBackupId] = useState<string | null>(size.backups[0]?.backupId ?? null);
  const [jobId, setJobId] = useState<string | null>(null);
  const [result, setResult] = useState<TryResult | null>(null);
  const job = useJob(jobId);
  const start = useAction(async () => {
    setResult(null);
    const started = await api('advice.try', {
      connectionId: connection.id,
      captureId,
      source:
        kind === 'backup' && backupId !== null
          ? { kind: 'backup', backupId }
          : { kind: 'live', sampleDocuments: kind === 'sample' && typeof sample === 'number' ? sample : null },
      ns: suggestion.ns,
      indexes: [suggestion.definition],
      shapes: [{ id: row.id, op: example.op, command: example.command ?? '' }],
    });
    setJobId(started.jobId);
  });
  const read = useAction(async (tryId: string) => {
    setResult(await api('advice.try-result', { tryId }));
    onTried(tryId);
  });
  const { run: readResult } = read;
  const onEnd = useCallback(
    (ended: Job) => {
      if (ended.status.startsWith('succeeded') && ended.resultId) void readResult(ended.resultId);
    },
    [readResult],
  );
  useWhenJobEnds(jobId, onEnd);
  const whole = [
    size.documents === null ? null : formatQuantity(size.documents, 'document'),
    size.bytes === null ? null : formatBytes(size.bytes),
  ].filter((part) => part !== null);
  return (
    <Stack gap={12} role="group" aria-label="Try in a sandbox">
      <Radio.Group
        label="On which documents"
        description="Copied into a sandbox on this computer, which is gone afterwards; nothing is built on the deployment"
        value={kind}
        onChange={(value) => setKind(value === 'backup' || value === 'whole' ? value : 'sample')}
      >
        <Stack gap={8} mt={8}>
          <Group gap={8}>
            <Radio value="sample" label={`A sample of ${connection.name}`} />
            <NumberInput
              aria-label="Documents in the sample"
              w={130}
              value={sample}
              onChange={setSample}
              min={1}
              max={10_000_000}
              thousandSeparator=","
              disabled={kind !== 'sample'}
            />
          </Group>
          <Radio value="whole" label={`The whole collection${whole.length > 0 ? `: ${whole.join(', ')}` : ''}`} />
          <Group gap={8}>
            <Radio value="backup" label="A backup" disabled={size.backups.length === 0} />
            {size.backups.length > 0 ? (
              <Select
                aria-label="Backup"
                w={340}
                value={backupId}
                onChange={setBackupId}
                disabled={kind !== 'backup'}
                data={size.backups.map((backup) => ({ value: backup.backupId, label: backupText(backup) }))}
              />
            ) : null}
          </Group>
        </Stack>
      </Radio.Group>
      <Group>
        <Button
          loading={start.busy}
          disabled={job !== null && !isFinished(job.status)}
          onClick={() => void start.run()}
        >
          {result ? 'Try again' : 'Try it'}
        </Button>
        {size.freeBytes === null ? null : <span className="dimmed">{formatBytes(size.freeBytes)} free here</span>}
      </Group>
      {start.error ? <ErrorPanel error={start.error} connectionId={connection.id} /> : null}
      {jobId !== null && !result ? <JobProgress job={job} awaiting="Starting a sandbox" /> : null}
      {read.error ? <ErrorPanel error={read.error} /> : null}
      {result ? <Tried result={result} /> : null}
    </Stack>
  );
}

function backupText({ createdAt, documents, sourceName }: TrySize['backups'][number]): string {
  const date = parseDate(createdAt);
  return `${date ? formatLocal(date) : createdAt} · ${sourceName} · ${formatQuantity(documents, 'document')}`;
}
