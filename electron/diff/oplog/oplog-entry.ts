/** An oplog entry as it lies in memory, with the few fields that tell which documents it touched. */
import type { OpTime } from '../../../shared/backups';
import { childrenOf, forEachElement, nameOf, type RawElement } from '../bson-reader';

export interface OplogEntry {
  /** i, u, d, c, n and what later servers add; empty when there is none. */
  op: string;
  ns: string;
  /** UUID of the collection, hex without dashes. */
  ui: string | null;
  /** Null inside applyOps. */
  place: OpTime | null;
  o: RawElement | null;
  o2: RawElement | null;
  /** The entry before it of the same transaction or session; null where there is none. */
  previous: OpTime | null;
  /** True for applyOps whose operations are separate writes and no transaction (servers from 7.0 on). */
  isVectored: boolean;
}

function textOf({ source, type, valueStart, end }: RawElement): string {
  return type === 0x02 ? source.toString('utf8', valueStart + 4, end - 1) : '';
}

/** Whole numbers of any type; null for everything else. */
function integerOf({ source, type, valueStart }: RawElement): number | null {
  if (type === 0x10) return source.readInt32LE(valueStart);
  if (type === 0x12) return Number(source.readBigInt64LE(valueStart));
  return type === 0x01 ? source.readDoubleLE(valueStart) : null;
}

function uuidOf({ source, type, valueStart, end }: RawElement): string | null {
  const isUuid = type === 0x05 && end - valueStart === 21 && source[valueStart + 4] === 4;
  return isUuid ? source.toString('hex', valueStart + 5, end) : null;
}

function timeOf({ source, type, valueStart }: RawElement): OpTime['time'] | null {
  if (type !== 0x11) return null;
  return { seconds: source.readUInt32LE(valueStart + 4), increment: source.readUInt32LE(valueStart) };
}

function previousOf(element: RawElement): OpTime | null {
  let time: OpTime['time'] | null = null;
  let term: number | null = null;
  if (element.type === 0x11) time = timeOf(element);
  for (const child of childrenOf(element)) {
    if (nameOf(child) === 'ts') time = timeOf(child);
    else if (nameOf(child) === 't') term = integerOf(child);
  }
  return time === null || (time.seconds === 0 && time.increment === 0) ? null : { time, term: term ?? -1 };
}

/** Reads the entry that begins at `start`, also one inside applyOps. Unknown fields are passed over. */
export function readEntry(source: Buffer, start = 0): OplogEntry {
  const entry: OplogEntry = {
    op: '',
    ns: '',
    ui: null,
    place: null,
    o: null,
    o2: null,
    previous: null,
    isVectored: false,
  };
  let time: OpTime['time'] | null = null;
  let term = -1;
  forEachElement(source, start, (element) => {
    switch (nameOf(element)) {
      case 'op':
        entry.op = textOf(element);
        break;
      case 'ns':
        entry.ns = textOf(element);
        break;
      case 'ui':
        entry.ui = uuidOf(element);
        break;
      case 'ts':
        time = timeOf(element);
        break;
      case 't':
        term = integerOf(element) ?? -1;
        break;
      case 'o':
        entry.o = element;
        break;
      case 'o2':
        entry.o2 = element;
        break;
      case 'prevOpTime':
        entry.previous = previousOf(element);
        break;
      case 'multiOpType':
        entry.isVectored = integerOf(element) === 1;
        break;
    }
  });
  if (time) entry.place = { time, term };
  return entry;
}

/** The fields of an entry's `o`, in order; the first one names a command. */
export function fieldsOf(
  o: RawElement | null,
): { name: string; text: string; uuid: string | null; value: RawElement }[] {
  if (!o) return [];
  return childrenOf(o).map((value) => ({ name: nameOf(value), text: textOf(value), uuid: uuidOf(value), value }));
}
