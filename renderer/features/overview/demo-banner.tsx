import { Button, Group } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import type { Connection } from '../../../shared/connections';
import { Notice } from '../../components/notice';
import { useApp } from '../../state/app-state';

/** Says that this is the demo, and lets its customers be paused. */
export function DemoBanner({ connection }: { connection: Connection }) {
  const demo = useApp((state) => state.demo);
  const setWorkload = useApp((state) => state.setWorkload);
  const stopDemo = useApp((state) => state.stopDemo);
  if (!demo || demo.state !== 'running' || demo.connectionId !== connection.id) return null;
  const working = demo.workload === 'running';
  return (
    <Notice
      kind="info"
      title={
        working ? 'This is the demo: customers are at work in the shop' : 'This is the demo: its workload is paused'
      }
      action={
        <Group gap={8}>
          <Button
            variant="default"
            leftSection={working ? <IconPlayerPause size={14} aria-hidden /> : <IconPlayerPlay size={14} aria-hidden />}
            onClick={() => void setWorkload(!working)}
          >
            {working ? 'Pause the workload' : 'Resume the workload'}
          </Button>
          <Button
            variant="default"
            leftSection={<IconPlayerStop size={14} aria-hidden />}
            onClick={() => void stopDemo()}
          >
            Stop the demo
          </Button>
        </Group>
      }
    >
      Three real mongods on this computer; they and their data end with Lifeboat.
    </Notice>
  );
}
