import { sameValue, type RawElement } from './bson-reader';

/** A pair of elements, or one that only a side has. Positions are of the arrays as they stand. */
export interface AlignmentStep {
  kind: 'pair' | 'move' | 'onlyInBackup' | 'onlyInTarget';
  backup: number | null;
  target: number | null;
}

/** Cells of the table that finds the longest common run of elements; larger middles are paired by position. */
const largestTable = 1_000_000;
/** Elements beyond which none is looked for elsewhere. */
const mostMoved = 100_000;

function keyOf(element: RawElement): string {
  return `${element.type} ${element.source.toString('latin1', element.valueStart, element.end)}`;
}

/**
 * Says which elements of two arrays answer to each other: equal ones in the same order first, then equal ones that
 * stand elsewhere (moved), then what is left between them by position. `table`: cells of the first step's table; beyond
 * it that step is left out.
 */
export function alignArrays(backup: RawElement[], target: RawElement[], table = largestTable): AlignmentStep[] {
  let head = 0;
  const shorter = Math.min(backup.length, target.length);
  const equal = (i: number, j: number): boolean => {
    const left = backup[i];
    const right = target[j];
    return left !== undefined && right !== undefined && sameValue(left, right);
  };
  while (head < shorter && equal(head, head)) head++;
  let tail = 0;
  while (tail < shorter - head && equal(backup.length - 1 - tail, target.length - 1 - tail)) tail++;

  const partner = new Int32Array(backup.length).fill(-1);
  const taken = new Uint8Array(target.length);
  const link = (i: number, j: number): void => {
    partner[i] = j;
    taken[j] = 1;
  };
  for (let at = 0; at < head; at++) link(at, at);
  for (let at = 1; at <= tail; at++) link(backup.length - at, target.length - at);
  linkCommonRun({ backupEnd: backup.length - tail, targetEnd: target.length - tail, head, table }, equal, link);
  const moved = linkMoved(backup, target, partner, taken, link);
  return layOut(backup.length, target.length, partner, taken, moved);
}

function linkCommonRun(
  { backupEnd, targetEnd, head, table }: { backupEnd: number; targetEnd: number; head: number; table: number },
  equal: (i: number, j: number) => boolean,
  link: (i: number, j: number) => void,
): void {
  const rows = backupEnd - head;
  const columns = targetEnd - head;
  if (rows * columns === 0 || rows * columns > table) return;
  const width = columns + 1;
  const lengths = new Uint32Array((rows + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      lengths[i * width + j] = equal(head + i, head + j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  let i = 0;
  let j = 0;
  while (i < rows && j < columns) {
    if (equal(head + i, head + j) && at(i, j) === at(i + 1, j + 1) + 1) link(head + i++, head + j++);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
}

function linkMoved(
  backup: RawElement[],
  target: RawElement[],
  partner: Int32Array,
  taken: Uint8Array,
  link: (i: number, j: number) => void,
): Set<number> {
  const moved = new Set<number>();
  if (backup.length > mostMoved || target.length > mostMoved) return moved;
  const free = new Map<string, number[]>();
  target.forEach((element, index) => {
    if (taken[index]) return;
    const key = keyOf(element);
    const places = free.get(key);
    if (places) places.push(index);
    else free.set(key, [index]);
  });
  if (free.size === 0) return moved;
  backup.forEach((element, index) => {
    if (partner[index] !== -1) return;
    const place = free.get(keyOf(element))?.shift();
    if (place === undefined) return;
    link(index, place);
    moved.add(index);
  });
  return moved;
}

function layOut(
  backupLength: number,
  targetLength: number,
  partner: Int32Array,
  taken: Uint8Array,
  moved: Set<number>,
): AlignmentStep[] {
  const steps: AlignmentStep[] = [];
  let j = 0;
  const nextFree = (until: number): number => {
    while (j < until && taken[j]) j++;
    return j < until ? j++ : -1;
  };
  let i = 0;
  /** The next element that has its partner in order; looked for once, not again for each one before it. */
  let border = 0;
  while (i < backupLength) {
    const place = partner[i] ?? -1;
    if (moved.has(i)) {
      steps.push({ kind: 'move', backup: i, target: place });
      i++;
      continue;
    }
    if (place >= 0) {
      for (let free = nextFree(place); free >= 0; free = nextFree(place)) {
        steps.push({ kind: 'onlyInTarget', backup: null, target: free });
      }
      steps.push({ kind: 'pair', backup: i, target: place });
      j = Math.max(j, place + 1);
      i++;
      continue;
    }
    // Left over on both sides before the next common element: a changed element, by position.
    if (border <= i) border = i + 1;
    while (border < backupLength && ((partner[border] ?? -1) < 0 || moved.has(border))) border++;
    const until = border < backupLength ? (partner[border] ?? targetLength) : targetLength;
    const free = nextFree(until);
    steps.push(
      free >= 0 ? { kind: 'pair', backup: i, target: free } : { kind: 'onlyInBackup', backup: i, target: null },
    );
    i++;
  }
  for (let free = nextFree(targetLength); free >= 0; free = nextFree(targetLength)) {
    steps.push({ kind: 'onlyInTarget', backup: null, target: free });
  }
  return steps;
}
