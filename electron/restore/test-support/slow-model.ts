/**
 * What each mode should leave behind, told the slow and obvious way and without any code of the engine: documents are
 * parsed into lists, `_id`s are told apart by exact fractions.
 */
import type { Effect, RestoreMode } from '../../../shared/diff';
import { rawDocument, type RawField, type RawValue } from '../../test-support/random-documents';

/** Length of a value, from the BSON specification. */
function lengthOf(type: number, at: number, bytes: Buffer): number {
  const end = (from: number): number => bytes.indexOf(0, from) + 1;
  switch (type) {
    case 0x01:
    case 0x09:
    case 0x11:
    case 0x12:
      return 8;
    case 0x02:
    case 0x0d:
    case 0x0e:
      return 4 + bytes.readInt32LE(at);
    case 0x03:
    case 0x04:
    case 0x0f:
      return bytes.readInt32LE(at);
    case 0x05:
      return 5 + bytes.readInt32LE(at);
    case 0x07:
      return 12;
    case 0x08:
      return 1;
    case 0x0b:
      return end(end(at)) - at;
    case 0x0c:
      return 4 + bytes.readInt32LE(at) + 12;
    case 0x10:
      return 4;
    case 0x13:
      return 16;
    default:
      return 0;
  }
}

/** Names are taken as UTF-8: the documents at random hold no others. */
export function parseFields(document: Buffer): RawField[] {
  const fields: RawField[] = [];
  for (let at = 4; at < document.length - 1;) {
    const type = document[at] ?? 0;
    const nameEnd = document.indexOf(0, at + 1);
    const valueStart = nameEnd + 1;
    const length = lengthOf(type, valueStart, document);
    const bytes = document.subarray(valueStart, valueStart + length);
    fields.push([document.toString('utf8', at + 1, nameEnd), { type, bytes }]);
    at = valueStart + length;
  }
  return fields;
}

function fraction(numerator: bigint, denominator: bigint): string {
  let [a, b] = [numerator < 0n ? -numerator : numerator, denominator];
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 0n ? '0/1' : `${numerator / a}/${denominator / a}`;
}

function ofDouble(bytes: Buffer): string {
  const value = bytes.readDoubleLE();
  if (!Number.isFinite(value)) return String(value);
  let [numerator, denominator] = [value, 1n];
  for (; !Number.isInteger(numerator); denominator *= 2n) numerator *= 2;
  return fraction(BigInt(numerator), denominator);
}

function ofDecimal(bytes: Buffer): string {
  const high = bytes.readBigUInt64LE(8);
  const sign = high >> 63n === 1n ? -1n : 1n;
  if (((high >> 58n) & 31n) === 31n) return 'NaN';
  if (((high >> 58n) & 31n) === 30n) return sign < 0n ? '-Infinity' : 'Infinity';
  const exponent = ((high >> 49n) & 0x3fffn) - 6176n;
  const coefficient = sign * (((high & 0x1ffffffffffffn) << 64n) | bytes.readBigUInt64LE(0));
  return exponent < 0n ? fraction(coefficient, 10n ** -exponent) : fraction(coefficient * 10n ** exponent, 1n);
}

/** One text for `_id`s that are one to the server. */
export function serverKey({ type, bytes }: RawValue): string {
  if (type === 0x10) return fraction(BigInt(bytes.readInt32LE()), 1n);
  if (type === 0x12) return fraction(bytes.readBigInt64LE(), 1n);
  if (type === 0x01) return ofDouble(bytes);
  if (type === 0x13) return ofDecimal(bytes);
  return `${type}:${bytes.toString('hex')}`;
}

export function keyOf(document: Buffer): string {
  const id = parseFields(document).find(([name]) => name === '_id');
  if (!id) throw new Error('A document without _id.');
  return serverKey(id[1]);
}

const occurrence = (fields: readonly RawField[], at: number): number =>
  fields.slice(0, at).filter(([name]) => name === fields[at]?.[0]).length;

/** The n-th field of the name. */
function nth(fields: readonly RawField[], name: string, n: number): RawField | undefined {
  return fields.filter(([other]) => other === name)[n];
}

