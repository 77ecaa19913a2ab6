import { Button, Select } from '@mantine/core';
import { IconHistory, IconShieldCheck } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { Incident } from '../../../shared/alerts';
import { severities, type Severity } from '../../../shared/alerts';
import { formatQuantity } from '../../../shared/format';
import type { RuleEntry } from '../../../shared/incidents';
import { DataTable } from '../../components/data-table';
import { EmptyState } from '../../components/empty-state';
import { RowKeys } from '../../components/row-keys';
import { severityWords } from '../../components/severity-mark';
import { goTo, paths } from '../../navigation';
import { useConnections } from '../../state/connections';
import { AcknowledgeDialog } from './acknowledge-dialog';
import { useConnectionNames } from './connection-names';
import { openColumns, pastColumns } from './incident-columns';
import { incidentValue } from './incident-value';
import { SilenceDialog } from './silence-dialog';
import { lastOpened } from './last-opened';

const everything = 'everything';

interface IncidentsTabProps {
  kind: 'open' | 'past';
  incidents: readonly Incident[];
  rules: readonly RuleEntry[] | null;
}

/** What fires, the gravest first, or what was over, the newest first. */
export function IncidentsTab({ kind, incidents, rules }: IncidentsTabProps) {
  const nameOf = useConnectionNames();
  const [severity, setSeverity] = useState<Severity | typeof everything>(everything);
  const [connectionId, setConnectionId] = useState(everything);
  const [acknowledged, setAcknowledged] = useState<Incident | null>(null);
  const [silenced, setSilenced] = useState<Incident | null>(null);
  const columns = useMemo(() => {
    const context = { nameOf, valueOf: (incident: Incident) => incidentValue(incident, rules) };
    return kind === 'open' ? openColumns(context, setAcknowledged, setSilenced) : pastColumns(context);
  }, [kind, nameOf, rules]);
  const rows = useMemo(
    () =>
      incidents.filter(
        (incident) =>
          (severity === everything || incident.severity === severity) &&
          (connectionId === everything || incident.connectionId === connectionId),
      ),
    [incidents, severity, connectionId],
  );
  const deployments = [...new Set(incidents.map((incident) => incident.connectionId))];
  if (incidents.length === 0) return kind === 'open' ? <NothingFires rules={rules} /> : <NothingWasOver />;
  return (
    <RowKeys returnTo={lastOpened.id === null ? null : `#${paths.alert(lastOpened.id)}`}>
      <DataTable
        label={kind === 'open' ? 'Open alerts' : 'Past alerts'}
        columns={columns}
        rows={rows}
        rowKey={({ id }) => id}
        onOpen={({ id }) => goTo(paths.alert(id))}
        nothing="No alert passes the filter."
        filters={
          <>
            <Select
              aria-label="Severity"
              w={150}
              value={severity}
              onChange={(value) => setSeverity(severities.find((one) => one === value) ?? everything)}
              data={[
                { value: everything, label: 'All severities' },
                ...[...severities].reverse().map((value) => ({ value, label: severityWords[value] })),
              ]}
            />
            {deployments.length > 1 ? (
              <Select
                aria-label="Deployment"
                w={180}
                value={connectionId}
                onChange={(value) => setConnectionId(value ?? everything)}
                data={[
                  { value: everything, label: 'All deployments' },
                  ...deployments.map((id) => ({ value: id, label: nameOf(id) })),
                ]}
              />
            ) : null}
          </>
        }
      />
      <AcknowledgeDialog incident={acknowledged} onClose={() => setAcknowledged(null)} />
      <SilenceDialog subject={silenced} onClose={() => setSilenced(null)} />
    </RowKeys>
  );
}

function NothingFires({ rules }: { rules: readonly RuleEntry[] | null }) {
  const connections = useConnections((state) => state.connections);
  const watched = connections?.length ?? 0;
  const on = (rules ?? []).filter(({ rule }) => rule.enabled).length;
  if (connections !== null && watched === 0)
    return (
      <EmptyState
        icon={<IconShieldCheck size={32} />}
        title="Nothing to watch yet"
        actions={<Button onClick={() => goTo(paths.newConnection)}>Add a connection</Button>}
      >
        Every saved deployment is watched while Lifeboat runs, by rules for its members, its oplog, its disks and its
        backups. {formatQuantity(on, 'rule')} wait for a first one.
      </EmptyState>
    );
  return (
    <EmptyState
      icon={<IconShieldCheck size={32} />}
      title="Nothing fires"
      actions={
        <Button variant="default" onClick={() => goTo(paths.alertRules)}>
          See the rules
        </Button>
      }
    >
      {formatQuantity(on, 'rule')} watch {formatQuantity(watched, 'deployment')}. What breaks one for long enough stands
      here, named after its member, with what to do; it is told once when it begins and once when it is over.
    </EmptyState>
  );
}

function NothingWasOver() {
  return (
    <EmptyState icon={<IconHistory size={32} />} title="No alert so far">
      Alerts that are over are kept here: since when, how long, and who took them on.
    </EmptyState>
  );
}
