import { Anchor, SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { Effect, NamespaceDiff } from '../../../../shared/diff';
import { formatCount } from '../../../../shared/format';
import type { PickedDocuments } from '../../../../shared/picks';
import { DataTable } from '../../../components/data-table';
import { EffectNumber } from '../../../components/effect-numbers';
import { namespaceTypeWords } from '../../../components/size-columns';
import type { Column } from '../../../components/table-model';
import { comparedWords } from './compared-text';
import { differingOptions, indexMarks, optionMarks } from './namespace-marks';
import { predictedEffectOn, type EffectMode } from './predicted-effect';
import styles from './preview.module.css';

interface NamespaceTableProps {
  namespaces: readonly NamespaceDiff[];
  mode: EffectMode;
  picks: readonly PickedDocuments[];
  openNs: string | null;
  onOpen: (namespace: NamespaceDiff) => void;
}

const namesOf = ({ ns, targetNs }: NamespaceDiff) => (ns === targetNs ? ns : `${ns} → ${targetNs}`);

const digitWidth = 8;
const leastDigits = 5;

/** As wide as the largest number or the header needs: a number that is cut off is another number. */
const numberWidth = (headerWidth: number, counts: readonly number[]) => {
  const digits = counts.reduce((most, count) => Math.max(most, formatCount(count).length + 1), leastDigits);
  return Math.max(headerWidth, 16 + digits * digitWidth);
};

const number = (count: number) =>
  count === 0 ? <span className="dimmed">0</span> : <strong>{formatCount(count)}</strong>;

function columnsOf(
  namespaces: readonly NamespaceDiff[],
  effectOn: (namespace: NamespaceDiff) => Effect,
  onOpen: (namespace: NamespaceDiff) => void,
): readonly Column<NamespaceDiff>[] {
  const documents = (
    id: 'onlyInBackup' | 'changed' | 'onlyInTarget',
    header: string,
    width: number,
  ): Column<NamespaceDiff> => ({
    id,
    header,
    width: numberWidth(
      width,
      namespaces.map(({ documents: counts }) => counts[id]),
    ),
    align: 'right',
    value: (diff) => diff.documents[id],
    cell: (diff) => (diff.type === 'view' ? <span className="dimmed">–</span> : number(diff.documents[id])),
  });
  const effect = (kind: 'insert' | 'replace' | 'delete', header: string, width: number): Column<NamespaceDiff> => ({
    id: kind,
    header,
    width: numberWidth(
      width,
      namespaces.map((diff) => effectOn(diff)[kind]),
    ),
    align: 'right',
    value: (diff) => effectOn(diff)[kind],
    cell: (diff) => <EffectNumber kind={kind} count={effectOn(diff)[kind]} />,
  });
  return [
    {
      id: 'namespace',
      header: 'Namespace',
      width: 190,
      grow: true,
      value: namesOf,
      cell: (diff) => (
        <span className={styles.namespace} title={namesOf(diff)}>
          <Anchor component="button" type="button" className="mono clip" onClick={() => onOpen(diff)}>
            {namesOf(diff)}
          </Anchor>
          {diff.type === 'collection' ? null : (
            <span className={styles.namespaceType}>{namespaceTypeWords[diff.type]}</span>
          )}
        </span>
      ),
    },
    documents('onlyInBackup', 'Only in backup', 102),
    documents('changed', 'Changed', 72),
    documents('onlyInTarget', 'Only in target', 98),
    {
      id: 'same',
      header: 'Same',
      width: numberWidth(
        56,
        namespaces.map(({ documents: { same } }) => same),
      ),
      align: 'right',
      value: (diff) => diff.documents.same,
      cell: (diff) => (diff.type === 'view' ? <span className="dimmed">–</span> : formatCount(diff.documents.same)),
    },
    {
      id: 'indexes',
      header: 'Indexes',
      width: 72,
      value: (diff) => indexMarks(diff),
      cell: (diff) => {
        const marks = indexMarks(diff);
        return marks === '=' ? <span className="dimmed">=</span> : <strong>{marks}</strong>;
      },
    },
    {
      id: 'options',
      header: 'Options',
      width: 116,
      value: (diff) => optionMarks(diff),
      cell: (diff) =>
        diff.options.same ? (
          <span className="dimmed">=</span>
        ) : (
          <strong title={differingOptions(diff).join(', ')}>{optionMarks(diff)}</strong>
        ),
    },
    effect('insert', 'Insert', 60),
    effect('replace', 'Replace', 70),
    effect('delete', 'Delete', 62),
    {
      id: 'compared',
      header: 'Compared by',
      width: 110,
      hidden: true,
      value: ({ comparedBy }) => comparedWords[comparedBy],
    },
    {
      id: 'comparedReason',
      header: 'Why in full',
      width: 240,
      hidden: true,
      value: ({ comparedReason }) => comparedReason,
    },
    { id: 'status', header: 'Status', width: 120, hidden: true, value: ({ status }) => status },
  ];
}

const rowHeight = 28;
const chromeHeight = 90;

/** Every namespace with its differences and, beside them, what the mode would do. */
export function NamespaceTable({ namespaces, mode, picks, openNs, onOpen }: NamespaceTableProps) {
  const columns = useMemo(() => {
    const effects = new Map(namespaces.map((diff) => [diff, predictedEffectOn(mode, diff, picks)]));
    return columnsOf(namespaces, (diff) => effects.get(diff) ?? predictedEffectOn(mode, diff, picks), onOpen);
  }, [namespaces, mode, picks, onOpen]);
  const differing = useMemo(() => namespaces.filter(({ status }) => status !== 'same'), [namespaces]);
  const [shown, setShown] = useState<'differing' | 'all'>(differing.length > 0 ? 'differing' : 'all');
  const rows = shown === 'differing' ? differing : namespaces;
  // Some rows on a small window, two fifths of a large one: the documents below belong to it.
  const height = `min(${chromeHeight + rows.length * rowHeight}px, max(304px, 40vh))`;
  return (
    <div style={{ display: 'flex', flex: 'none', flexDirection: 'column', height }}>
      <DataTable
        label="Namespaces compared"
        columns={columns}
        rows={rows}
        filters={
          <SegmentedControl
            aria-label="Which namespaces"
            value={shown}
            onChange={(value) => setShown(value === 'all' ? 'all' : 'differing')}
            data={[
              { value: 'differing', label: `differing ${formatCount(differing.length)}` },
              { value: 'all', label: `all ${formatCount(namespaces.length)}` },
            ]}
          />
        }
        rowKey={({ ns }) => ns}
        height="fill"
        selectedKey={openNs}
        onOpen={onOpen}
        nothing="Nothing was compared."
      />
    </div>
  );
}
