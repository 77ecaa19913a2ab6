import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useRef, type KeyboardEvent } from 'react';
import type { DifferingDocument, RestoreMode } from '../../../../shared/diff';
import { maskControlCharacters } from '../../../../shared/format';
import { idText, typedIdText } from '../id-text';
import { changeWords } from '../mode-words';
import { changeEffect } from './change-effect';
import type { DocumentPages } from './use-document-pages';
import styles from './preview.module.css';

interface DocumentListProps {
  label: string;
  total: number;
  pages: DocumentPages;
  position: number;
  mode: RestoreMode;
  onPosition: (position: number) => void;
}

const rowHeight = 44;
const pageRows = 10;

/** A listbox over any number of documents; arrow keys move, pages come as they are scrolled to. */
export function DocumentList({ label, total, pages, position, mode, onPosition }: DocumentListProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const listId = useId();
  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items[items.length - 1]?.index ?? 0;
  const { need } = pages;
  useEffect(() => need(first, last), [need, first, last]);

  const move = (next: number) => {
    const bounded = Math.min(total - 1, Math.max(0, next));
    onPosition(bounded);
    virtualizer.scrollToIndex(bounded);
  };
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
    if (next === undefined) return;
    event.preventDefault();
    move(next);
  };
  return (
    <div
      ref={scroll}
      className={styles.list}
      role="listbox"
      tabIndex={0}
      aria-label={label}
      aria-activedescendant={`${listId}-${position}`}
      onKeyDown={onKey}
    >
      <div role="presentation" style={{ position: 'relative', height: virtualizer.getTotalSize() }}>
        {items.map((item) => {
          const document = pages.at(item.index);
          const selected = item.index === position;
          return (
            <div
              key={item.index}
              id={`${listId}-${item.index}`}
              role="option"
              aria-selected={selected}
              aria-setsize={total}
              aria-posinset={item.index + 1}
              className={`${styles.item} ${selected ? styles.selectedItem : ''}`}
              style={{ transform: `translateY(${item.start}px)` }}
              onClick={() => onPosition(item.index)}
            >
              {document ? <Item document={document} mode={mode} /> : <span className="dimmed">…</span>}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Item({ document, mode }: { document: DifferingDocument; mode: RestoreMode }) {
  const change = changeWords[document.change];
  // An ObjectId is known by its look, and the row is narrow.
  const { type, text } = idText(document.id);
  return (
    <>
      <span className={styles.itemHead}>
        <span className={`nowrap ${change.className}`}>
          <span aria-hidden>{change.sign}</span> {change.name}
        </span>
        <span className="mono clip" title={`_id ${typedIdText(document.id)}`}>
          {type === '' || type === 'ObjectId' ? null : <span className="dimmed">{type} </span>}
          {text}
        </span>
        <span className={styles.itemEffect}>{changeEffect(mode, document.change)}</span>
      </span>
      <span className={`${styles.itemSummary} mono clip`}>{maskControlCharacters(document.summary)}</span>
    </>
  );
}