function mergeFields(backup: readonly RawField[], target: readonly RawField[]): RawField[] {
  const kept = target.flatMap((field, at): RawField[] => {
    const [name, now] = field;
    const wanted = nth(backup, name, occurrence(target, at));
    if (!wanted) return nth(backup, name, 0) ? [] : [field];
    if (wanted[1].type !== 0x03 || now.type !== 0x03) return [wanted];
    const inner = mergeFields(parseFields(wanted[1].bytes), parseFields(now.bytes));
    return [[name, { type: 0x03, bytes: rawDocument(inner) }]];
  });
  const added = backup.filter(([name], at) => !nth(target, name, occurrence(backup, at)));
  return [...kept, ...added];
}

/** The backup's fields set, those kept that only the target has, arrays as wholes, `_id` as in the target. */
export function merged(backup: Buffer, target: Buffer): Buffer {
  const isBody = ([name]: RawField): boolean => name !== '_id';
  const id = parseFields(target).filter((field) => !isBody(field));
  const body = mergeFields(parseFields(backup).filter(isBody), parseFields(target).filter(isBody));
  return rawDocument([...id, ...body]);
}

/** One field as the backup has it: where it stands, last where the target lacks it, gone where the backup does. */
export function withField(backup: Buffer, target: Buffer, name: string): Buffer {
  const wanted = parseFields(backup).find(([other]) => other === name);
  const fields = parseFields(target);
  if (!fields.some(([other]) => other === name)) return wanted ? rawDocument([...fields, wanted]) : target;
  return rawDocument(fields.flatMap((field) => (field[0] !== name ? [field] : wanted ? [wanted] : [])));
}

export type Documents = ReadonlyMap<string, Buffer>;

export function byKey(documents: readonly Buffer[]): Map<string, Buffer> {
  return new Map(documents.map((document) => [keyOf(document), document]));
}

/** What was ticked in one collection, by {@link keyOf}: whole documents, and single fields of changed ones. */
export interface ModelPicks {
  whole: ReadonlySet<string>;
  fields: ReadonlyMap<string, string>;
}

export interface ModelOutcome {
  after: Map<string, Buffer>;
  effect: Effect;
}

/** One collection's documents after a restore that the server let do everything. `backup` null: the backup lacks it. */
export function modelDocuments(
  mode: RestoreMode,
  backup: Documents | null,
  target: Documents,
  { picks, dropExtra }: { picks: ModelPicks; dropExtra: boolean },
): ModelOutcome {
  const effect: Effect = { insert: 0, replace: 0, delete: 0, keep: 0, conflict: 0 };
  const after = new Map<string, Buffer>();
  if (mode === 'clone')
    return { after: new Map(target), effect: { ...effect, insert: backup?.size ?? 0, keep: target.size } };
  if (mode === 'drop' && backup) {
    return { after: new Map(backup), effect: { ...effect, insert: backup.size, delete: target.size } };
  }
  if (!backup) {
    const gone = dropExtra && mode !== 'drop' && mode !== 'pick';
    const picked = [...target].filter(([key]) => mode === 'pick' && picks.whole.has(key));
    const count = gone ? target.size : picked.length;
    if (!gone)
      for (const [key, document] of target) if (!picks.whole.has(key) || mode !== 'pick') after.set(key, document);
    return { after, effect: { ...effect, delete: count, keep: target.size - count } };
  }
  const put = (key: string, now: Buffer, then: Buffer): void => {
    after.set(key, then);
    if (now.equals(then)) effect.keep++;
    else effect.replace++;
  };
  for (const [key, now] of target) {
    const saved = backup.get(key);
    if (!saved) {
      const leaves = mode === 'exact' || (mode === 'pick' && picks.whole.has(key));
      if (leaves) effect.delete++;
      else {
        after.set(key, now);
        effect.keep++;
      }
    } else if (mode === 'insert-missing') put(key, now, now);
    else if (mode === 'merge') put(key, now, merged(saved, now));
    else if (mode === 'pick') {
      const name = picks.fields.get(key);
      put(key, now, picks.whole.has(key) ? saved : name === undefined ? now : withField(saved, now, name));
    } else put(key, now, saved);
  }
  for (const [key, saved] of backup) {
    if (target.has(key) || (mode === 'pick' && !picks.whole.has(key))) continue;
    after.set(key, saved);
    effect.insert++;
  }
  return { after, effect };
}
