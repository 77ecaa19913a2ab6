import { Button, Group, Modal, Radio, Select, Stack, TextInput } from '@mantine/core';
import { IconFile, IconFolder } from '@tabler/icons-react';
import { useCallback, useState, type FormEvent } from 'react';
import { isFinished, type Job } from '../../../shared/jobs';
import { api, useAction, useRequest } from '../../api';
import { ErrorPanel } from '../../components/error-panel';
import { JobProgress } from '../../components/job-progress';
import { goTo, paths } from '../../navigation';
import { useApp } from '../../state/app-state';
import { useJob, useWhenJobEnds } from '../../state/jobs';

interface ImportDialogProps {
  opened: boolean;
  initialPath: string | null;
  onClose: () => void;
}

/** Takes a dump made elsewhere into a store, or only looks into it. */
export function ImportDialog({ opened, initialPath, onClose }: ImportDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Import a dump" size="lg">
      <ImportForm key={`${String(opened)}${initialPath ?? ''}`} initialPath={initialPath} onClose={onClose} />
    </Modal>
  );
}

function ImportForm({ initialPath, onClose }: Omit<ImportDialogProps, 'opened'>) {
  const [path, setPath] = useState(initialPath ?? '');
  const [keep, setKeep] = useState<'store' | 'look'>('store');
  const defaultStoreId = useApp(({ settings }) => settings?.defaultStoreId ?? null);
  const [storeId, setStoreId] = useState<string | null>(null);
  const [jobId, setJobId] = useState<string | null>(null);
  const stores = useRequest('stores.list', undefined);
  const job = useJob(jobId);
  const choose = useAction(async (folder: boolean) => {
    const chosen = await api('dialogs.choose-backup', { folder });
    if (chosen !== null) setPath(chosen);
  });
  const start = useAction(async () => {
    const target = keep === 'look' ? null : (storeId ?? defaultStoreId);
    const started = await api('backups.import', { path: path.trim(), storeId: target });
    setJobId(started.jobId);
  });
  const onEnd = useCallback((ended: Job) => {
    const done = ended.status === 'succeeded' || ended.status === 'succeeded-with-warnings';
    if (done && ended.resultId) goTo(paths.backup(ended.resultId));
  }, []);
  useWhenJobEnds(jobId, onEnd);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void start.run();
  };
  const running = jobId !== null && !(job && isFinished(job.status));
  if (jobId !== null) {
    return (
      <Stack gap={16}>
        <JobProgress job={job} awaiting="Reading the dump" onRetry={() => setJobId(null)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {running ? 'Go on in the background' : 'Close'}
          </Button>
        </Group>
      </Stack>
    );
  }
  const error = start.error ?? choose.error ?? stores.error;
  return (
    <form onSubmit={submit}>
      <Stack gap={16}>
        <TextInput
          label="File or folder"
          description="An archive of mongodump --archive, a --out folder, or a tar.gz of one; gzip or not"
          placeholder="/backups/shop.archive.gz"
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
          spellCheck={false}
          required
          data-autofocus
        />
        <Group gap={8}>
          <Button
            variant="default"
            leftSection={<IconFile size={14} aria-hidden />}
            onClick={() => void choose.run(false)}
          >
            Choose a file…
          </Button>
          <Button
            variant="default"
            leftSection={<IconFolder size={14} aria-hidden />}
            onClick={() => void choose.run(true)}
          >
            Choose a folder…
          </Button>
        </Group>
        <Radio.Group
          label="What to do with it"
          value={keep}
          onChange={(value) => setKeep(value === 'look' ? 'look' : 'store')}
        >
          <Stack gap={8} mt={8}>
            <Radio value="store" label="Keep it in a store" description="Copied, verified, listed like any backup" />
            <Radio
              value="look"
              label="Only open it"
              description="Looked into, compared and restored from; gone from the list when Lifeboat ends"
            />
          </Stack>
        </Radio.Group>
        {keep === 'store' && stores.data ? (
          <Select
            label="Store"
            value={storeId ?? defaultStoreId}
            onChange={setStoreId}
            data={stores.data
              .filter(({ temporary }) => !temporary)
              .map(({ id, name, available, writable }) => ({
                value: id,
                label: name,
                disabled: !available || !writable,
              }))}
          />
        ) : null}
        {error ? <ErrorPanel error={error} /> : null}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={start.busy} disabled={path.trim() === ''}>
            {keep === 'look' ? 'Open' : 'Import'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
