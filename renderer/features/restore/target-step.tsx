import { Button, Checkbox, Group, Select, SimpleGrid } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { useEffect, useMemo } from 'react';
import type { Manifest, ManifestNamespace } from '../../../shared/backups';
import { formatQuantity } from '../../../shared/format';
import { useAction, useRequest } from '../../api';
import { ActionBar } from '../../components/action-bar';
import { DataTable } from '../../components/data-table';
import { ErrorPanel } from '../../components/error-panel';
import { Section } from '../../components/page';
import { namespaceTypeWords, sizeColumns } from '../../components/size-columns';
import type { Column } from '../../components/table-model';
import { Waiting } from '../../components/waiting';
import { useConnection, useConnections } from '../../state/connections';
import { ReadFrom } from './read-from';
import { RenameFields } from './rename-fields';
import { stepOf, useRestore } from './restore-store';

const nameOf = ({ database, collection }: ManifestNamespace) => `${database}.${collection}`;

/** Where to, which namespaces, under which names. */
export function TargetStep() {
  const { backupId } = useRestore();
  const details = useRequest('backups.show', { id: backupId ?? '' }, { enabled: backupId !== null });
  if (details.error) return <ErrorPanel error={details.error} onRetry={details.reload} />;
  if (!details.data) return <Waiting for="Reading the manifest" />;
  const { manifest, entry } = details.data;
  if (!manifest) {
    return (
      <ErrorPanel error={{ code: 'manifest-missing', message: `${entry.id} has no manifest that can be read.` }} />
    );
  }
  return <Target manifest={manifest} />;
}

function Target({ manifest }: { manifest: Manifest }) {
  const { connectionId, namespaces, renames, readPreference, member, error, changeTarget, startPreview, goToStep } =
    useRestore();
  const connections = useConnections((state) => state.connections) ?? [];
  const currentId = useConnections((state) => state.currentId);
  const connection = useConnection(connectionId);
  const sourceId = manifest.source.connectionId;
  // Where it came from is the likeliest target, else what the window looks at.
  const likeliest = connections.some(({ id }) => id === sourceId) ? sourceId : currentId;
  useEffect(() => {
    if (connection === null && likeliest !== null) changeTarget({ connectionId: likeliest });
  }, [connection, likeliest, changeTarget]);
  const start = useAction(startPreview);
  const chosen = namespaces === null ? manifest.namespaces.length : namespaces.length;
  return (
    <>
      <SimpleGrid cols={2} spacing={16} style={{ flex: 'none' }}>
        <Section title="Into">
          <SimpleGrid cols={2} spacing={16}>
            <Select
              label="Connection"
              value={connectionId}
              data={connections.map(({ id, name, environment, readOnly }) => ({
                value: id,
                label: `${name} (${environment}${readOnly ? ', read-only' : ''})`,
              }))}
              onChange={(value) => changeTarget({ connectionId: value, member: null })}
            />
            <ReadFrom
              connectionId={connectionId}
              readPreference={readPreference}
              member={member}
              onChange={changeTarget}
            />
          </SimpleGrid>
        </Section>
        <Section title="Under other names">
          <RenameFields
            namespaces={manifest.namespaces}
            renames={renames}
            onChange={(next) => changeTarget({ renames: next })}
          />
        </Section>
      </SimpleGrid>
      <NamespaceChoice manifest={manifest} />
      {error ? <ErrorPanel error={error} connectionId={connectionId} onRetry={() => void start.run()} /> : null}
      <ActionBar
        said={
          <span className="dimmed">
            {formatQuantity(chosen, 'namespace')} compared with {connection?.name ?? 'the target'}; only reading.
          </span>
        }
      >
        <Button variant="default" onClick={() => goToStep(stepOf.backup)}>
          Back
        </Button>
        <Button
          leftSection={<IconEye size={14} aria-hidden />}
          disabled={connection === null || chosen === 0}
          loading={start.busy}
          onClick={() => void start.run()}
        >
          Preview
        </Button>
      </ActionBar>
    </>
  );
}

function NamespaceChoice({ manifest }: { manifest: Manifest }) {
  const { namespaces, changeTarget } = useRestore();
  const all = useMemo(() => manifest.namespaces.map(nameOf), [manifest]);
  const chosen = useMemo(() => new Set(namespaces ?? all), [namespaces, all]);
  const columns = useMemo((): readonly Column<ManifestNamespace>[] => {
    const toggle = (name: string) => {
      const next = all.filter((other) => (other === name ? !chosen.has(name) : chosen.has(other)));
      changeTarget({ namespaces: next.length === all.length ? null : next });
    };
    return [
      {
        id: 'namespace',
        header: 'Namespace',
        width: 280,
        grow: true,
        value: nameOf,
        cell: (namespace) => (
          <Checkbox
            label={<span className="mono">{nameOf(namespace)}</span>}
            checked={chosen.has(nameOf(namespace))}
            onChange={() => toggle(nameOf(namespace))}
          />
        ),
      },
      { id: 'type', header: 'Type', width: 120, value: ({ type }) => namespaceTypeWords[type] },
      ...sizeColumns(),
      { id: 'indexes', header: 'Indexes', width: 90, align: 'right', value: ({ indexes }) => indexes.length },
    ];
  }, [chosen, all, changeTarget]);
  return (
    <DataTable
      label="Namespaces to restore"
      columns={columns}
      rows={manifest.namespaces}
      rowKey={nameOf}
      initialSort={{ id: 'namespace', desc: false }}
      filters={
        <Group gap={8}>
          <Button variant="default" onClick={() => changeTarget({ namespaces: null })}>
            All
          </Button>
          <Button variant="default" disabled={all.length === 0} onClick={() => changeTarget({ namespaces: [] })}>
            None
          </Button>
        </Group>
      }
    />
  );
}
