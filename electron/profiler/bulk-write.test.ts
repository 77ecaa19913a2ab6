/** What servers since 8.0 record of a bulkWrite: documents in the form of their manual and sources; no 8.0 was run. */
import { Long, type Document } from 'bson';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../shared/profiler';
import { operationOfProfileDocument } from './profile-document';

const common = {
  ns: 'shop.orders',
  millis: 120,
  ts: new Date(0),
  planSummary: 'COLLSCAN',
  docsExamined: 20_000,
  keysExamined: 0,
  queryHash: 'DB05110E',
  planCacheShapeHash: 'DB05110E',
  workingMillis: Long.fromNumber(118),
};

function operation(document: Document): Operation {
  const made = operationOfProfileDocument({ ...common, ...document });
  if (!made) throw new Error('no operation');
  return made;
}

describe('a write of bulkWrite', () => {
  it('has the kind, namespace and shape of the same write sent as update', () => {
    const alone = operation({
      op: 'update',
      command: { q: { customer: 7 }, u: { $set: { touched: true } }, multi: true, upsert: false },
      nModified: 4,
    });
    const bulk = operation({
      op: 'bulkWrite',
      command: { update: 0, filter: { customer: 9 }, updateMods: { $set: { touched: false } }, multi: true },
      nModified: 4,
    });
    expect(bulk).toMatchObject({ kind: 'update', ns: 'shop.orders', shape: alone.shape, shapeId: alone.shapeId });
    expect(bulk).toMatchObject({ setApart: null, fullRead: false, collscan: true, written: 4 });
    expect(JSON.parse(bulk.commandText ?? '')).toMatchObject({ q: { customer: 9 }, u: { $set: { touched: false } } });
  });

  it('is a delete of one or of many', () => {
    const shapeOf = (document: Document): string => operation(document).shape;
    const remove = { op: 'remove', command: { q: { customer: 7 }, limit: 1 } };
    expect(shapeOf({ op: 'bulkWrite', command: { delete: 0, filter: { customer: 1 }, multi: false } })).toBe(
      shapeOf(remove),
    );
    expect(shapeOf({ op: 'bulkWrite', command: { delete: 1, filter: { customer: 1 }, multi: true } })).not.toBe(
      shapeOf(remove),
    );
  });

  it('is an insert, with the number of its documents', () => {
    const inserted = operation({ op: 'bulkWrite', command: { insert: 0, documents: [{ a: 1 }] }, ninserted: 2 });
    expect(inserted).toMatchObject({ kind: 'insert', written: 2, shape: '{ documents: ? }', fullRead: false });
  });

  it('is not counted again with the command around it', () => {
    const outer = operation({
      op: 'command',
      ns: 'admin.$cmd.bulkWrite',
      command: {
        bulkWrite: 1,
        ops: [{ update: 0, filter: { a: 1 }, updateMods: {} }],
        nsInfo: [{ ns: 'shop.orders' }],
      },
    });
    expect(outer.setApart).toBe('outer');
  });
});

describe('what 8.0 names anew', () => {
  it('is taken from where it stands: shape hashes, and plans of the express way', () => {
    const express = operation({
      op: 'command',
      command: { find: 'orders', filter: { email: 'a@b.c' }, $db: 'shop' },
      planSummary: 'EXPRESS_IXSCAN { email: 1 }',
      queryShapeHash: 'BB70C30A',
    });
    expect(express).toMatchObject({ collscan: false, planCacheShapeHash: 'DB05110E', queryShapeHash: 'BB70C30A' });
    const both = operation({
      op: 'update',
      command: { q: { _id: 1 }, u: {} },
      planSummary: 'EXPRESS_IXSCAN { _id: 1 },EXPRESS_UPDATE',
    });
    expect(both.collscan).toBe(false);
  });
});
