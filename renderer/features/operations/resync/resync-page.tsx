import { Button, Select, Stack } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import type { Connection } from '../../../../shared/connections';
import { formatBytes } from '../../../../shared/format';
import type { ResyncGuide } from '../../../../shared/operations';
import { useRequest } from '../../../api';
import { ErrorPanel } from '../../../components/error-panel';
import { Notice } from '../../../components/notice';
import { Page, Section } from '../../../components/page';
import { Timestamp } from '../../../components/timestamp';
import { Waiting } from '../../../components/waiting';
import { goTo, paths } from '../../../navigation';
import { useReady } from '../../../readiness';
import { useConnections, useCurrentConnection } from '../../../state/connections';
import styles from '../operations.module.css';

/** How to bring a member back that fell behind. Reads only: the steps are carried out by hand. `host` null: to be chosen. */
export function ResyncPage({ host }: { host: string | null }) {
  const connection = useCurrentConnection();
  const known = useConnections((state) => state.connections !== null);
  useReady('Resync', known);
  if (connection) return <Members key={connection.id} connection={connection} host={host} />;
  return (
    <Page title="Resync a member" back={{ label: 'Replica set', path: paths.replicaSet }}>
      {known ? <Notice kind="info">Choose a connection first.</Notice> : <Waiting for="Reading the connections" />}
    </Page>
  );
}

function Members({ connection, host }: { connection: Connection; host: string | null }) {
  const health = useRequest('health.deployment', { connectionId: connection.id });
  const sets = health.data?.sample?.sets ?? [];
  const set = sets.find(({ members }) => members.some((member) => member.host === host))?.name ?? null;
  const guide = useRequest(
    'operations.resync-guide',
    { connectionId: connection.id, set, host: host ?? '' },
    { enabled: host !== null && (health.data !== null || health.error !== null) },
  );
  return (
    <Page
      title="Resync a member"
      back={{ label: 'Replica set', path: paths.replicaSet }}
      sentence="How to bring a member back that fell behind. Lifeboat only looks: the steps are yours to carry out."
      actions={
        <>
          <Select
            aria-label="Member"
            placeholder="Choose a member"
            w={280}
            value={host}
            onChange={(value) => {
              if (value !== null) goTo(paths.resync(value));
            }}
            data={[
              ...new Set([...sets.flatMap(({ members }) => members.map((member) => member.host)), ...listed(host)]),
            ]}
          />
          <Button
            variant="default"
            leftSection={<IconRefresh size={14} aria-hidden />}
            disabled={host === null}
            loading={guide.loading && guide.data !== null}
            onClick={guide.reload}
          >
            Look again
          </Button>
        </>
      }
    >
      {health.error ? <ErrorPanel error={health.error} onRetry={health.reload} connectionId={connection.id} /> : null}
      {host === null ? <Notice kind="info">Choose the member that fell behind.</Notice> : null}
      {guide.error ? <ErrorPanel error={guide.error} onRetry={guide.reload} connectionId={connection.id} /> : null}
      {host !== null && !guide.data && !guide.error ? (
        <Waiting for={`Comparing the oplogs of ${host} and of its set`} />
      ) : null}
      {guide.data ? <Guide guide={guide.data} at={guide.at} /> : null}
    </Page>
  );
}

function listed(host: string | null): string[] {
  return host === null ? [] : [host];
}

const verdicts: Record<ResyncGuide['verdict'], { kind: 'good' | 'warning' | 'info'; title: string }> = {
  'catches up': { kind: 'good', title: 'It catches up by itself' },
  'initial sync': { kind: 'warning', title: 'It needs an initial sync' },
  unknown: { kind: 'info', title: 'This cannot be judged from here' },
};

function Guide({ guide: { host, verdict, why, steps, dataBytes }, at }: { guide: ResyncGuide; at: Date | null }) {
  const { kind, title } = verdicts[verdict];
  return (
    <Stack gap={16} maw={960}>
      <Notice kind={kind} title={title}>
        {why} Looked at <Timestamp value={at} seconds />.
      </Notice>
      {steps.length > 0 ? (
        <Section title={`Steps for ${host}`}>
          <ol className={styles.steps} aria-label="Steps">
            {steps.map((step, position) => (
              <li key={position}>{step}</li>
            ))}
          </ol>
          {dataBytes === null || verdict === 'catches up' ? null : (
            <p className="dimmed" style={{ margin: '12px 0 0' }}>
              An initial sync copies about {formatBytes(dataBytes)} from another member.
            </p>
          )}
        </Section>
      ) : null}
    </Stack>
  );
}
