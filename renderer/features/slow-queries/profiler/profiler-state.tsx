import { Button, Group } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import type { ProfilingStatus } from '../../../../shared/profiling';
import { api, useAction, type RequestState } from '../../../api';
import { ErrorPanel } from '../../../components/error-panel';
import { StateMark, type State } from '../../../components/state-mark';
import { profilerSentence, type ProfilerSentence } from './profile-draft';

const marks: Record<ProfilerSentence['state'], State> = { off: 'stopped', on: 'running', waiting: 'bad' };

/** Whether the profiler runs and until when, and how to stop it. */
export function ProfilerState({ status, onDetails }: { status: RequestState<ProfilingStatus>; onDetails: () => void }) {
  const stop = useAction(async (boxId: string) => {
    await api('profiling.stop', { boxId });
    status.reload();
  });
  if (!status.data)
    return <span className="dimmed">{status.error ? 'Profiler: unknown' : 'Asking the profilers'}</span>;
  const { state, text, box } = profilerSentence(status.data);
  return (
    <Group gap={8} role="group" aria-label="Profiler">
      <StateMark state={marks[state]}>{text}</StateMark>
      {box ? (
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<IconPlayerStop size={14} aria-hidden />}
          loading={stop.busy}
          onClick={() => void stop.run(box.id)}
        >
          {state === 'waiting' ? 'Put back now' : 'Stop'}
        </Button>
      ) : null}
      <Button variant="subtle" color="gray" size="compact-xs" onClick={onDetails}>
        Profilers…
      </Button>
      {stop.error ? <ErrorPanel error={stop.error} /> : null}
    </Group>
  );
}
