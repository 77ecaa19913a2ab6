import { Button, Tabs } from '@mantine/core';
import { IconBellOff, IconPlus } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { formatQuantity } from '../../../shared/format';
import type { IncidentLists } from '../../../shared/incidents';
import { ErrorPanel } from '../../components/error-panel';
import { Page } from '../../components/page';
import { closeToasts } from '../../components/toasts';
import { Waiting } from '../../components/waiting';
import { goTo, paths } from '../../navigation';
import { useReady } from '../../readiness';
import { isWaiting, useAlerts } from '../../state/alerts';
import { useConnections } from '../../state/connections';
import { useNow } from '../../components/use-now';
import { groupToastId } from './incident-news';
import { IncidentsTab } from './incidents-tab';
import { RulesTab } from './rules-tab';
import { SilenceDialog } from './silence-dialog';
import { SilencesTab } from './silences-tab';
import styles from './alerts.module.css';

type AlertsTab = 'open' | 'past' | 'silences' | 'rules';

const pathOf: Record<AlertsTab, string> = {
  open: paths.alerts,
  past: paths.pastAlerts,
  silences: paths.silences,
  rules: paths.alertRules,
};
const tabs = Object.keys(pathOf) as AlertsTab[];

/** The page that an address `/alerts/:tab/:action/:id` means. */
export function alertsAddress(
  tab: string | undefined,
  action: string | undefined,
  id: string | undefined,
): AlertsPageProps {
  const known = tabs.find((one) => one === tab) ?? 'open';
  if (known !== 'rules') return { tab: known, ruleId: null };
  return { tab: known, ruleId: action === 'new' ? 'new' : action === 'edit' && id !== undefined ? id : null };
}

interface AlertsPageProps {
  tab: AlertsTab;
  /** A rule whose dialog is open; `new` for one of the user's own. */
  ruleId: string | null;
}

/** What fires on any deployment, what was over, what is kept quiet, and the rules of it. */
export function AlertsPage({ tab, ruleId }: AlertsPageProps) {
  const lists = useAlerts((state) => state.lists);
  const silences = useAlerts((state) => state.silences);
  const rules = useAlerts((state) => state.rules);
  const error = useAlerts((state) => state.error);
  const load = useAlerts((state) => state.load);
  const connections = useConnections((state) => state.connections);
  const [silencing, setSilencing] = useState(false);
  const now = useNow();
  useReady('Alerts', lists !== null);
  useEffect(() => {
    // The list tells more than the toast does.
    if (tab === 'open') closeToasts([groupToastId]);
  }, [tab]);
  const current = (silences ?? []).filter(({ until }) => until > now.getTime()).length;
  const action =
    tab === 'rules' ? (
      <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => goTo(paths.newAlertRule)}>
        New rule…
      </Button>
    ) : (tab === 'silences' && current === 0) || connections?.length === 0 ? null : (
      <Button variant="default" leftSection={<IconBellOff size={14} aria-hidden />} onClick={() => setSilencing(true)}>
        Silence a deployment…
      </Button>
    );
  return (
    <Page
      title="Alerts"
      fills
      sentence={lists && connections?.length !== 0 ? sentenceOf(lists) : undefined}
      actions={action}
    >
      {error ? <ErrorPanel error={error} onRetry={() => void load()} /> : null}
      {!lists && !error ? <Waiting for="Reading what fires" /> : null}
      {lists ? (
        <Tabs
          value={tab}
          onChange={(value) => goTo(pathOf[tabs.find((one) => one === value) ?? 'open'])}
          className={styles.tabs ?? ''}
        >
          <Tabs.List>
            <Tabs.Tab value="open">{`Open ${lists.open.length}`}</Tabs.Tab>
            <Tabs.Tab value="past">Past</Tabs.Tab>
            <Tabs.Tab value="silences">{current > 0 ? `Silences ${current}` : 'Silences'}</Tabs.Tab>
            <Tabs.Tab value="rules">Rules</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="open" className={styles.panel ?? ''}>
            <IncidentsTab kind="open" incidents={lists.open} rules={rules} />
          </Tabs.Panel>
          <Tabs.Panel value="past" className={styles.panel ?? ''}>
            <IncidentsTab kind="past" incidents={lists.past} rules={rules} />
          </Tabs.Panel>
          <Tabs.Panel value="silences" className={styles.panel ?? ''}>
            <SilencesTab silences={silences ?? []} rules={rules} onNew={() => setSilencing(true)} />
          </Tabs.Panel>
          <Tabs.Panel value="rules" className={styles.panel ?? ''}>
            <RulesTab entries={rules ?? []} openId={ruleId} />
          </Tabs.Panel>
        </Tabs>
      ) : null}
      <SilenceDialog subject={silencing ? 'new' : null} onClose={() => setSilencing(false)} />
    </Page>
  );
}

function sentenceOf({ open }: IncidentLists): string {
  const [gravest] = open;
  if (!gravest) return 'Nothing fires on any deployment.';
  const waiting = open.filter(isWaiting).length;
  const alerts = formatQuantity(open.length, 'open alert');
  if (waiting === 0) return `${alerts}, ${open.length === 1 ? '' : 'all '}acknowledged or silenced.`;
  if (open.length === 1) return `${alerts}, waiting for somebody: ${gravest.name}.`;
  return `${alerts}, ${waiting === open.length ? 'all' : waiting} waiting for somebody; the gravest: ${gravest.name}.`;
}
