import { Button, Group, Stack, Table } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { Connection } from '../../../../shared/connections';
import { formatDuration } from '../../../../shared/format';
import type { OperationPreview } from '../../../../shared/operations';
import type { AppError } from '../../../../shared/result';
import { CommandBlock } from '../../../components/command-block';
import { EnvironmentBadge } from '../../../components/environment-badge';
import { ErrorPanel } from '../../../components/error-panel';
import { Notice } from '../../../components/notice';
import { TypedName } from '../../../components/typed-name';
import { startLabel } from '../operation-words';
import styles from '../operations.module.css';
import { ChangesTable } from './changes-table';

interface PreviewViewProps {
  connection: Connection;
  preview: OperationPreview;
  /** What is different from the preview before. */
  changed: readonly string[];
  busy: boolean;
  error: AppError | null;
  /** Null: there is nothing to go back to. */
  onBack: (() => void) | null;
  onPreviewAgain: () => void;
  onStart: (typedName: string | null) => void;
  onCancel: () => void;
}

/** What would happen, what is to be known of it, and the guard before it happens. */
export function PreviewView(props: PreviewViewProps) {
  const { connection, preview, changed, busy, error, onBack, onPreviewAgain, onStart, onCancel } = props;
  const [typed, setTyped] = useState('');
  const isStale = error?.code === 'preview-stale';
  const refusing = preview.remarks.filter(({ kind }) => kind === 'refused').map(({ text }) => text);
  const isRefused = preview.refusal !== null || refusing.length > 0;
  const ready = !isRefused && !isStale && (!preview.typedNameNeeded || typed === connection.name);
  const asksForName = preview.typedNameNeeded && !isRefused;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !busy) onStart(preview.typedNameNeeded ? typed : null);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={16}>
        <div className={styles.titleLine}>
          <h3>{preview.title}</h3>
          <EnvironmentBadge environment={connection.environment} />
        </div>
        {changed.length > 0 ? (
          <Notice kind="info" title="What changed since the preview before">
            <Lines lines={changed} />
          </Notice>
        ) : null}
        {preview.refusal && !refusing.includes(preview.refusal.message) ? (
          <Refusal connection={connection} refusal={preview.refusal} onRetry={onPreviewAgain} />
        ) : null}
        <Remarks preview={preview} />
        <section aria-label="What will happen">
          <h3>What will happen</h3>
          <ol className={styles.steps}>
            {preview.steps.map((step, position) => (
              <li key={position}>{step}</li>
            ))}
          </ol>
        </section>
        {preview.changes.length > 0 ? (
          <section aria-label="Changes of the configuration">
            <h3>Changes of the configuration</h3>
            <ChangesTable label="Changes of the configuration" changes={preview.changes} />
          </section>
        ) : null}
        {preview.electable.length > 0 && preview.request.operation.kind !== 'compact' ? (
          <Electable electable={preview.electable} />
        ) : null}
        {preview.commands.length > 0 ? (
          <section aria-label="The same in mongosh">
            <h3>The same in mongosh</h3>
            <CommandBlock commands={preview.commands} label="the commands" />
          </section>
        ) : null}
        {asksForName ? (
          <TypedName
            focused
            name="the connection's name"
            expected={connection.name}
            typed={typed}
            onChange={setTyped}
          />
        ) : null}
        {error ? (
          <ErrorPanel
            error={error}
            connectionId={connection.id}
            actions={isStale ? <Button onClick={onPreviewAgain}>Preview again</Button> : undefined}
          />
        ) : null}
        <Group justify="flex-end" gap={8}>
          {onBack ? (
            <Button variant="default" onClick={onBack} style={{ marginRight: 'auto' }}>
              Back
            </Button>
          ) : null}
          {/* Enter by habit changes nothing: the safe way out, or the name to be typed, has the focus. */}
          <Button variant="default" onClick={onCancel} data-autofocus={!asksForName || undefined}>
            Cancel
          </Button>
          <Button type="submit" color="red" disabled={!ready} loading={busy}>
            {startLabel(preview.request.operation)}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface RefusalProps {
  connection: Connection;
  refusal: AppError;
  onRetry: () => void;
}

function Refusal({ connection, refusal, onRetry }: RefusalProps) {
  if (connection.readOnly && refusal.code === 'refused') {
    return (
      <Notice kind="bad" title={`${connection.name} is read-only`}>
        Lifeboat changes nothing through it. What would happen is shown; to do it, edit the connection or use another
        one.
      </Notice>
    );
  }
  return <ErrorPanel error={refusal} onRetry={onRetry} connectionId={connection.id} />;
}

const remarkKinds = [
  { kind: 'refused', notice: 'bad', title: 'This keeps it from being started' },
  { kind: 'warning', notice: 'warning', title: 'Mind this' },
  { kind: 'note', notice: 'info', title: 'Good to know' },
] as const;

function Remarks({ preview }: { preview: OperationPreview }) {
  return (
    <>
      {remarkKinds.map(({ kind, notice, title }) => {
        const lines = preview.remarks.filter((remark) => remark.kind === kind).map(({ text }) => text);
        return lines.length === 0 ? null : (
          <Notice key={kind} kind={notice} title={title}>
            <Lines lines={lines} />
          </Notice>
        );
      })}
    </>
  );
}

export function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <>
      {lines.map((line, position) => (
        <div key={position}>{line}</div>
      ))}
    </>
  );
}

function Electable({ electable }: { electable: OperationPreview['electable'] }) {
  return (
    <section aria-label="Who could become primary">
      <h3>Who could become primary</h3>
      <Table aria-label="Electable secondaries" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Member, the likeliest first</Table.Th>
            <Table.Th scope="col" ta="right">
              Priority
            </Table.Th>
            <Table.Th scope="col" ta="right">
              Lag
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {electable.map(({ host, priority, lagSeconds }) => (
            <Table.Tr key={host}>
              <Table.Td className="mono wrap-anywhere">{host}</Table.Td>
              <Table.Td ta="right">{priority}</Table.Td>
              <Table.Td ta="right">
                {lagSeconds === null ? <span className="dimmed">unknown</span> : formatDuration(lagSeconds)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
