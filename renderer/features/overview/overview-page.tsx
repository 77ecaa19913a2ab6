import { Anchor, Button } from '@mantine/core';
import { IconDatabaseExport, IconHistory } from '@tabler/icons-react';
import { useMemo } from 'react';
import { BackupTimeline, TimelineLegend } from '../../components/backup-timeline';
import { ErrorPanel } from '../../components/error-panel';
import { Page, Section } from '../../components/page';
import { StateMark } from '../../components/state-mark';
import { useNow } from '../../components/use-now';
import { Waiting } from '../../components/waiting';
import { goTo, paths } from '../../navigation';
import { useReady } from '../../readiness';
import { isRestorable, useCatalogue } from '../../state/catalogue';
import { useConnections, useCurrentConnection } from '../../state/connections';
import { useHealthOf } from '../../state/health';
import { InterruptedRestores } from '../../components/interrupted-restores';
import { DemoBanner } from './demo-banner';
import { DeploymentSection } from './deployment-section';
import { DeploymentsSection } from './deployments-section';
import { NextSteps } from './next-steps';
import { protectionRows, protectionSentence } from './protection';
import { ProtectionSection } from './protection-section';
import styles from './overview.module.css';

/** In one look: how every deployment is, what is protected, what to do next. */
export function OverviewPage() {
  const connection = useCurrentConnection();
  const connections = useConnections((state) => state.connections);
  const { entries, error, load } = useCatalogue();
  const now = useNow();
  const isSampled = useHealthOf(connection?.id ?? null)?.sample != null;
  const rows = useMemo(() => protectionRows(entries ?? [], connections ?? [], now), [entries, connections, now]);
  useReady('Overview', entries !== null && connection !== null && isSampled);
  if (!connection) {
    return (
      <Page title="Overview">
        <Waiting for="Reading the saved connections" />
      </Page>
    );
  }
  const verdict = entries ? protectionSentence(rows, connection, now) : null;
  const restorable = (entries ?? []).some(isRestorable);
  return (
    <Page
      title="Overview"
      sentence={verdict ? <StateMark state={verdict.state}>{verdict.text}</StateMark> : undefined}
      actions={
        <>
          {restorable ? (
            <Button
              variant="default"
              leftSection={<IconHistory size={14} aria-hidden />}
              onClick={() => goTo(paths.restore)}
            >
              Restore…
            </Button>
          ) : null}
          <Button leftSection={<IconDatabaseExport size={14} aria-hidden />} onClick={() => goTo(paths.newBackup)}>
            Back up
          </Button>
        </>
      }
    >
      <InterruptedRestores />
      <DemoBanner connection={connection} />
      {error ? <ErrorPanel error={error} onRetry={() => void load()} /> : null}
      <NextSteps connection={connection} rows={rows} entries={entries ?? []} />
      <DeploymentsSection connections={connections ?? []} entries={entries ?? []} />
      <div className={styles.columns}>
        <DeploymentSection
          connection={connection}
          aside={
            <Anchor href={`#${paths.replicaSet}`} className="nowrap">
              Charts and events
            </Anchor>
          }
        />
        <ProtectionSection rows={rows} loaded={entries !== null} />
      </div>
      <Section title="Last backups" aside={<TimelineLegend />}>
        {entries && entries.some(({ temporary }) => !temporary) ? (
          <BackupTimeline entries={entries} />
        ) : (
          <span className="dimmed">
            {entries ? (
              <>
                None yet. <Anchor href={`#${paths.newBackup}`}>Make the first backup</Anchor> or{' '}
                <Anchor href={`#${paths.backups}/import`}>import a dump</Anchor>.
              </>
            ) : (
              'Reading the stores'
            )}
          </span>
        )}
      </Section>
    </Page>
  );
}
