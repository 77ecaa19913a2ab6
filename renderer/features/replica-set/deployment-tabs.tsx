import { Tabs } from '@mantine/core';
import { memo, useMemo, type ReactNode } from 'react';
import type { Connection } from '../../../shared/connections';
import { HealthCharts } from './charts/health-charts';
import type { DeploymentView } from './deployment-view';
import { EventsPanel } from './events/events-panel';
import { MembersPanel } from './members/members-panel';
import { NumbersPanel } from './members/numbers-panel';
import { setTabs, useReplicaSet, type SetTab } from './replica-set-store';
import styles from './replica-set.module.css';

// They follow samples by themselves: drawing them once more with the page would double their cost.
const Charts = memo(HealthCharts);

interface DeploymentTabsProps {
  connection: Connection;
  view: DeploymentView;
  /** Null: of all members. */
  host: string | null;
  /** What was done to the deployment; no such tab without. */
  operations?: ReactNode;
}

/** Over time, in numbers, and what happened: of a deployment or of one member. */
export function DeploymentTabs({ connection, view, host, operations }: DeploymentTabsProps) {
  const field = host === null ? 'tab' : 'memberTab';
  const kept = useReplicaSet((state) => state[field]);
  const tab = kept === 'operations' && operations === undefined ? 'charts' : kept;
  const choose = (value: string | null) => {
    const chosen = setTabs.find((one) => one === value);
    if (chosen) useReplicaSet.setState(field === 'tab' ? { tab: chosen } : { memberTab: chosen });
  };
  const hosts = useMemo(() => (host === null ? null : [host]), [host]);
  const member = host === null ? null : (view.members.find((one) => one.host === host) ?? null);
  const words: Record<SetTab, string> = {
    charts: 'Charts',
    members: 'Numbers',
    events: 'Events',
    operations: 'Operations',
  };
  return (
    <Tabs value={tab} onChange={choose} keepMounted={false}>
      <Tabs.List>
        {setTabs
          .filter((one) => one !== 'operations' || operations !== undefined)
          .map((one) => (
            <Tabs.Tab key={one} value={one}>
              {words[one]}
            </Tabs.Tab>
          ))}
      </Tabs.List>
      <Tabs.Panel value="charts" className={styles.panel ?? ''}>
        <Charts connectionId={connection.id} hosts={hosts} />
      </Tabs.Panel>
      <Tabs.Panel value="members" className={styles.panel ?? ''}>
        {member ? <NumbersPanel member={member} /> : <MembersPanel view={view} />}
      </Tabs.Panel>
      <Tabs.Panel value="events" className={styles.panel ?? ''}>
        <EventsPanel connectionId={connection.id} host={host} sharded={view.topology === 'sharded'} />
      </Tabs.Panel>
      {operations !== undefined ? (
        <Tabs.Panel value="operations" className={styles.panel ?? ''}>
          {operations}
        </Tabs.Panel>
      ) : null}
    </Tabs>
  );
}
