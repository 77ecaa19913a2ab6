import { Checkbox } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { CollectionInfo } from '../../../../shared/connections';
import { formatBytes, formatQuantity } from '../../../../shared/format';
import { useRequest } from '../../../api';
import { DataTable } from '../../../components/data-table';
import { ErrorPanel } from '../../../components/error-panel';
import { sizeColumns } from '../../../components/size-columns';
import type { Column } from '../../../components/table-model';
import { Waiting } from '../../../components/waiting';
import { firstChoice, MemberSelect, ParameterForm, type ParametersProps } from './parameter-form';

const internal = new Set(['admin', 'config', 'local']);

const namespaceOf = ({ database, collection }: CollectionInfo): string => `${database}.${collection}`;

export function CompactForm({ facts, host: clicked, ...form }: ParametersProps) {
  const members = facts.members.filter(({ arbiterOnly }) => !arbiterOnly);
  const [host, setHost] = useState(
    firstChoice(members, clicked) ?? members.find(({ state }) => state === 'SECONDARY')?.host ?? null,
  );
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [force, setForce] = useState(false);
  const collections = useRequest('connections.collections', { id: form.connectionId });
  const rows = useMemo(
    () =>
      (collections.data ?? []).filter(
        ({ database, collection, type }) =>
          type === 'collection' && !internal.has(database) && !collection.startsWith('system.'),
      ),
    [collections.data],
  );
  const columns = useMemo(() => collectionColumns(chosen, setChosen), [chosen]);
  const isPrimary = members.some((member) => member.host === host && member.state === 'PRIMARY');
  const bytes = rows.reduce((sum, row) => sum + (chosen.has(namespaceOf(row)) ? (row.bytes ?? 0) : 0), 0);
  return (
    <ParameterForm
      {...form}
      operation={
        host === null || chosen.size === 0
          ? null
          : { kind: 'compact', host, namespaces: [...chosen].sort(), force: force && isPrimary }
      }
    >
      <MemberSelect
        label="On which member"
        description="Each member keeps files of its own: one after the other is compacted, primaries last"
        members={members}
        host={host}
        onChange={setHost}
      />
      {isPrimary ? (
        <Checkbox
          label="Compact although it is the primary"
          description="Step it down first where you can: operations of applications may wait"
          checked={force}
          onChange={(event) => setForce(event.currentTarget.checked)}
        />
      ) : null}
      {collections.error ? (
        <ErrorPanel error={collections.error} onRetry={collections.reload} connectionId={form.connectionId} />
      ) : null}
      {!collections.data && collections.loading ? <Waiting for="Asking for the collections and their sizes" /> : null}
      {collections.data ? (
        <>
          <DataTable
            label="Collections to compact"
            columns={columns}
            rows={rows}
            rowKey={namespaceOf}
            initialSort={{ id: 'bytes', desc: true }}
            height={280}
            nothing="There is no collection of yours."
          />
          <p style={{ margin: 0 }} role="status">
            {chosen.size === 0
              ? 'No collection is chosen.'
              : `${formatQuantity(chosen.size, 'collection')} chosen, ${formatBytes(bytes)} of data.`}
          </p>
        </>
      ) : null}
    </ParameterForm>
  );
}

function collectionColumns(
  chosen: ReadonlySet<string>,
  setChosen: (chosen: ReadonlySet<string>) => void,
): readonly Column<CollectionInfo>[] {
  const toggle = (namespace: string): void => {
    const next = new Set(chosen);
    if (!next.delete(namespace)) next.add(namespace);
    setChosen(next);
  };
  return [
    {
      id: 'namespace',
      header: 'Collection',
      width: 220,
      grow: true,
      value: namespaceOf,
      cell: (row) => {
        const namespace = namespaceOf(row);
        return (
          <Checkbox
            label={<span className="mono">{namespace}</span>}
            checked={chosen.has(namespace)}
            onChange={() => toggle(namespace)}
          />
        );
      },
    },
    ...sizeColumns<CollectionInfo>(),
  ];
}
