/** The order in which servers keep BSON values, on the bytes as they lie: pure. */
import { childrenOf, type RawElement } from './bson-reader';
import { numericKey } from './number-values';

/** The place of a type in the order; types that compare by value share one. Undefined and what is not there are 0. */
export function canonicalType(type: number): number {
  switch (type) {
    case 0xff:
      return -1;
    case 0x06:
      return 0;
    case 0x0a:
      return 5;
    case 0x01:
    case 0x10:
    case 0x12:
    case 0x13:
      return 10;
    case 0x02:
    case 0x0e:
      return 15;
    case 0x03:
      return 20;
    case 0x04:
      return 25;
    case 0x05:
      return 30;
    case 0x07:
      return 35;
    case 0x08:
      return 40;
    case 0x09:
      return 45;
    case 0x11:
      return 47;
    case 0x0b:
      return 50;
    case 0x0c:
      return 55;
    case 0x0d:
      return 60;
    case 0x0f:
      return 65;
    default:
      return 127;
  }
}

interface Parts {
  digits: bigint;
  exponent: number;
}

function partsOf(key: string): Parts {
  const [digits = '0', exponent = '0'] = key.split('E');
  return { digits: BigInt(digits), exponent: Number(exponent) };
}

/** Decimal places, so that numbers far apart are told without their digits being written out. */
function magnitude({ digits, exponent }: Parts): number {
  return (digits < 0n ? -digits : digits).toString().length + exponent;
}

const rankOf: Readonly<Record<string, number>> = { NaN: 0, '-Infinity': 1, Infinity: 3 };

function compareNumbers(left: string, right: string): number {
  if (left === right) return 0;
  const [leftRank, rightRank] = [rankOf[left] ?? 2, rankOf[right] ?? 2];
  if (leftRank !== rightRank) return leftRank - rightRank;
  const [a, b] = [partsOf(left), partsOf(right)];
  const [leftSign, rightSign] = [a, b].map(({ digits }) => (digits > 0n ? 1 : digits < 0n ? -1 : 0));
  if (leftSign !== rightSign) return (leftSign ?? 0) - (rightSign ?? 0);
  const [leftSize, rightSize] = [magnitude(a), magnitude(b)];
  if (leftSize !== rightSize) return (leftSize - rightSize) * (leftSign ?? 1);
  const least = Math.min(a.exponent, b.exponent);
  const scaled = ({ digits, exponent }: Parts): bigint => digits * 10n ** BigInt(exponent - least);
  const [x, y] = [scaled(a), scaled(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function valueBytes({ source, valueStart, end }: RawElement): Buffer {
  return source.subarray(valueStart, end);
}

/** The characters of a string, symbol or code, without length and terminator. */
export function textBytes({ source, valueStart, end }: RawElement): Buffer {
  return source.subarray(valueStart + 4, end - 1);
}

function compareChildren(left: readonly RawElement[], right: readonly RawElement[]): number {
  for (let at = 0; ; at++) {
    const [a, b] = [left[at], right[at]];
    if (!a || !b) return a ? 1 : b ? -1 : 0;
    const types = canonicalType(a.type) - canonicalType(b.type);
    if (types !== 0) return types;
    const names = a.source.compare(b.source, b.nameStart, b.nameEnd, a.nameStart, a.nameEnd);
    if (names !== 0) return names;
    const values = compareValues(a, b);
    if (values !== 0) return values;
  }
}

/** Negative, zero or positive. Strings compare by their bytes: no collation. Names count within objects only. */
export function compareValues(left: RawElement, right: RawElement): number {
  const kind = canonicalType(left.type);
  const types = kind - canonicalType(right.type);
  if (types !== 0) return types;
  switch (kind) {
    case 10:
      return compareNumbers(numericKey(left) ?? '0', numericKey(right) ?? '0');
    case 15:
    case 60:
      return textBytes(left).compare(textBytes(right));
    case 20:
    case 25:
      return compareChildren(childrenOf(left), childrenOf(right));
    case 30: {
      const lengths = left.source.readInt32LE(left.valueStart) - right.source.readInt32LE(right.valueStart);
      return lengths !== 0 ? lengths : valueBytes(left).subarray(4).compare(valueBytes(right).subarray(4));
    }
    case 45: {
      const [a, b] = [left.source.readBigInt64LE(left.valueStart), right.source.readBigInt64LE(right.valueStart)];
      return a < b ? -1 : a > b ? 1 : 0;
    }
    case 47: {
      const [a, b] = [left.source.readBigUInt64LE(left.valueStart), right.source.readBigUInt64LE(right.valueStart)];
      return a < b ? -1 : a > b ? 1 : 0;
    }
    default:
      return valueBytes(left).compare(valueBytes(right));
  }
}

export function isNotANumber(element: RawElement): boolean {
  return canonicalType(element.type) === 10 && numericKey(element) === 'NaN';
}
