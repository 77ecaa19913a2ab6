import { Anchor } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconLock } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { CatalogueEntry } from '../../../shared/backups';
import type { Connection } from '../../../shared/connections';
import { formatCount, formatDuration } from '../../../shared/format';
import { DataTable } from '../../components/data-table';
import { ConnectionDot, EnvironmentBadge } from '../../components/environment-badge';
import { formatLag } from '../../components/metric-text';
import { Section } from '../../components/page';
import { SeverityMark } from '../../components/severity-mark';
import type { Column } from '../../components/table-model';
import { Age } from '../../components/timestamp';
import { useNow } from '../../components/use-now';
import { VerdictMark, verdictWord } from '../../components/verdict-mark';
import { goTo, paths } from '../../navigation';
import { useConnections } from '../../state/connections';
import { isFresh, useHealth } from '../../state/health';
import { badness, coarseSpan, deploymentRow, newestVerifiedOf, type DeploymentRow } from './deployment-rows';

const unknown = (
  <span className="dimmed" title="unknown">
    –
  </span>
);

function open({ connection }: DeploymentRow): void {
  useConnections.getState().choose(connection.id);
  goTo(paths.replicaSet);
}

const dateText = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const columns: readonly Column<DeploymentRow>[] = [
  {
    id: 'verdict',
    header: 'State',
    width: 96,
    value: ({ verdict }) => verdictWord(verdict),
    order: badness,
    cell: ({ verdict, problem }) => (
      <span title={problem ?? undefined}>
        <VerdictMark verdict={verdict} />
      </span>
    ),
  },
  {
    id: 'name',
    header: 'Deployment',
    width: 112,
    grow: 2,
    value: ({ connection }) => connection.name,
    cell: (row) => (
      <span style={{ display: 'flex', alignItems: 'center', gap: 8 }}>
        <ConnectionDot colour={row.connection.colour} />
        <Anchor
          component="button"
          type="button"
          size="sm"
          className="clip"
          miw={0}
          title={row.connection.name}
          onClick={() => open(row)}
        >
          {row.connection.name}
        </Anchor>
        {row.connection.readOnly ? <IconLock size={14} aria-label="read-only" /> : null}
      </span>
    ),
  },
  {
    id: 'environment',
    header: 'Environment',
    width: 118,
    value: ({ connection }) => connection.environment,
    cell: ({ connection }) => <EnvironmentBadge environment={connection.environment} />,
  },
  {
    id: 'since',
    header: 'Since',
    width: 100,
    value: ({ since }) => dateText(since),
    cell: ({ since }) => (since === null ? unknown : <Age value={new Date(since)} />),
  },
  {
    id: 'problem',
    header: 'Problem',
    width: 140,
    grow: 3,
    value: ({ problem }) => problem,
  },
  {
    id: 'primary',
    header: 'Primary',
    width: 160,
    grow: 1,
    mono: true,
    value: ({ primary }) => primary,
    cell: ({ primary, lacksPrimary }) => {
      if (lacksPrimary && primary === null) return <span className="bad">none</span>;
      return primary === null ? unknown : <span title={primary}>{primary}</span>;
    },
  },
  {
    id: 'members',
    header: 'Members',
    width: 74,
    align: 'right',
    value: ({ membersWell, members }) => (members === 0 ? null : membersWell / members),
    cell: ({ membersWell, members }) =>
      members === 0 ? (
        unknown
      ) : (
        <span className={membersWell < members ? 'bad' : undefined}>
          {membersWell} of {members}
        </span>
      ),
  },
  {
    id: 'lag',
    header: 'Lag',
    width: 62,
    align: 'right',
    value: ({ lagSeconds }) => lagSeconds,
    cell: ({ lagSeconds }) => (lagSeconds === null ? unknown : <Span seconds={lagSeconds} />),
  },
  {
    id: 'oplog',
    header: 'Oplog',
    width: 64,
    align: 'right',
    value: ({ oplogWindowHours }) => oplogWindowHours,
    cell: ({ oplogWindowHours }) => (oplogWindowHours === null ? unknown : <Span seconds={oplogWindowHours * 3600} />),
  },
  {
    id: 'connections',
    header: 'Connections',
    width: 98,
    align: 'right',
    value: ({ connections }) => connections,
    cell: ({ connections }) => (connections === null ? unknown : formatCount(connections)),
  },
  {
    id: 'backup',
    header: 'Verified',
    width: 100,
    value: ({ newestVerified }) => newestVerified?.completedAt ?? newestVerified?.createdAt ?? null,
    cell: ({ newestVerified }) =>
      newestVerified ? (
        <Anchor href={`#${paths.backup(newestVerified.id)}`}>
          <Age value={newestVerified.completedAt ?? newestVerified.createdAt} />
        </Anchor>
      ) : (
        <span className="dimmed">none</span>
      ),
  },
  {
    id: 'alerts',
    header: 'Alerts',
    width: 60,
    align: 'right',
    value: ({ alerts }) => alerts,
    cell: ({ alerts, gravest }) =>
      gravest === null ? <span className="dimmed">0</span> : <SeverityMark severity={gravest}>{alerts}</SeverityMark>,
  },
  {
    id: 'sampled',
    header: 'As of',
    width: 100,
    value: ({ sampledAt }) => dateText(sampledAt),
    cell: ({ sampledAt }) => (sampledAt === null ? unknown : <Age value={new Date(sampledAt)} />),
  },
];

/** As long as a narrow column can say; exactly on hover. */
function Span({ seconds }: { seconds: number }) {
  if (seconds < 60) return formatLag(seconds);
  return <span title={formatDuration(seconds)}>{coarseSpan(seconds)}</span>;
}

/** Where the room does not suffice for all of it uncut; the problem is said on hover and of the chosen deployment then. */
const wideOnly: ReadonlySet<string> = new Set(['problem', 'connections', 'sampled']);
const shortColumns = columns.filter(({ id }) => !wideOnly.has(id));
const roomForSentences = '(min-width: 1600px)';

interface DeploymentsSectionProps {
  connections: readonly Connection[];
  entries: readonly CatalogueEntry[];
}

/** Every deployment in one row, worst first. */
export function DeploymentsSection({ connections, entries }: DeploymentsSectionProps) {
  const deployments = useHealth((state) => state.deployments);
  const now = useNow(5000).getTime();
  const isWide = useMediaQuery(roomForSentences, false, { getInitialValueInEffect: false });
  const verified = useMemo(
    () => new Map(connections.map((connection) => [connection.id, newestVerifiedOf(connection, entries)])),
    [connections, entries],
  );
  const rows = useMemo(
    () =>
      connections.map((connection) => {
        const health = deployments?.[connection.id] ?? null;
        const isNew = health !== null && isFresh(health, now);
        return deploymentRow(connection, health, verified.get(connection.id) ?? null, isNew);
      }),
    [connections, deployments, verified, now],
  );
  return (
    <Section title="Deployments" flush>
      <DataTable
        label="Deployments"
        columns={isWide ? columns : shortColumns}
        rows={rows}
        rowKey={({ connection }) => connection.id}
        initialSort={{ id: 'verdict', desc: false }}
        onOpen={open}
        height={380}
        plain={rows.length < 8}
        bare
      />
    </Section>
  );
}
