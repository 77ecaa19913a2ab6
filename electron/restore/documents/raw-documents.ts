/** Reads documents of a live collection as bytes, by `_id`. */
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { serialize } from 'bson';
import type { Collection, Document } from 'mongodb';
import { childrenOf, findId, nameOf, packValue, unpackValue, type RawElement } from '../../diff/bson-reader';
import { numericKey } from '../../diff/number-values';
import { findRaw, type FetchTarget } from './raw-find';

/** A value for a query. Objects become Maps: JavaScript objects would reorder names that look like integers. */
function driverValue(element: RawElement): unknown {
  const { source, valueStart: at } = element;
  const text = (): string => source.toString('utf8', at + 4, at + 3 + source.readInt32LE(at));
  switch (element.type) {
    case 0x01:
      return new Double(source.readDoubleLE(at));
    case 0x02:
      return text();
    case 0x03:
      return new Map(childrenOf(element).map((child) => [nameOf(child), driverValue(child)]));
    case 0x04:
      return childrenOf(element).map(driverValue);
    case 0x05:
      return new Binary(Buffer.from(source.subarray(at + 5, element.end)), source[at + 4]);
    case 0x07:
      return new ObjectId(Uint8Array.from(source.subarray(at, at + 12)));
    case 0x08:
      return source[at] !== 0;
    case 0x09:
      return new Date(Number(source.readBigInt64LE(at)));
    case 0x0a:
      return null;
    case 0x0b: {
      const middle = source.indexOf(0, at);
      return new BSONRegExp(source.toString('utf8', at, middle), source.toString('utf8', middle + 1, element.end - 1));
    }
    case 0x0d:
      return new Code(text());
    case 0x0e:
      return new BSONSymbol(text());
    case 0x10:
      return new Int32(source.readInt32LE(at));
    case 0x11:
      return new Timestamp({ t: source.readUInt32LE(at + 4), i: source.readUInt32LE(at) });
    case 0x12:
      return Long.fromBigInt(source.readBigInt64LE(at));
    case 0x13:
      return new Decimal128(Uint8Array.from(source.subarray(at, at + 16)));
    case 0x7f:
      return new MaxKey();
    case 0xff:
      return new MinKey();
    default:
      return undefined;
  }
}

/** One text per `_id` as the server tells them apart: numbers by value, everything else by type and bytes. */
export function idKey(packed: Buffer): string {
  const number = numericKey(unpackValue(packed));
  return number === null ? packed.toString('latin1') : `n${number}`;
}

/** True when the value survives the way through the driver, so that a query finds it. */
function survives(packed: Buffer): boolean {
  const element = unpackValue(packed);
  if (element.type === 0x07 || numericKey(element) !== null) return true;
  const rebuilt = findId(Buffer.from(serialize({ _id: driverValue(element) }, { ignoreUndefined: false })));
  return rebuilt !== null && packValue(rebuilt).equals(packed);
}

/** A filter that finds the `_id`; null for what JavaScript values cannot hold. */
export function idFilter(packed: Buffer): Document | null {
  return survives(packed) ? { _id: driverValue(unpackValue(packed)) } : null;
}

const maxFetchedBytes = 48 * 1024 * 1024;

/**
 * The documents with these packed `_id`s, by {@link idKey}; missing ones are absent. `_id`s that JavaScript values
 * cannot hold (duplicate fields inside, invalid UTF-8, DBPointer) are found by reading all `_id`s of that BSON type.
 */
export async function fetchDocuments(target: FetchTarget, ids: readonly Buffer[]): Promise<Map<string, Buffer>> {
  const collection = target.client.db(target.database).collection(target.collection);
  const found = new Map<string, Buffer>();
  const plain: unknown[] = [];
  const odd = new Set<string>();
  const oddTypes = new Set<number>();
  for (const id of ids) {
    if (survives(id)) plain.push(driverValue(unpackValue(id)));
    else {
      odd.add(idKey(id));
      oddTypes.add(id[0] ?? 0);
    }
  }
  if (plain.length > 0) await collectPlain(target, collection, plain, found);
  for (const type of oddTypes) {
    await collect(target, collection, { _id: { $type: type === 0xff ? -1 : type } }, found, odd);
  }
  return found;
}

/**
 * {@link fetchDocuments} in as many questions as the documents' size asks for: `visit` gets each part of the answer once,
 * none larger than what fits into memory.
 */
export async function fetchInPieces(
  target: FetchTarget,
  ids: readonly Buffer[],
  visit: (found: ReadonlyMap<string, Buffer>) => void,
): Promise<void> {
  if (ids.length === 0) return;
  let found: Map<string, Buffer>;
  try {
    found = await fetchDocuments(target, ids);
  } catch (error) {
    if (!(error instanceof RangeError) || ids.length <= 1) throw error;
    const middle = ids.length >> 1;
    await fetchInPieces(target, ids.slice(0, middle), visit);
    await fetchInPieces(target, ids.slice(middle), visit);
    return;
  }
  visit(found);
}

/** As {@link fetchDocuments}; halves the question when the answer would not fit into memory at once. */
export async function fetchInParts(target: FetchTarget, ids: readonly Buffer[]): Promise<Map<string, Buffer>> {
  try {
    return await fetchDocuments(target, ids);
  } catch (error) {
    if (!(error instanceof RangeError) || ids.length <= 1) throw error;
    const middle = ids.length >> 1;
    const found = await fetchInParts(target, ids.slice(0, middle));
    for (const [key, document] of await fetchInParts(target, ids.slice(middle))) found.set(key, document);
    return found;
  }
}

async function collectPlain(
  target: FetchTarget,
  collection: Collection,
  ids: unknown[],
  found: Map<string, Buffer>,
): Promise<void> {
  const filter = { _id: { $in: ids } };
  let documents: Buffer[];
  try {
    documents = await findRaw(target, filter, { documents: ids.length, bytes: maxFetchedBytes });
  } catch (error) {
    // The cursor asks again where a member stepped down; nothing can be asked again within a transaction.
    if (error instanceof RangeError || target.session) throw error;
    return collect(target, collection, filter, found, null);
  }
  for (const document of documents) {
    const id = findId(document);
    if (id) found.set(idKey(packValue(id)), document);
  }
}

async function collect(
  target: FetchTarget,
  collection: Collection,
  filter: Document,
  found: Map<string, Buffer>,
  wanted: Set<string> | null,
): Promise<void> {
  let bytes = 0;
  const cursor = collection.find(filter, {
    raw: true,
    ...(target.session ? { session: target.session } : {}),
    ...(target.readPreference ? { readPreference: target.readPreference } : {}),
  });
  try {
    for await (const document of cursor) {
      // With `raw` the cursor yields buffers, which the driver's types do not say; they are views into its messages.
      const view = document as unknown as Buffer;
      const id = findId(Buffer.from(view.buffer, view.byteOffset, view.length));
      if (!id) continue;
      const key = idKey(packValue(id));
      if (wanted && !wanted.has(key)) continue;
      bytes += view.length;
      if (bytes > maxFetchedBytes)
        throw new RangeError(`More than ${maxFetchedBytes} bytes of documents asked for at once.`);
      found.set(key, Buffer.from(view));
    }
  } finally {
    await cursor.close();
  }
}
