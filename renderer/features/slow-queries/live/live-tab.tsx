import { Button, Drawer, Select, Switch } from '@mantine/core';
import { IconActivity, IconRefresh } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import type { Connection } from '../../../../shared/connections';
import { formatCountIfKnown, formatMilliseconds } from '../../../../shared/format';
import type { KillResult, LiveOperation } from '../../../../shared/live-operations';
import { api, useAction, useRequest } from '../../../api';
import { ConfirmTyped } from '../../../components/confirm-typed';
import { DataTable } from '../../../components/data-table';
import { EmptyState } from '../../../components/empty-state';
import { ErrorPanel } from '../../../components/error-panel';
import { Facts } from '../../../components/facts';
import { Notice } from '../../../components/notice';
import { Timestamp } from '../../../components/timestamp';
import { Waiting } from '../../../components/waiting';
import { CommandText } from '../masking';
import { RowKeys } from '../../../components/row-keys';
import { useKept } from '../use-kept';
import { liveColumns } from './live-columns';

const refreshChoices = [
  { value: '0', label: 'Refresh by hand' },
  { value: '1000', label: 'Every second' },
  { value: '5000', label: 'Every 5 s' },
];

const outcomes: Record<KillResult['outcome'], string> = {
  killed: 'The operation was told to end and is gone.',
  told: 'The operation was told to end; it was still there a second later and ends where it next looks.',
  gone: 'The operation had ended before: nothing was killed.',
};

/** What members of the connection are doing right now, and ending one of it. */
export function LiveTab({ connection }: { connection: Connection | null }) {
  if (!connection) {
    return (
      <EmptyState icon={<IconActivity size={32} />} title="No connection is chosen">
        What runs right now is asked of a deployment: choose a connection above.
      </EmptyState>
    );
  }
  return <Live key={connection.id} connection={connection} />;
}

function Live({ connection }: { connection: Connection }) {
  const [internal, setInternal] = useState(false);
  const [everyMs, setEveryMs] = useState('5000');
  const [opened, setOpened] = useState<LiveOperation | null>(null);
  const [killing, setKilling] = useState<LiveOperation | null>(null);
  const [outcome, setOutcome] = useState<KillResult['outcome'] | null>(null);
  const live = useKept(
    useRequest('live-operations.list', { connectionId: connection.id, hosts: null, internal, idle: false }),
  );
  const { reload, loading } = live;
  useEffect(() => {
    const interval = Number(everyMs);
    // The next look waits for the answer to the last one.
    if (interval === 0 || loading) return;
    const timer = window.setTimeout(reload, interval);
    return () => window.clearTimeout(timer);
  }, [everyMs, loading, reload]);
  const kill = useAction(async (operation: LiveOperation, typedName: string | null) => {
    const { host, opid, shapeId } = operation;
    const result = await api('live-operations.kill', {
      connectionId: connection.id,
      host,
      opid,
      shapeId,
      connection: operation.connection,
      typedName,
    });
    setOutcome(result.outcome);
    setKilling(null);
    reload();
  });
  const columns = useMemo(() => liveColumns(setOpened, setKilling), []);
  if (live.error && !live.data) return <ErrorPanel error={live.error} onRetry={reload} connectionId={connection.id} />;
  if (!live.data) return <Waiting for={`Asking ${connection.name} what runs`} />;
  const silent = live.data.members.filter(({ error }) => error !== null);
  return (
    <RowKeys>
      {live.error ? <ErrorPanel error={live.error} onRetry={reload} connectionId={connection.id} /> : null}
      {silent.map(({ host, error }) => (
        <Notice key={host} kind="warning" title={`${host} does not answer`}>
          {error?.message}
        </Notice>
      ))}
      {outcome ? <Notice kind={outcome === 'killed' ? 'good' : 'info'}>{outcomes[outcome]}</Notice> : null}
      <DataTable
        label="Live operations"
        columns={columns}
        rows={live.data.operations}
        rowKey={({ host, opid }) => `${host} ${opid}`}
        initialSort={{ id: 'running', desc: true }}
        onOpen={setOpened}
        nothing="Nothing runs right now but the looking itself."
        filters={
          <>
            <Select
              aria-label="Refresh"
              w={140}
              value={everyMs}
              onChange={(value) => setEveryMs(value ?? '0')}
              data={refreshChoices}
            />
            <Button
              variant="default"
              leftSection={<IconRefresh size={14} aria-hidden />}
              onClick={reload}
              disabled={loading && everyMs === '0'}
            >
              Refresh
            </Button>
            <Switch
              label="Internal traffic"
              checked={internal}
              onChange={(event) => setInternal(event.currentTarget.checked)}
            />
            <span className="dimmed">
              as of <Timestamp value={new Date(live.data.at)} seconds />
            </span>
          </>
        }
      />
      <Drawer
        opened={opened !== null}
        onClose={() => setOpened(null)}
        position="right"
        size="lg"
        title={opened ? `Operation ${opened.opid} on ${opened.host}` : ''}
      >
        {opened ? <LiveDetails operation={opened} /> : null}
      </Drawer>
      <ConfirmTyped
        opened={killing !== null}
        onClose={() => {
          setKilling(null);
          kill.clear();
        }}
        title="End this operation?"
        expected={connection.environment === 'production' ? connection.name : null}
        expectedName="the connection's name"
        confirmLabel="Kill the operation"
        busy={kill.busy}
        error={kill.error}
        onConfirm={(typed) => (killing ? void kill.run(killing, typed) : undefined)}
      >
        {killing ? (
          <>
            <p className="mono wrap-anywhere" style={{ marginTop: 0 }}>
              {killing.kind} {killing.shape} on {killing.ns}
            </p>
            It runs for {formatMilliseconds(killing.runningMs ?? 0)} on {killing.host}
            {killing.app ? ` for ${killing.app}` : ''}. Whoever asked gets an error; of a write, what is written already
            stays unless it belongs to a transaction.
          </>
        ) : null}
      </ConfirmTyped>
    </RowKeys>
  );
}

function LiveDetails({ operation }: { operation: LiveOperation }) {
  return (
    <>
      <Facts
        facts={[
          { term: 'Runs for', value: operation.runningMs === null ? '–' : formatMilliseconds(operation.runningMs) },
          { term: 'Namespace', value: <code>{operation.ns}</code> },
          {
            term: 'Shape',
            value: (
              <code className="wrap-anywhere">
                {operation.kind} {operation.shape}
              </code>
            ),
          },
          { term: 'Plan', value: <code>{operation.planSummary ?? 'not told'}</code> },
          { term: 'Documents read', value: formatCountIfKnown(operation.docsExamined) },
          { term: 'Keys read', value: formatCountIfKnown(operation.keysExamined) },
          { term: 'Yields', value: formatCountIfKnown(operation.yields) },
          { term: 'Waits for a lock', value: operation.waitingForLock ? 'yes' : 'no' },
          { term: 'Progress', value: operation.message ?? 'not told' },
          { term: 'App', value: operation.app ?? 'none named' },
          { term: 'Client', value: operation.client ?? 'not told' },
          { term: 'User', value: operation.user ?? 'not told' },
          { term: 'Connection', value: operation.connection ?? 'not told' },
          { term: 'May be killed', value: operation.protectedBecause ?? 'yes' },
        ]}
      />
      <h3>Command</h3>
      <CommandText command={operation.command} />
    </>
  );
}
