import { Anchor } from '@mantine/core';
import { useMemo } from 'react';
import type { NamespaceDiff, RestoreMode } from '../../../../shared/diff';
import { formatCount } from '../../../../shared/format';
import { effectOf } from '../../../../shared/restore';
import { DataTable } from '../../../components/data-table';
import { EffectNumber } from '../../../components/effect-numbers';
import type { Column } from '../../../components/table-model';
import { indexMarks, optionMarks } from './namespace-marks';

interface NamespaceTableProps {
  namespaces: readonly NamespaceDiff[];
  mode: RestoreMode;
  openNs: string | null;
  onOpen: (namespace: NamespaceDiff) => void;
}

const comparedWords: Record<NamespaceDiff['comparedBy'], string> = {
  digest: 'digest',
  archive: 'archive',
  oplog: 'oplog',
  none: 'not compared',
};

const number = (count: number) =>
  count === 0 ? <span className="dimmed">0</span> : <strong>{formatCount(count)}</strong>;

function columnsOf(mode: RestoreMode, onOpen: (namespace: NamespaceDiff) => void): readonly Column<NamespaceDiff>[] {
  const documents = (
    id: 'onlyInBackup' | 'changed' | 'onlyInTarget',
    header: string,
    width: number,
  ): Column<NamespaceDiff> => ({
    id,
    header,
    width,
    align: 'right',
    value: (diff) => diff.documents[id],
    cell: (diff) => (diff.type === 'view' ? <span className="dimmed">–</span> : number(diff.documents[id])),
  });
  const effect = (kind: 'insert' | 'replace' | 'delete', header: string, width: number): Column<NamespaceDiff> => ({
    id: kind,
    header,
    width,
    align: 'right',
    value: (diff) => effectOf(mode, diff)[kind],
    cell: (diff) => <EffectNumber kind={kind} count={effectOf(mode, diff)[kind]} />,
  });
  return [
    {
      id: 'namespace',
      header: 'Namespace',
      width: 190,
      grow: true,
      value: ({ ns, targetNs }) => (ns === targetNs ? ns : `${ns} → ${targetNs}`),
      cell: (diff) => (
        <Anchor component="button" type="button" className="mono" onClick={() => onOpen(diff)}>
          {diff.ns === diff.targetNs ? diff.ns : `${diff.ns} → ${diff.targetNs}`}
          {diff.type === 'collection' ? '' : ` (${diff.type})`}
        </Anchor>
      ),
    },
    documents('onlyInBackup', 'Only in backup', 106),
    documents('changed', 'Changed', 78),
    documents('onlyInTarget', 'Only in target', 102),
    {
      id: 'same',
      header: 'Same',
      width: 78,
      align: 'right',
      value: (diff) => diff.documents.same,
      cell: (diff) => (diff.type === 'view' ? <span className="dimmed">–</span> : formatCount(diff.documents.same)),
    },
    {
      id: 'indexes',
      header: 'Indexes',
      width: 74,
      value: (diff) => indexMarks(diff),
      cell: (diff) => {
        const marks = indexMarks(diff);
        return marks === '=' ? <span className="dimmed">=</span> : <strong>{marks}</strong>;
      },
    },
    {
      id: 'options',
      header: 'Options',
      width: 110,
      value: (diff) => optionMarks(diff),
      cell: (diff) =>
        diff.options.same ? <span className="dimmed">=</span> : <strong className="clip">{optionMarks(diff)}</strong>,
    },
    effect('insert', 'Insert', 74),
    effect('replace', 'Replace', 76),
    effect('delete', 'Delete', 76),
    {
      id: 'compared',
      header: 'Compared by',
      width: 110,
      hidden: true,
      value: ({ comparedBy }) => comparedWords[comparedBy],
    },
    { id: 'status', header: 'Status', width: 120, hidden: true, value: ({ status }) => status },
  ];
}

const rowHeight = 28;
const chromeHeight = 80;

/** Every namespace with its differences and, beside them, what the mode would do. */
export function NamespaceTable({ namespaces, mode, openNs, onOpen }: NamespaceTableProps) {
  const columns = useMemo(() => columnsOf(mode, onOpen), [mode, onOpen]);
  const height = Math.min(304, chromeHeight + namespaces.length * rowHeight);
  return (
    <div style={{ display: 'flex', flex: 'none', flexDirection: 'column', height }}>
      <DataTable
        label="Namespaces compared"
        columns={columns}
        rows={namespaces}
        rowKey={({ ns }) => ns}
        height="fill"
        selectedKey={openNs}
        onOpen={onOpen}
        nothing="Nothing was compared."
      />
    </div>
  );
}
