import { Checkbox } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import type { DocumentDiff, FieldDiffRow, TypedValue } from '../../../../shared/diff';
import { formatCount, formatQuantity, maskControlCharacters } from '../../../../shared/format';
import type { FieldTick } from './field-ticks';
import styles from './preview.module.css';

const signs: Record<FieldDiffRow['kind'], { sign: string; word: string; className: string; told: boolean }> = {
  same: { sign: '=', word: 'same', className: 'dimmed', told: false },
  changed: { sign: '≠', word: 'changed', className: 'effect-replace', told: false },
  type: { sign: 'T', word: 'another type', className: 'effect-replace', told: true },
  order: { sign: '⇅', word: 'in another order', className: 'effect-replace', told: true },
  move: { sign: '↕', word: 'moved', className: 'effect-replace', told: true },
  onlyInBackup: { sign: '+', word: 'only in the backup', className: 'effect-insert', told: false },
  onlyInTarget: { sign: '−', word: 'only in the target', className: 'effect-delete', told: false },
};

/** Ticks of single fields; `at` counts among all rows of the document. */
export interface RowTicks {
  of: (at: number) => FieldTick | null;
  toggle: (at: number) => void;
}

interface DocumentRowsProps {
  diff: DocumentDiff;
  onlyDifferences: boolean;
  types: boolean;
  ticks: RowTicks | null;
}

const rowHeight = 25;

/** The fields of both documents beside each other. */
export function DocumentRows({ diff, onlyDifferences, types, ticks }: DocumentRowsProps) {
  const scroll = useRef<HTMLDivElement>(null);
  // A document that is only on one side has no "same": all of it is the difference.
  const rows = useMemo(() => {
    const all = diff.rows.map((row, at) => ({ row, at }));
    return onlyDifferences ? all.filter(({ row }) => row.kind !== 'same') : all;
  }, [diff, onlyDifferences]);
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
            const shown = rows[item.index];
            if (!shown) return null;
            const { row, at } = shown;
            return (
              <div
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                role="row"
                className={`${styles.fieldRow} ${styles.placed}`}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <FieldName
                  row={row}
                  asPath={onlyDifferences && !oneSided}
                  tick={ticks?.of(at) ?? null}
                  ticked={ticks !== null}
                  onTick={() => ticks?.toggle(at)}
                />
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

interface FieldNameProps {
  row: FieldDiffRow;
  asPath: boolean;
  tick: FieldTick | null;
  /** Whether the table has ticks: room is kept for them in every row. */
  ticked: boolean;
  onTick: () => void;
}

function FieldName({ row, asPath, tick, ticked, onTick }: FieldNameProps) {
  const { sign, word, className, told } = signs[row.kind];
  const name = maskControlCharacters(asPath ? row.path : row.name);
  return (
    <span role="cell" className={`${styles.field} mono`} style={{ paddingLeft: asPath ? 8 : 8 + row.depth * 16 }}>
      {ticked ? (
        <span className={styles.fieldTick}>
          {tick ? (
            <Checkbox
              aria-label={`Put back ${maskControlCharacters(row.path)}`}
              title={tick.refusal === null ? undefined : `${name} ${tick.refusal}`}
              checked={tick.state === 'ticked'}
              indeterminate={tick.state === 'partly'}
              disabled={tick.refusal !== null}
              onChange={onTick}
            />
          ) : null}
        </span>
      ) : null}
      <span className={`${styles.sign} ${className}`} title={word} aria-label={word} role="img">
        {sign}
      </span>
      <span className={styles.fieldName}>
        {name}
        {told ? <span className={styles.told}> {word}</span> : null}
      </span>
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
