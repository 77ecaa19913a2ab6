import { useEffect, useId, useRef, type KeyboardEvent, type MouseEvent } from 'react';
import type { DifferingDocument, RestoreMode } from '../../../../shared/diff';
import { maskControlCharacters } from '../../../../shared/format';
import { useTallList } from '../../../components/use-tall-list';
import { idText, typedIdText } from '../id-text';
import { changeWords } from '../../../components/mode-words';
import { changeEffect } from './change-effect';
import type { TickState } from './pick-state';
import { TickBox } from './tick-box';
import type { DocumentPages } from './use-document-pages';
import styles from './preview.module.css';

export interface ListTicks {
  of: (document: DifferingDocument) => TickState;
  /** A click or the space bar on one row; `extends`: up to it, from the row before. */
  toggle: (position: number, extend: boolean) => void;
  toggleAll: () => void;
  /** Where a range with Shift begins. */
  anchor: (position: number) => void;
}

interface DocumentListProps {
  label: string;
  total: number;
  pages: DocumentPages;
  position: number;
  mode: RestoreMode;
  /** Null where nothing is picked. */
  ticks: ListTicks | null;
  onPosition: (position: number) => void;
}

const rowHeight = 44;
const pageRows = 10;

/** A listbox over any number of documents; arrow keys move, pages come as they are scrolled to, the space bar ticks. */
export function DocumentList({ label, total, pages, position, mode, ticks, onPosition }: DocumentListProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const listId = useId();
  const { height, first, last, topOf, show } = useTallList(scroll, total, rowHeight);
  const { need } = pages;
  useEffect(() => need(first, last), [need, first, last]);

  const onKey = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowDown: position + 1,
      ArrowUp: position - 1,
      PageDown: position + pageRows,
      PageUp: position - pageRows,
      Home: 0,
      End: total - 1,
    };
    const next = steps[event.key];
    if (next !== undefined) {
      const bounded = Math.min(total - 1, Math.max(0, next));
      onPosition(bounded);
      show(bounded);
      if (event.shiftKey) ticks?.toggle(bounded, true);
      else ticks?.anchor(bounded);
    } else if (ticks && event.key === ' ') {
      ticks.toggle(position, event.shiftKey);
    } else if (ticks && event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      ticks.toggleAll();
    } else return;
    event.preventDefault();
  };
  const onClick = (event: MouseEvent, row: number) => {
    onPosition(row);
    const onBox = (event.target as Element).closest('[data-tick]') !== null;
    if (ticks && (onBox || event.shiftKey)) ticks.toggle(row, event.shiftKey);
    else ticks?.anchor(row);
  };
  const rows = Array.from({ length: Math.max(last - first + 1, 0) }, (_, at) => first + at);
  return (
    <div
      ref={scroll}
      className={styles.list}
      role="listbox"
      tabIndex={0}
      aria-label={label}
      aria-multiselectable={ticks !== null}
      aria-activedescendant={position >= first && position <= last ? `${listId}-${position}` : undefined}
      onKeyDown={onKey}
    >
      <div role="presentation" className={styles.track} style={{ height }}>
        {rows.map((row) => {
          const document = pages.at(row);
          const selected = row === position;
          const tick = ticks && document ? ticks.of(document) : null;
          return (
            <div
              key={row}
              id={`${listId}-${row}`}
              role="option"
              aria-selected={selected}
              aria-checked={ticks ? (tick === 'some' ? 'mixed' : tick === 'whole') : undefined}
              aria-setsize={total}
              aria-posinset={row + 1}
              className={`${styles.item} ${selected ? styles.selectedItem : ''}`}
              style={{ transform: `translateY(${topOf(row)}px)` }}
              // A range is no text to select.
              onMouseDown={(event) => (event.shiftKey ? event.preventDefault() : undefined)}
              onClick={(event) => onClick(event, row)}
            >
              {ticks ? <TickBox state={tick ?? 'none'} /> : null}
              {document ? <Item document={document} mode={mode} tick={tick} /> : <span className="dimmed">…</span>}
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface ItemProps {
  document: DifferingDocument;
  mode: RestoreMode;
  tick: TickState | null;
}

function Item({ document, mode, tick }: ItemProps) {
  const change = changeWords[document.change];
  // An ObjectId is known by its look, and the row is narrow.
  const { type, text } = idText(document.id);
  return (
    <span className={styles.itemText}>
      <span className={styles.itemHead}>
        <span className={`nowrap ${change.className}`}>
          <span aria-hidden>{change.sign}</span> {change.name}
        </span>
        <span className="mono clip" title={`_id ${typedIdText(document.id)}`}>
          {type === '' || type === 'ObjectId' ? null : <span className="dimmed">{type} </span>}
          {text}
        </span>
        <span className={styles.itemEffect}>{changeEffect(mode, document.change, tick)}</span>
      </span>
      <span className={`${styles.itemSummary} mono clip`}>{maskControlCharacters(document.summary)}</span>
    </span>
  );
}
