import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { DifferingDocument } from '../../../../shared/diff';
import type { AppError } from '../../../../shared/result';
import { asAppError } from '../../../api';
import type { ListTicks } from './document-list';
import { isUnfiltered, kindsOf, positionsBetween, type DocumentQuery, type ListedNamespace } from './document-query';
import { changeAt, tickedCounts, tickOf, withDocuments, withKinds, type TickState, type Ticks } from './pick-state';
import { usePickStore, useTicks } from './pick-store';
import type { DocumentPages } from './use-document-pages';

export interface ShownTicks extends ListTicks {
  ticks: Ticks;
  /** Documents ticked among those listed; null until it is known which ones are listed. */
  shownTicked: number | null;
  shown: TickState;
  error: AppError | null;
}

/** The ticks of a namespace, and what clicks and keys in the list make of them. */
export function useListTicks(
  { previewId, ns, counts }: ListedNamespace,
  query: DocumentQuery,
  pages: DocumentPages,
  enabled: boolean,
): ShownTicks {
  const ticks = useTicks(previewId, ns);
  const change = usePickStore((state) => state.change);
  const [error, setError] = useState<AppError | null>(null);
  const { total } = pages;
  const listed = useMemo<ListedNamespace>(() => ({ previewId, ns, counts }), [previewId, ns, counts]);

  // Where the list is filtered, counts do not tell what it holds: its positions are asked for, once.
  const [positions, setPositions] = useState<number[] | null>(null);
  const wantsPositions = enabled && !isUnfiltered(query) && total !== null;
  useEffect(() => {
    if (!wantsPositions || total === null) return;
    let current = true;
    const read = total === 0 ? Promise.resolve([]) : positionsBetween(listed, query, 0, total - 1);
    read
      .then((found) => (current ? setPositions(found) : undefined))
      .catch((thrown: unknown) => (current ? setError(asAppError(thrown)) : undefined));
    return () => {
      current = false;
    };
  }, [wantsPositions, total, listed, query]);

  const shownTicked = useMemo(() => {
    if (!enabled) return 0;
    if (isUnfiltered(query)) {
      const ticked = tickedCounts(ticks, counts);
      return kindsOf(query).reduce((sum, kind) => sum + ticked[kind], 0);
    }
    return positions?.reduce((sum, position) => {
      const kind = changeAt(counts, position);
      return sum + (kind !== null && tickOf(ticks, kind, position) !== 'none' ? 1 : 0);
    }, 0);
  }, [enabled, query, ticks, counts, positions]);
  const shown: TickState = !shownTicked ? 'none' : shownTicked === total ? 'whole' : 'some';

  const anchor = useRef<{ position: number; ticked: boolean }>({ position: 0, ticked: true });
  const set = useCallback(
    (wanted: Iterable<number>, ticked: boolean) => {
      change(previewId, ns, (before) => withDocuments(before, counts, wanted, ticked));
    },
    [change, previewId, ns, counts],
  );
  const stateAt = (position: number): TickState => {
    const document = pages.at(position);
    return document ? tickOf(ticks, document.change, document.index) : 'none';
  };
  const setBetween = async (first: number, last: number, ticked: boolean) => {
    setError(null);
    try {
      set(await positionsBetween(listed, query, first, last), ticked);
    } catch (thrown) {
      setError(asAppError(thrown));
    }
  };

  return {
    ticks,
    shownTicked: shownTicked ?? null,
    shown,
    error,
    of: (document: DifferingDocument) => tickOf(ticks, document.change, document.index),
    anchor: (position) => {
      anchor.current = { position, ticked: true };
    },
    toggle: (position, extend) => {
      const { position: from, ticked } = anchor.current;
      if (extend) {
        void setBetween(Math.min(from, position), Math.max(from, position), ticked);
        return;
      }
      const wanted = stateAt(position) !== 'whole';
      anchor.current = { position, ticked: wanted };
      const document = pages.at(position);
      if (document) set([document.index], wanted);
    },
    toggleAll: () => {
      const wanted = shown !== 'whole';
      if (isUnfiltered(query)) change(previewId, ns, (before) => withKinds(before, kindsOf(query), wanted));
      else if (positions) set(positions, wanted);
    },
  };
}
