import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type RefObject } from 'react';
import { flushSync } from 'react-dom';
import {
  clampOffset,
  isScaled,
  offsetAt,
  offsetShowing,
  rowsAt,
  scrollTopAt,
  trackHeight,
  type TallList,
} from './tall-list';

const overscan = 8;
const lineHeight = 20;
/** Browsers round what `scrollTop` is set to. */
const roundedBy = 1;

export interface TallListView {
  /** Height of the element inside the scrolling one. */
  height: number;
  first: number;
  last: number;
  /** Where a row is drawn, from the top of the element inside. */
  topOf: (row: number) => number;
  /** Scrolls no further than needed. */
  show: (row: number) => void;
}

/** Rows of one height in the element of `scroll`, as many as there may be: see {@link TallList}. */
export function useTallList(scroll: RefObject<HTMLElement | null>, count: number, rowHeight: number): TallListView {
  const [place, setPlace] = useState({ offset: 0, scrollTop: 0, viewport: 0 });
  const list = useMemo<TallList>(
    () => ({ count, rowHeight, viewport: place.viewport }),
    [count, rowHeight, place.viewport],
  );
  const latest = useRef({ list, offset: 0 });
  useLayoutEffect(() => {
    latest.current.list = list;
  });

  const moveTo = useCallback(
    (offset: number) => {
      const element = scroll.current;
      if (!element) return;
      latest.current.offset = offset;
      element.scrollTop = scrollTopAt(latest.current.list, offset);
      setPlace((before) => ({ ...before, offset, scrollTop: element.scrollTop }));
    },
    [scroll],
  );

  useEffect(() => {
    const element = scroll.current;
    if (!element) return;
    const resized = new ResizeObserver(() => {
      const viewport = element.clientHeight;
      setPlace((before) => (before.viewport === viewport ? before : { ...before, viewport }));
    });
    resized.observe(element);
    const onScroll = () => {
      const { scrollTop } = element;
      const { list: known, offset: before } = latest.current;
      // What was asked for by offset is kept exactly: the track of a scaled list is too coarse to tell it.
      const isOurs = isScaled(known) && Math.abs(scrollTop - scrollTopAt(known, before)) <= roundedBy;
      const offset = isOurs ? before : offsetAt(known, scrollTop);
      latest.current.offset = offset;
      // In the frame of the scroll itself: later, rows would be drawn where they do not belong any more.
      flushSync(() => setPlace((earlier) => ({ ...earlier, offset, scrollTop })));
    };
    const onWheel = (event: WheelEvent) => {
      const { list: known, offset } = latest.current;
      if (!isScaled(known) || event.ctrlKey || event.deltaY === 0) return;
      const pixels = event.deltaMode === 0 ? 1 : event.deltaMode === 1 ? lineHeight : known.viewport;
      const next = clampOffset(known, offset + event.deltaY * pixels);
      // At the ends the page around it scrolls on, as everywhere.
      if (next === offset) return;
      event.preventDefault();
      moveTo(next);
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      resized.disconnect();
      element.removeEventListener('scroll', onScroll);
      element.removeEventListener('wheel', onWheel);
    };
  }, [scroll, moveTo]);

  const show = useCallback(
    (row: number) => {
      const { list: known, offset } = latest.current;
      const next = offsetShowing(known, offset, row);
      if (next !== offset) moveTo(next);
    },
    [moveTo],
  );
  const shift = isScaled(list) ? place.scrollTop - place.offset : 0;
  return {
    height: trackHeight(list),
    ...rowsAt(list, place.offset, overscan),
    topOf: (row) => row * rowHeight + shift,
    show,
  };
}
