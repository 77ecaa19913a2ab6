/**
 * `_id`s as bytes whose plain comparison is the server's order: MinKey, null, numbers by value whatever their type, strings,
 * objects, arrays, binary, ObjectIds, booleans, dates, timestamps, and so on.
 */
import { numericKey } from '../number-values';
import { elementsOf, unpackValue, type RawElement } from '../bson-reader';

/** Longer keys are cut: among `_id`s that begin with the same 2 KiB the order is that of the list. */
export const longestKey = 2048;

/** The server's groups of types, in its order. */
const ranks: Readonly<Record<number, number>> = {
  0xff: 1,
  0x06: 5,
  0x0a: 5,
  0x01: 10,
  0x10: 10,
  0x12: 10,
  0x13: 10,
  0x02: 15,
  0x0e: 15,
  0x03: 20,
  0x04: 25,
  0x05: 30,
  0x07: 35,
  0x08: 40,
  0x09: 45,
  0x11: 47,
  0x0b: 50,
  0x0c: 55,
  0x0d: 60,
  0x0f: 65,
  0x7f: 127,
};

/** Collects the bytes of one key. */
class KeyBytes {
  readonly buffer = Buffer.alloc(longestKey);
  length = 0;

  byte(value: number): void {
    if (this.length < longestKey) this.buffer[this.length++] = value;
  }

  bytes(source: Buffer, start: number, end: number): void {
    this.length += source.copy(this.buffer, this.length, start, Math.min(end, start + longestKey - this.length));
  }

  big(value: bigint): void {
    for (let shift = 56n; shift >= 0n; shift -= 8n) this.byte(Number((value >> shift) & 0xffn));
  }

  /** Bytes that end before whatever follows: NUL is told from the end by the byte after it. */
  ended(source: Buffer, start: number, end: number): void {
    for (let at = start; at < end && this.length < longestKey; at++) {
      const byte = source[at] ?? 0;
      this.byte(byte);
      if (byte === 0) this.byte(0xff);
    }
    this.byte(0);
    this.byte(0);
  }
}

const signBit = 1n << 63n;
const view = new DataView(new ArrayBuffer(8));

/** The bits of a Double in an order that is that of its value. */
function sortableDouble(value: number): bigint {
  view.setFloat64(0, value === 0 ? 0 : value);
  const bits = view.getBigUint64(0);
  return (bits & signBit) === 0n ? bits | signBit : ~bits & 0xffffffffffffffffn;
}

/** The value as a Double, then exactly where it is a whole one of 64 bits: a Double cannot tell those apart. */
function addNumber(key: KeyBytes, element: RawElement): void {
  const text = numericKey(element) ?? 'NaN';
  if (text === 'NaN') {
    key.big(0n);
    return;
  }
  key.big(sortableDouble(Number(text)));
  if (!/^-?\d{16,19}$/.test(text)) return;
  const whole = BigInt(text);
  if (whole >= -signBit && whole < signBit) key.big(whole + signBit);
}

function addValue(key: KeyBytes, element: RawElement, outermost: boolean): void {
  const { source, valueStart: at, end } = element;
  if (key.length >= longestKey) return;
  key.byte(ranks[element.type] ?? 126);
  switch (element.type) {
    case 0x01:
    case 0x10:
    case 0x12:
    case 0x13:
      addNumber(key, element);
      break;
    case 0x02:
    case 0x0d:
    case 0x0e:
      if (outermost) key.bytes(source, at + 4, end - 1);
      else key.ended(source, at + 4, end - 1);
      break;
    case 0x03:
    case 0x04:
      for (const child of elementsOf(source, at)) {
        if (key.length >= longestKey) return;
        if (element.type === 0x03) {
          key.byte(ranks[child.type] ?? 126);
          key.bytes(source, child.nameStart, child.nameEnd + 1);
        }
        addValue(key, child, false);
      }
      key.byte(0);
      break;
    case 0x05: {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(Math.max(source.readInt32LE(at), 0));
      key.bytes(length, 0, 4);
      key.bytes(source, at + 4, end);
      break;
    }
    case 0x09:
      key.big(source.readBigInt64LE(at) + signBit);
      break;
    case 0x11:
      key.big(source.readBigUInt64LE(at));
      break;
    case 0x07:
    case 0x08:
    case 0x0b:
    case 0x0c:
    case 0x0f:
      key.bytes(source, at, end);
      break;
    default:
      break;
  }
}

const shared = new KeyBytes();

/** The key of a packed `_id`; null for a document without one. A view that the next call overwrites. */
export function idSortKey(packed: Buffer | null): Buffer {
  shared.length = 0;
  if (packed && packed.length > 0) addValue(shared, unpackValue(packed), true);
  return shared.buffer.subarray(0, shared.length);
}
