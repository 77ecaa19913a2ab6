/**
 * Writes whose documents reach the server byte for byte. The driver's own methods serialise JavaScript objects, which
 * cannot hold duplicate fields, NaN payloads or invalid UTF-8; OP_MSG document sequences take BSON as it is. The driver
 * has the class for them inside; it is pinned to an exact version, and a test fails should the class go.
 */
import { DocumentSequence } from 'mongodb/lib/cmap/commands.js';
import type { ClientSession, MongoClient } from 'mongodb';
import { RawDocumentBuilder } from '../../archive/raw-document-builder';
import { unpackValue } from '../../diff/bson-reader';
import { requireWriteConcern } from './server-errors';

export interface WriteFailure {
  /** Position of the statement within the batch. */
  index: number;
  code: number;
  message: string;
  /** For duplicate keys (11000): the index' key, so that `_id` can be told from another one. */
  keyPattern: Record<string, unknown> | null;
}

export interface WriteOutcome {
  /** Documents inserted, matched or deleted, as the server counted them. */
  n: number;
  nModified: number;
  failures: WriteFailure[];
}

export interface WriteContext {
  client: MongoClient;
  database: string;
  collection: string;
  /** w: majority, for replica sets and sharded clusters. */
  majority: boolean;
  bypassValidation: boolean;
  session?: ClientSession;
}

const emptyObject = {};

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

async function send(
  context: WriteContext,
  command: 'insert' | 'update' | 'delete',
  field: string,
  documents: readonly Uint8Array[],
): Promise<WriteOutcome> {
  const sequence = new DocumentSequence(field);
  for (const document of documents) sequence.push(emptyObject, document);
  const inTransaction = context.session?.inTransaction() === true;
  const answer = await context.client.db(context.database).command(
    {
      [command]: context.collection,
      ordered: false,
      ...(context.bypassValidation && command !== 'delete' ? { bypassDocumentValidation: true } : {}),
      ...(context.majority && !inTransaction ? { writeConcern: { w: 'majority' } } : {}),
      [field]: sequence,
    },
    context.session ? { session: context.session } : {},
  );
  requireWriteConcern(answer);
  const writeErrors: unknown = answer['writeErrors'];
  return {
    n: numberOf(answer['n']),
    nModified: numberOf(answer['nModified']),
    failures: Array.isArray(writeErrors) ? writeErrors.map(writeFailureOf) : [],
  };
}

function writeFailureOf(error: unknown): WriteFailure {
  const { index, code, errmsg, keyPattern } = error as Record<string, unknown>;
  return {
    index: numberOf(index),
    code: numberOf(code),
    message: typeof errmsg === 'string' ? errmsg : 'The server gave no reason.',
    keyPattern: typeof keyPattern === 'object' && keyPattern !== null ? (keyPattern as Record<string, unknown>) : null,
  };
}

/** Inserts documents unordered. Driver errors (network, stepdown, write concern) pass through. */
export function insertRaw(context: WriteContext, documents: readonly Uint8Array[]): Promise<WriteOutcome> {
  return send(context, 'insert', 'documents', documents);
}

export function updateRaw(context: WriteContext, statements: readonly Uint8Array[]): Promise<WriteOutcome> {
  return send(context, 'update', 'updates', statements);
}

export function deleteRaw(context: WriteContext, statements: readonly Uint8Array[]): Promise<WriteOutcome> {
  return send(context, 'delete', 'deletes', statements);
}

/** How sure a statement is that it meets the document it was made for. */
export interface Expectation {
  /** Packed `_id` (type byte and value). */
  id: Uint8Array;
  /** The document as it must be; null: only `_id` (inside a transaction that has read it). */
  document: Uint8Array | null;
}

function addFilter(builder: RawDocumentBuilder, { id, document }: Expectation): void {
  const element = unpackValue(Buffer.from(id.buffer, id.byteOffset, id.length));
  builder.beginObject('q');
  const value = element.source.subarray(element.valueStart);
  // Servers find a bare `_id` the short way; an object might be taken for operators.
  if (document === null && element.type !== 0x03) builder.value('_id', element.type, value);
  else builder.beginObject('_id').value('$eq', element.type, value).end();
  if (document) {
    builder.beginObject('$expr').beginArray('$and');
    // Servers before 6.0 fail on $eq of $$ROOT, which they try to turn into a condition on a field; not on $cmp.
    builder.beginObject('0').beginArray('$eq').beginObject('0').beginArray('$cmp').string('0', '$$ROOT');
    builder.beginObject('1').object('$literal', document).end().end().end();
    builder.int32('1', 0).end().end();
    builder.beginObject('1').beginArray('$eq');
    builder.beginObject('0').string('$bsonSize', '$$ROOT').end().int32('1', document.length).end().end();
    builder.end().end();
  }
  builder.end();
}

/** `{ q, limit: 1 }` for {@link deleteRaw}. */
export function deleteStatement(expected: Expectation): Buffer {
  const builder = new RawDocumentBuilder();
  addFilter(builder, expected);
  return builder.int32('limit', 1).finish();
}

/**
 * `{ q, u }` for {@link updateRaw} that puts `replacement` in the place of the expected document. Documents that a
 * plain replacement would alter or refuse (top-level `$` names, empty timestamps) go through a pipeline.
 */
export function replaceStatement(expected: Expectation, replacement: Uint8Array, throughPipeline: boolean): Buffer {
  const builder = new RawDocumentBuilder();
  addFilter(builder, expected);
  if (throughPipeline) {
    builder.beginArray('u').beginObject('0').beginObject('$replaceWith').object('$literal', replacement);
    builder.end().end().end();
  } else {
    builder.object('u', replacement);
  }
  return builder.boolean('multi', false).boolean('upsert', false).finish();
}

/** Bytes that {@link replaceStatement} and {@link deleteStatement} add around the documents, at most. */
export const statementOverhead = 512;
