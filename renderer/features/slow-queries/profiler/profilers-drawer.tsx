import { Button, Drawer, Group, NumberInput, Stack, Table } from '@mantine/core';
import { useState } from 'react';
import { formatBytes, formatCount } from '../../../../shared/format';
import type { ProfiledDatabase, ProfilingStatus } from '../../../../shared/profiling';
import { api, useAction, useRequest, type RequestState } from '../../../api';
import { ConfirmTyped } from '../../../components/confirm-typed';
import { ErrorPanel } from '../../../components/error-panel';
import { Notice } from '../../../components/notice';
import { StateMark } from '../../../components/state-mark';
import { Timestamp } from '../../../components/timestamp';
import { Waiting } from '../../../components/waiting';
import { useConnection } from '../../../state/connections';
import { Sentences } from './profile-dialog';
import styles from './profiler.module.css';

interface ProfilersDrawerProps {
  opened: boolean;
  onClose: () => void;
  status: RequestState<ProfilingStatus>;
}

interface Place {
  host: string;
  database: ProfiledDatabase;
}

/** What each profiler is set to, how large `system.profile` is, and what the last time-boxes came to. */
export function ProfilersDrawer({ opened, onClose, status }: ProfilersDrawerProps) {
  const [resized, setResized] = useState<Place | null>(null);
  const { data } = status;
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="xl" title="Profilers of the deployment">
      {status.error ? <ErrorPanel error={status.error} onRetry={status.reload} /> : null}
      {!data && !status.error ? <Waiting for="Asking the profilers" /> : null}
      {data ? (
        <Stack gap={16}>
          {data.members.map((member) => (
            <section key={member.host} aria-label={member.host}>
              <h3>
                <span className="mono">{member.host}</span> <span className="dimmed">{member.state}</span>
              </h3>
              {member.error ? <ErrorPanel error={member.error} connectionId={data.connectionId} /> : null}
              {member.process ? (
                <p style={{ margin: '0 0 4px' }} className="dimmed">
                  Slow from {member.process.slowms} ms, {Math.round(member.process.sampleRate * 100)} % of them; holds
                  for the log of this process as well.
                </p>
              ) : null}
              <Databases
                label={`Profilers of ${member.host}`}
                databases={member.databases}
                onResize={(database) => setResized({ host: member.host, database })}
              />
            </section>
          ))}
          <Boxes status={data} />
        </Stack>
      ) : null}
      {data && resized ? (
        <ResizeDialog
          connectionId={data.connectionId}
          place={resized}
          onClose={() => setResized(null)}
          onDone={() => {
            setResized(null);
            status.reload();
          }}
        />
      ) : null}
    </Drawer>
  );
}

interface DatabasesProps {
  label: string;
  databases: readonly ProfiledDatabase[];
  onResize: (database: ProfiledDatabase) => void;
}

function Databases({ label, databases, onResize }: DatabasesProps) {
  if (databases.length === 0) return null;
  return (
    <Table aria-label={label} verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Database</Table.Th>
          <Table.Th>Level</Table.Th>
          <Table.Th>Until</Table.Th>
          <Table.Th style={{ textAlign: 'right' }}>system.profile</Table.Th>
          <Table.Th aria-label="Actions" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {databases.map((database) => (
          <Table.Tr key={database.name}>
            <Table.Td className="mono">{database.name}</Table.Td>
            <Table.Td>
              {database.level === 0 ? 'off' : database.level}
              {database.filter ? <code className="wrap-anywhere"> {database.filter}</code> : null}
            </Table.Td>
            <Table.Td>
              {database.until ? <Timestamp value={database.until} /> : <span className="dimmed">–</span>}
            </Table.Td>
            <Table.Td style={{ textAlign: 'right' }}>
              {database.collection ? sizeText(database.collection) : <span className="dimmed">none yet</span>}
            </Table.Td>
            <Table.Td>
              <Button
                variant="subtle"
                color="gray"
                size="compact-xs"
                aria-label={`Resize system.profile of ${database.name}`}
                onClick={() => onResize(database)}
              >
                Resize…
              </Button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function sizeText({ documents, bytes, maxBytes }: NonNullable<ProfiledDatabase['collection']>): string {
  const most = maxBytes === null ? 'not capped' : `of ${formatBytes(maxBytes)}`;
  return `${formatBytes(bytes)} ${most}, ${formatCount(documents)} operations`;
}

const boxWords = {
  open: 'Running',
  waiting: 'Not put back yet',
  restored: 'Put back',
  left: 'Changed by somebody else meanwhile',
} as const;
const boxStates = { open: 'running', waiting: 'bad', restored: 'good', left: 'warning' } as const;

function Boxes({ status }: { status: ProfilingStatus }) {
  if (status.boxes.length === 0) return null;
  return (
    <section aria-label="Time-boxes">
      <h3>Set by Lifeboat</h3>
      <Table aria-label="Time-boxes" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>From</Table.Th>
            <Table.Th>Until</Table.Th>
            <Table.Th>State</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {status.boxes.map((box) => (
            <Table.Tr key={box.id}>
              <Table.Td>
                <Timestamp value={box.startedAt} seconds />
              </Table.Td>
              <Table.Td>
                <Timestamp value={box.endedAt ?? box.until} seconds />
              </Table.Td>
              <Table.Td>
                <StateMark state={boxStates[box.status]}>{boxWords[box.status]}</StateMark>
                {box.databases
                  .filter(({ note }) => note !== null)
                  .map(({ host, database, note }) => (
                    <div key={`${host} ${database}`} className="dimmed">
                      {database} on {host}: {note}
                    </div>
                  ))}
                {box.leftOut.map(({ host, message }) => (
                  <div key={host} className="dimmed">
                    {host} was left out: {message}
                  </div>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

const mebibyte = 1024 * 1024;

interface ResizeDialogProps {
  connectionId: string;
  place: Place;
  onClose: () => void;
  onDone: () => void;
}

function ResizeDialog({ connectionId, place, onClose, onDone }: ResizeDialogProps) {
  const { host, database } = place;
  const connection = useConnection(connectionId);
  const [size, setSize] = useState<number | string>(Math.round((database.collection?.maxBytes ?? mebibyte) / mebibyte));
  const bytes = typeof size === 'number' && size > 0 ? Math.round(size * mebibyte) : null;
  const input = { connectionId, host, database: database.name, bytes: bytes ?? mebibyte };
  const preview = useRequest('profiling.resize-preview', input, { enabled: bytes !== null });
  const resize = useAction(async (typedName: string | null) => {
    await api('profiling.resize', { ...input, typedName });
    onDone();
  });
  return (
    <ConfirmTyped
      opened
      onClose={onClose}
      title={`Resize system.profile of ${database.name} on ${host}`}
      expected={preview.data?.guarded ? (connection?.name ?? null) : null}
      expectedName="the connection's name"
      confirmLabel="Resize"
      busy={resize.busy || bytes === null || preview.data === null}
      error={resize.error ?? preview.error}
      onConfirm={(typed) => void resize.run(typed)}
    >
      <Stack gap={12}>
        <Group>
          <NumberInput label="New size (MiB)" value={size} onChange={setSize} min={1} max={16 * 1024} />
        </Group>
        {preview.data ? (
          <>
            <Notice kind="warning" title="What it costs">
              <Sentences lines={preview.data.costs} />
            </Notice>
            <ol className={styles.list}>
              {preview.data.steps.map((step) => (
                <li key={step} className="mono">
                  {step}
                </li>
              ))}
            </ol>
          </>
        ) : null}
      </Stack>
    </ConfirmTyped>
  );
}
