import { Decimal128 } from 'bson';
import type { RawElement } from './bson-reader';

export function isNumber(type: number): boolean {
  return type === 0x01 || type === 0x10 || type === 0x12 || type === 0x13;
}

/** Exact text of a finite Double: its integer or decimal expansion as the server compares it. */
function exactDouble(value: number): string {
  if (Object.is(value, -0)) return '0';
  if (Number.isInteger(value)) return BigInt(value).toString();
  return normaliseDecimal(binaryExpansion(value));
}

/** The full decimal expansion of a binary fraction: every Double has a finite one. */
function binaryExpansion(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n;
  const exponent = (biased === 0 ? 1 : biased) - 1075;
  const sign = value < 0 ? '-' : '';
  if (exponent >= 0) return `${sign}${(mantissa << BigInt(exponent)).toString()}`;
  const digits = (mantissa * 5n ** BigInt(-exponent)).toString();
  return `${sign}${digits}E${exponent}`;
}

/** `digits × 10^exponent` with trailing zeros moved into the exponent: one text per value. */
function normaliseDecimal(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/i.exec(text);
  if (!match) return text;
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return '0';
  const trimmed = digits.replace(/0+$/, '');
  const exponent = Number(exponentText) - fraction.length + (digits.length - trimmed.length);
  if (exponent >= 0 && exponent <= 400) return `${sign}${trimmed}${'0'.repeat(exponent)}`;
  return `${sign}${trimmed}E${exponent}`;
}

/**
 * A text that is the same for two numbers exactly when the server's comparison calls them equal, whatever their types:
 * Int32 1, Int64 1, Double 1 and Decimal128 1.00 are one key. Null for what is no number.
 */
export function numericKey(element: RawElement): string | null {
  const { source, valueStart: at } = element;
  switch (element.type) {
    case 0x10:
      return source.readInt32LE(at).toString();
    case 0x12:
      return source.readBigInt64LE(at).toString();
    case 0x01: {
      const value = source.readDoubleLE(at);
      if (Number.isNaN(value)) return 'NaN';
      if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
      return exactDouble(value);
    }
    case 0x13: {
      const text = new Decimal128(Uint8Array.from(source.subarray(at, at + 16))).toString();
      return /NaN|Infinity/.test(text) ? text.replace('-NaN', 'NaN') : normaliseDecimal(text);
    }
    default:
      return null;
  }
}

/** Digits that Decimal128 holds, and the exponents that zeros are looked for with: 0, 0.00, 0E+3. */
const decimalDigits = 34;
const zeroExponents = 20;

function packDecimal(negative: boolean, coefficient: bigint, exponent: number): Buffer {
  const form = Buffer.alloc(17, 0x13);
  const sign = negative ? 1n << 63n : 0n;
  form.writeBigUInt64LE(coefficient & 0xffffffffffffffffn, 1);
  form.writeBigUInt64LE(sign | (BigInt(exponent + 6176) << 49n) | (coefficient >> 64n), 9);
  return form;
}

/** Decimal128 spells one number in many ways (1, 1.0, 1.00): `every` of them, or the one without an exponent. */
function decimalForms(key: string, every: boolean): Buffer[] {
  if (key === 'NaN' || key.endsWith('Infinity')) {
    const form = Buffer.alloc(17, 0x13);
    form.set(Decimal128.fromString(key).bytes, 1);
    const other = Buffer.from(form);
    if (key === 'NaN') other[16] = (other[16] ?? 0) ^ 0x80;
    return [form, other];
  }
  const match = /^(-?)(\d+?)(0*)(?:E(-?\d+))?$/.exec(key);
  if (!match) return [];
  const [, sign, digits = '', zeros = '', exponentText = '0'] = match;
  if (!every) {
    const isPlain = exponentText === '0' && digits.length + zeros.length <= decimalDigits;
    return isPlain ? [packDecimal(sign === '-', BigInt(digits + zeros), 0)] : [];
  }
  const forms: Buffer[] = [];
  if (digits === '0') {
    for (let exponent = -zeroExponents; exponent <= zeroExponents; exponent++) {
      forms.push(packDecimal(false, 0n, exponent), packDecimal(true, 0n, exponent));
    }
    return forms;
  }
  const highest = Number(exponentText) + zeros.length;
  let coefficient = BigInt(digits);
  for (let length = digits.length, exponent = highest; length <= decimalDigits; length++, exponent--) {
    if (exponent >= -6176 && exponent <= 6111) forms.push(packDecimal(sign === '-', coefficient, exponent));
    coefficient *= 10n;
  }
  return forms;
}

/**
 * The other packed forms (type byte and value) under which a number could be stored as the same key. Decimal128 is tried
 * in its plain integer form, with `everyDecimal` in all of its spellings. NaNs with other bits than usual are not found.
 */
export function otherNumberForms(element: RawElement, everyDecimal = false): Buffer[] {
  const key = numericKey(element);
  if (key === null) return [];
  const forms: Buffer[] = [];
  if (/^-?\d+$/.test(key)) {
    const value = BigInt(key);
    if (value >= -(2n ** 31n) && value < 2n ** 31n) {
      const form = Buffer.alloc(5, 0x10);
      form.writeInt32LE(Number(value), 1);
      forms.push(form);
    }
    if (value >= -(2n ** 63n) && value < 2n ** 63n) {
      const form = Buffer.alloc(9, 0x12);
      form.writeBigInt64LE(value, 1);
      forms.push(form);
    }
    if (BigInt(Number(value)) === value) forms.push(packDouble(Number(value)));
    if (value === 0n) forms.push(packDouble(-0));
  } else if (element.type === 0x13 && Number.isFinite(Number(key))) {
    const value = Number(key);
    if (exactDouble(value) === key) forms.push(packDouble(value));
  } else if (key === 'NaN' || key.endsWith('Infinity')) {
    forms.push(packDouble(Number(key)));
    if (key === 'NaN') {
      const negative = packDouble(NaN);
      negative[8] = (negative[8] ?? 0) ^ 0x80;
      forms.push(negative);
    }
  }
  forms.push(...decimalForms(key, everyDecimal));
  const own = Buffer.concat([Buffer.from([element.type]), element.source.subarray(element.valueStart, element.end)]);
  return forms.filter((form) => !form.equals(own));
}

function packDouble(value: number): Buffer {
  const form = Buffer.alloc(9, 0x01);
  form.writeDoubleLE(value, 1);
  return form;
}
