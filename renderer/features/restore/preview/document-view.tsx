import { Switch } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import type { DifferingDocument, DocumentDiff, FieldDiffRow, TypedValue } from '../../../../shared/diff';
import { formatCount, formatQuantity, maskControlCharacters } from '../../../../shared/format';
import { useRequest } from '../../../api';
import { CopyAction } from '../../../components/copy-action';
import { ErrorPanel } from '../../../components/error-panel';
import { useStoredState } from '../../../components/use-stored-state';
import { Waiting } from '../../../components/waiting';
import { idText } from '../id-text';
import { changeWords } from '../mode-words';
import styles from './preview.module.css';

const signs: Record<FieldDiffRow['kind'], { sign: string; word: string; className: string }> = {
  same: { sign: '=', word: 'same', className: 'dimmed' },
  changed: { sign: '≠', word: 'changed', className: 'effect-replace' },
  type: { sign: 'T', word: 'another type', className: 'effect-replace' },
  order: { sign: '⇅', word: 'fields in another order', className: 'effect-replace' },
  move: { sign: '↕', word: 'moved', className: 'effect-replace' },
  onlyInBackup: { sign: '+', word: 'only in the backup', className: 'effect-insert' },
  onlyInTarget: { sign: '−', word: 'only in the target', className: 'effect-delete' },
};

interface DocumentViewProps {
  previewId: string;
  ns: string;
  document: DifferingDocument;
}

/** One document, the backup's on the left, the target's on the right, typed. */
export function DocumentView({ previewId, ns, document }: DocumentViewProps) {
  const diff = useRequest('restore.document', { previewId, ns, index: document.index });
  const [onlyDifferences, setOnlyDifferences] = useStoredState('lifeboat.diff.only-differences', () => true);
  const [types, setTypes] = useStoredState('lifeboat.diff.types', () => true);
  const { type, text } = idText(document.id);
  const change = changeWords[document.change];
  return (
    <>
      <div className={styles.documentHead}>
        <span className="mono wrap-anywhere">
          <span className="dimmed">_id {type}</span> {text}
        </span>
        <CopyAction text={document.id} label="the _id" />
        <span className={change.className}>
          <span aria-hidden>{change.sign}</span> {change.name}
        </span>
        <span className={styles.toggles}>
          <Switch
            label="only differences"
            checked={onlyDifferences}
            onChange={(event) => setOnlyDifferences(event.currentTarget.checked)}
          />
          <Switch label="types" checked={types} onChange={(event) => setTypes(event.currentTarget.checked)} />
        </span>
      </div>
      {diff.error ? <ErrorPanel error={diff.error} onRetry={diff.reload} /> : null}
      {!diff.data && diff.loading ? <Waiting for="Reading both documents" /> : null}
      {diff.data ? <Rows diff={diff.data} onlyDifferences={onlyDifferences} types={types} /> : null}
    </>
  );
}

interface RowsProps {
  diff: DocumentDiff;
  onlyDifferences: boolean;
  types: boolean;
}

const rowHeight = 25;

function Rows({ diff, onlyDifferences, types }: RowsProps) {
  const scroll = useRef<HTMLDivElement>(null);
  // A document that is only on one side has no "same": all of it is the difference.
  const rows = useMemo(
    () => (onlyDifferences ? diff.rows.filter(({ kind }) => kind !== 'same') : diff.rows),
    [diff, onlyDifferences],
  );
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 20,
  });
  const oneSided = diff.change !== 'changed';
  return (
    <>
      <div
        ref={scroll}
        className={styles.rows}
        role="table"
        aria-label="Fields of both documents"
        aria-rowcount={rows.length + 1}
        tabIndex={0}
      >
        <div role="rowgroup" className={styles.rowsHead}>
          <div role="row" className={styles.fieldRow}>
            <span role="columnheader">field</span>
            <span role="columnheader">in the backup</span>
            <span role="columnheader">in the target now</span>
          </div>
        </div>
        <div role="rowgroup" style={{ position: 'relative', height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <div
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                role="row"
                className={`${styles.fieldRow} ${styles.placed}`}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <FieldName row={row} asPath={onlyDifferences && !oneSided} />
                <Value value={row.backup} types={types || row.kind === 'type'} row={row} side="backup" />
                <Value value={row.target} types={types || row.kind === 'type'} row={row} side="target" />
              </div>
            );
          })}
        </div>
      </div>
      {diff.rowsOmitted > 0 ? (
        <p className={styles.omitted}>
          {formatQuantity(diff.rowsOmitted, 'more field')} not shown: the document is huge.
        </p>
      ) : null}
      {rows.length === 0 ? (
        <p className={styles.omitted}>No field differs: the bytes differ in what is not shown.</p>
      ) : null}
    </>
  );
}

function FieldName({ row, asPath }: { row: FieldDiffRow; asPath: boolean }) {
  const { sign, word, className } = signs[row.kind];
  return (
    <span role="cell" className={`${styles.field} mono`} style={{ paddingLeft: asPath ? 8 : 8 + row.depth * 16 }}>
      <span className={`${styles.sign} ${className}`} title={word} aria-label={word} role="img">
        {sign}
      </span>
      {maskControlCharacters(asPath ? row.path : row.name)}
    </span>
  );
}

interface ValueProps {
  value: TypedValue | null;
  types: boolean;
  row: FieldDiffRow;
  side: 'backup' | 'target';
}

function Value({ value, types, row, side }: ValueProps) {
  const differs = row.kind !== 'same' && value !== null;
  const background = differs ? (side === 'backup' ? styles.backupValue : styles.targetValue) : '';
  return (
    <span role="cell" className={`${styles.value} ${background} mono`}>
      {value === null ? (
        <span className="dimmed">(absent)</span>
      ) : (
        <>
          {types ? <span className={styles.type}>{value.type} </span> : null}
          {maskControlCharacters(value.text)}
          {value.clipped > 0 ? <span className="dimmed"> … {formatCount(value.clipped)} more characters</span> : null}
        </>
      )}
    </span>
  );
}
