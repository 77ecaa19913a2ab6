import { useEffect, useRef, type KeyboardEvent, type PointerEvent, type RefObject } from 'react';
import type { TimeFrame } from './time-frame';
import { moveTime, timeAt, timeBetween, zoomTime, type PlotArea, type TimeRange } from './time-view';

interface GestureOptions {
  frame: TimeFrame;
  area: PlotArea;
  /** Milliseconds between two points. */
  stepMs: number;
  /** The time of a point near another. */
  snap: (time: number) => number;
  /** Where the cursor begins when keys move it. */
  newest: number | null;
  /** The cursor was moved by keys: to be told. */
  onKeyCursor: (time: number) => void;
}

interface Gestures {
  ref: RefObject<HTMLDivElement | null>;
  onPointerDown: (event: PointerEvent) => void;
  onPointerMove: (event: PointerEvent) => void;
  onPointerUp: (event: PointerEvent) => void;
  onPointerLeave: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onBlur: () => void;
}

/** Told to who uses keys. */
export const gestureHint =
  'Arrows move the cursor, with Shift they select, Enter zooms to what is selected, plus and minus zoom, Page Up and Page Down move, Escape shows the whole again.';

const zoomStep = 0.5;

/**
 * A chart by pointer and keys: hovering and arrows move the cursor of all charts, dragging and Shift with arrows select, letting go
 * and Enter zoom to it, Ctrl with the wheel, + and − zoom around the cursor.
 */
export function useTimeGestures({ frame, area, stepMs, snap, newest, onKeyCursor }: GestureOptions): Gestures {
  const ref = useRef<HTMLDivElement>(null);
  const dragFrom = useRef<number | null>(null);
  const { range, limits, cursor, zoom, reset, isZoomed } = frame;

  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    // React's own listener is passive: it could not keep the page from scrolling.
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const x = event.clientX - element.getBoundingClientRect().left;
      zoom(zoomTime(range, timeAt(x, range, area), event.deltaY > 0 ? 1.25 : 0.8, limits));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [range, limits, area, zoom]);

  const xOfEvent = (event: PointerEvent) => event.clientX - event.currentTarget.getBoundingClientRect().left;
  const clamp = (time: number) => Math.min(Math.max(time, range.from), range.to);

  const moveCursor = (time: number, selecting: boolean) => {
    const before = cursor.getState();
    const from = before.time ?? time;
    const anchor = before.selection
      ? before.selection.from === from
        ? before.selection.to
        : before.selection.from
      : from;
    const selection = selecting ? { from: Math.min(anchor, time), to: Math.max(anchor, time) } : null;
    cursor.setState({ time, selection });
    onKeyCursor(time);
  };
  const stepBy = (steps: number, selecting: boolean) => {
    const from = cursor.getState().time ?? clamp(newest ?? range.to);
    const aimed = clamp(from + steps * stepMs);
    const snapped = snap(aimed);
    // In a gap there is nothing to snap to but what is behind.
    moveCursor(Math.sign(snapped - from) === Math.sign(steps) ? snapped : aimed, selecting);
  };
  const zoomBy = (factor: number) =>
    zoom(zoomTime(range, cursor.getState().time ?? (range.from + range.to) / 2, factor, limits));
  const zoomTo = (selection: TimeRange | null) => {
    cursor.setState({ selection: null });
    if (selection && selection.to > selection.from) zoom(selection);
  };

  const keys: Partial<Record<string, (event: KeyboardEvent) => void>> = {
    ArrowLeft: ({ shiftKey, ctrlKey }) => stepBy(ctrlKey ? -10 : -1, shiftKey),
    ArrowRight: ({ shiftKey, ctrlKey }) => stepBy(ctrlKey ? 10 : 1, shiftKey),
    Home: ({ shiftKey }) => moveCursor(snap(range.from), shiftKey),
    End: ({ shiftKey }) => moveCursor(snap(clamp(newest ?? range.to)), shiftKey),
    Enter: () => zoomTo(cursor.getState().selection),
    '+': () => zoomBy(zoomStep),
    '=': () => zoomBy(zoomStep),
    '-': () => zoomBy(1 / zoomStep),
    PageUp: () => zoom(moveTime(range, (range.from - range.to) / 2, limits)),
    PageDown: () => zoom(moveTime(range, (range.to - range.from) / 2, limits)),
    '0': reset,
  };

  return {
    ref,
    onPointerDown: (event) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      dragFrom.current = xOfEvent(event);
    },
    onPointerMove: (event) => {
      const x = xOfEvent(event);
      const time = clamp(timeAt(x, range, area));
      const selection = dragFrom.current === null ? null : timeBetween(dragFrom.current, x, range, area);
      cursor.setState({ time: snap(time), selection });
    },
    onPointerUp: (event) => {
      if (dragFrom.current === null) return;
      const selected = timeBetween(dragFrom.current, xOfEvent(event), range, area);
      dragFrom.current = null;
      zoomTo(selected);
    },
    onPointerLeave: () => {
      if (dragFrom.current === null) cursor.setState({ time: null, selection: null });
    },
    onKeyDown: (event) => {
      if (event.altKey || event.metaKey) return;
      if (event.key === 'Escape') {
        if (cursor.getState().selection) cursor.setState({ selection: null });
        else if (isZoomed) reset();
        else return;
      } else {
        const run = keys[event.key];
        if (!run) return;
        run(event);
      }
      event.preventDefault();
      event.stopPropagation();
    },
    onBlur: () => cursor.setState({ time: null, selection: null }),
  };
}
