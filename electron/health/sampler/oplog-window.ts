/** How far back the oplog reaches, and how far it will once it is full. Pure. */

/** What a member tells of its oplog. */
export interface OplogExtent {
  firstSeconds: number;
  lastSeconds: number;
  /** Bytes of its entries, uncompressed, and what it may hold. */
  bytes: number | null;
  maxBytes: number | null;
}

export interface OplogWindow {
  windowHours: number;
  bytesPerHour: number | null;
  /** The window of a full oplog at the rate so far; the window itself once it is full. */
  reachHours: number | null;
}

/** An oplog that is this full gives up its oldest entries. */
const fullShare = 0.9;
/** Under it the rate of a new oplog is mostly what its set-up wrote. */
const leastSeconds = 60;

export function oplogWindowOf({ firstSeconds, lastSeconds, bytes, maxBytes }: OplogExtent): OplogWindow {
  const seconds = Math.max(0, lastSeconds - firstSeconds);
  const windowHours = seconds / 3600;
  if (bytes === null || maxBytes === null || maxBytes <= 0)
    return { windowHours, bytesPerHour: null, reachHours: null };
  const bytesPerHour = seconds < leastSeconds ? null : bytes / windowHours;
  if (bytes >= maxBytes * fullShare) return { windowHours, bytesPerHour, reachHours: windowHours };
  return {
    windowHours,
    bytesPerHour,
    reachHours: bytesPerHour === null || bytesPerHour <= 0 ? null : Math.max(windowHours, maxBytes / bytesPerHour),
  };
}
