/**
 * Geometry of a list of rows of one height that may be taller than a browser lets an element be. Then the scroll bar runs over a
 * shorter track, and rows are placed by the offset in the whole list. Pure; all lengths in CSS pixels.
 */

/** Chromium draws no element beyond 33,554,428 device pixels; a screen may have several to a CSS pixel. */
const tallestTrack = 4_000_000;

export interface TallList {
  count: number;
  rowHeight: number;
  /** Height of what is seen of it. */
  viewport: number;
}

/** The height that is scrolled over. */
export function trackHeight({ count, rowHeight }: TallList): number {
  return Math.min(count * rowHeight, tallestTrack);
}

/** Whether the track is shorter than the list. */
export function isScaled({ count, rowHeight }: TallList): boolean {
  return count * rowHeight > tallestTrack;
}

function range(list: TallList): { offsets: number; scrolls: number } {
  const { count, rowHeight, viewport } = list;
  return {
    offsets: Math.max(count * rowHeight - viewport, 0),
    scrolls: Math.max(trackHeight(list) - viewport, 0),
  };
}

/** Where in the list the viewport begins when the track is scrolled to `scrollTop`. */
export function offsetAt(list: TallList, scrollTop: number): number {
  const { offsets, scrolls } = range(list);
  if (!isScaled(list)) return scrollTop;
  return scrolls === 0 ? 0 : clampOffset(list, (scrollTop / scrolls) * offsets);
}

/** The opposite of {@link offsetAt}. */
export function scrollTopAt(list: TallList, offset: number): number {
  const { offsets, scrolls } = range(list);
  if (!isScaled(list)) return offset;
  return offsets === 0 ? 0 : (offset / offsets) * scrolls;
}

export function clampOffset(list: TallList, offset: number): number {
  return Math.min(Math.max(offset, 0), range(list).offsets);
}

/** The rows seen at an offset, and `overscan` more on both sides; `last` is -1 for an empty list. */
export function rowsAt(list: TallList, offset: number, overscan: number): { first: number; last: number } {
  const { count, rowHeight, viewport } = list;
  return {
    first: Math.max(Math.floor(offset / rowHeight) - overscan, 0),
    last: Math.min(Math.floor((offset + viewport) / rowHeight) + overscan, count - 1),
  };
}

/** The nearest offset at which the whole row is seen. */
export function offsetShowing(list: TallList, offset: number, row: number): number {
  const { rowHeight, viewport } = list;
  const top = row * rowHeight;
  if (top < offset) return clampOffset(list, top);
  if (top + rowHeight > offset + viewport) return clampOffset(list, top + rowHeight - viewport);
  return offset;
}
