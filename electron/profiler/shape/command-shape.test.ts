import { describe, expect, it } from 'vitest';
import type { JsonDocument, OperationKind } from '../../../shared/profiler';
import { commandShape } from './command-shape';
import { shapeId } from './shape-id';

/** Keys such as `__proto__` survive as a log would bring them. */
function shape(kind: OperationKind, json: string, truncated = false): string {
  return commandShape(kind, JSON.parse(json) as JsonDocument, truncated).text;
}

const filter = (json: string): string => shape('find', `{"find":"c","filter":${json}}`);
const stages = (json: string): string =>
  shape('aggregate', `{"aggregate":"c","pipeline":${json}}`).replace(/^\{ pipeline: (.*) \}$/, '$1');

describe('filters of the same shape', () => {
  it.each([
    [
      'values of any type',
      '{"a":1}',
      ['{"a":"x"}', '{"a":{"$oid":"5f"}}', '{"a":null}', '{"a":{"b":1}}', '{"a":[1,2]}'],
    ],
    ['an explicit $eq', '{"a":1}', ['{"a":{"$eq":1}}', '{"$and":[{"a":1}]}']],
    ['keys in any order', '{"a":1,"b":2}', ['{"b":2,"a":1}', '{"$and":[{"b":1},{"a":1}]}', '{"a":1,"$and":[{"b":3}]}']],
    [
      'operators in any order',
      '{"a":{"$gt":1,"$lt":2}}',
      ['{"a":{"$lt":2,"$gt":1}}', '{"$and":[{"a":{"$gt":1}},{"a":{"$lt":1}}]}'],
    ],
    ['lists of any length', '{"a":{"$in":[1]}}', ['{"a":{"$in":[1,2,"x"]}}', '{"a":{"$in":[]}}']],
    ['members of $or', '{"$or":[{"a":1},{"b":1}]}', ['{"$or":[{"b":1},{"a":1},{"a":2}]}']],
    [
      'regular expressions',
      '{"a":{"$regex":"x"}}',
      ['{"a":{"$regularExpression":{"pattern":"^y","options":""}}}', '{"a":{"$regex":"y","$options":""}}'],
    ],
    ['$exists by truth', '{"a":{"$exists":true}}', ['{"a":{"$exists":1}}']],
    ['comments', '{"a":1}', ['{"a":1,"$comment":"from here"}']],
    [
      'points anywhere',
      '{"p":{"$near":{"$geometry":{"type":"Point","coordinates":[1,2]},"$maxDistance":5}}}',
      ['{"p":{"$near":{"$maxDistance":9,"$geometry":{"type":"Point","coordinates":[3,4]}}}}'],
    ],
    ['$all of values', '{"a":{"$all":[1,2]}}', ['{"a":{"$all":["x"]}}']],
  ])('%s', (_, first, others) => {
    for (const other of others) expect(filter(other)).toBe(filter(first));
  });

  it.each([
    ['a regular expression and a value', '{"a":{"$regex":"x"}}', '{"a":"x"}'],
    ['flags of regular expressions', '{"a":{"$regex":"x","$options":"i"}}', '{"a":{"$regex":"x"}}'],
    [
      'a list with a regular expression',
      '{"a":{"$in":[{"$regularExpression":{"pattern":"x","options":""}}]}}',
      '{"a":{"$in":["x"]}}',
    ],
    ['existing and missing', '{"a":{"$exists":true}}', '{"a":{"$exists":false}}'],
    ['$or and $nor', '{"$or":[{"a":1}]}', '{"$nor":[{"a":1}]}'],
    ['a path and another', '{"a.b":1}', '{"a":{"b":1}}'],
    ['a key that looks like a shape', '{"a: ?, b":1}', '{"a":1,"b":1}'],
    [
      'kinds of geometry',
      '{"p":{"$geoWithin":{"$geometry":{"type":"Polygon","coordinates":[]}}}}',
      '{"p":{"$geoWithin":{"$centerSphere":[[1,2],3]}}}',
    ],
  ])('are told apart: %s', (_, one, other) => {
    expect(filter(one)).not.toBe(filter(other));
  });

  it('are written for people', () => {
    expect(filter('{"b":{"$gte":1,"$lt":9},"a":"x","$or":[{"c":1},{"d":{"$elemMatch":{"e":1,"f":{"$ne":2}}}}]}')).toBe(
      '{ filter: { $or: [{ c: ? }, { d: { $elemMatch: { e: ?, f: { $ne: ? } } } }], a: ?, b: { $gte: ?, $lt: ? } } }',
    );
    expect(filter('{"a":{"$not":{"$gt":1}},"b":{"$elemMatch":{"$gt":1}}}')).toBe(
      '{ filter: { a: { $not: { $gt: ? } }, b: { $elemMatch: { $gt: ? } } } }',
    );
    expect(filter('{"$text":{"$search":"x","$caseSensitive":true},"$where":"1"}')).toBe(
      '{ filter: { $text: { $caseSensitive: true, $search: ? }, $where: ? } }',
    );
    expect(filter('{"$expr":{"$gt":["$spent","$budget"]}}')).toBe(
      '{ filter: { $expr: { $gt: ["$spent", "$budget"] } } }',
    );
  });

  it('take dangerous keys as any other', () => {
    const text = filter('{"__proto__":{"polluted":1},"constructor":1,"a":{"__proto__":1}}');
    expect(text).toBe('{ filter: { __proto__: ?, a: ?, constructor: ? } }');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('survive nesting no server accepts', () => {
    const deep = `${'{"$or":['.repeat(5000)}{"a":1}${']}'.repeat(5000)}`;
    expect(filter(deep)).toContain('…');
  });
});

describe('commands', () => {
  it('keep sort and projection in order, and whether there is a limit', () => {
    expect(
      shape('find', '{"find":"c","filter":{"a":1},"sort":{"b":-1,"a":1},"projection":{"c":1,"b":0},"limit":5}'),
    ).toBe('{ filter: { a: ? }, sort: { b: -1, a: 1 }, projection: { c: 1, b: 0 }, limit: ? }');
    expect(shape('find', '{"find":"c","filter":{},"limit":0,"lsid":{"id":1},"$db":"d","batchSize":5}')).toBe(
      '{ filter: {} }',
    );
  });

  it('keep hints and collations', () => {
    expect(
      shape('count', '{"count":"c","query":{"a":1},"hint":{"a":1},"collation":{"strength":2,"locale":"de"}}'),
    ).toBe('{ filter: { a: ? }, hint: { a: 1 }, collation: { locale: "de", strength: 2 } }');
    expect(shape('distinct', '{"distinct":"c","key":"color","query":{"a":1}}')).toBe(
      '{ key: "color", filter: { a: ? } }',
    );
  });

  it('tell what an update does', () => {
    const update = (u: string): string => shape('update', `{"q":{"_id":1},"u":${u},"multi":false,"upsert":true}`);
    expect(update('{"$set":{"b":1,"a":2},"$inc":{"n":1}}')).toBe(
      '{ filter: { _id: ? }, update: { $inc: { n: ? }, $set: { a: ?, b: ? } }, upsert: true }',
    );
    expect(update('{"name":"x"}')).toBe('{ filter: { _id: ? }, update: ?, upsert: true }');
    expect(update('[{"$set":{"a":{"$add":["$b",1]}}}]')).toBe(
      '{ filter: { _id: ? }, update: [{ $set: { a: { $add: ["$b", ?] } } }], upsert: true }',
    );
    expect(update('{"$push":{"l":{"$each":[1,2],"$slice":-5,"$sort":{"a":1}}},"$pull":{"m":{"x":3}}}')).toBe(
      '{ filter: { _id: ? }, update: { $pull: { m: { x: ? } }, $push: { l: { $each: [?], $slice: ?, $sort: { a: 1 } } } }, upsert: true }',
    );
    expect(shape('delete', '{"q":{"a":1},"limit":1}')).toBe('{ filter: { a: ? }, limit: 1 }');
    expect(
      shape(
        'findAndModify',
        '{"findAndModify":"c","query":{"a":1},"sort":{"b":1},"update":{"$set":{"x":1}},"new":true}',
      ),
    ).toBe('{ filter: { a: ? }, sort: { b: 1 }, update: { $set: { x: ? } }, new: true }');
  });

  it('are a shape of their own when the server cut them', () => {
    expect(shape('find', '{"find":"c","filter":{"a":1}}', true)).toBe('{ filter: { a: ? } } …');
  });

  it('tell other commands by their names', () => {
    expect(shape('command', '{"collStats":"c","scale":1,"lsid":{},"$db":"d"}')).toBe('{ collStats: ?, scale: ? }');
  });
});

describe('pipelines', () => {
  it('keep their stages, and pipelines inside stages', () => {
    expect(
      stages(
        '[{"$match":{"b":1,"a":2}},{"$lookup":{"from":"o","let":{"id":"$_id"},"pipeline":[{"$match":{"$expr":{"$eq":["$x","$$id"]}}},{"$limit":3}],"as":"os"}},{"$sort":{"z":-1,"a":1}},{"$skip":1}]',
      ),
    ).toBe(
      '[{ $match: { a: ?, b: ? } }, { $lookup: { as: "os", from: "o", let: { id: "$_id" }, pipeline: [{ $match: { $expr: { $eq: ["$x", "$$id"] } } }, { $limit: ? }] } }, { $sort: { z: -1, a: 1 } }, { $skip: ? }]',
    );
    expect(
      stages(
        '[{"$facet":{"b":[{"$count":"n"}],"a":[{"$match":{"x":1}}]}},{"$unionWith":{"coll":"o","pipeline":[{"$match":{"y":1}}]}}]',
      ),
    ).toBe(
      '[{ $facet: { a: [{ $match: { x: ? } }], b: [{ $count: "n" }] } }, { $unionWith: { coll: "o", pipeline: [{ $match: { y: ? } }] } }]',
    );
  });

  it('drop literals of expressions and keep paths', () => {
    expect(
      stages(
        '[{"$group":{"_id":{"d":{"$dateToString":{"format":"%Y","date":"$at"}}},"n":{"$sum":1},"t":{"$sum":"$x"}}},{"$project":{"a":1,"b":{"$cond":[{"$gt":["$n",5]},"many","few"]}}}]',
      ),
    ).toBe(
      '[{ $group: { _id: { d: { $dateToString: { format: ?, date: "$at" } } }, n: { $sum: ? }, t: { $sum: "$x" } } }, { $project: { a: 1, b: { $cond: [{ $gt: ["$n", ?] }, ?] } } }]',
    );
  });

  it('tell geometry and field of $geoNear', () => {
    expect(
      stages(
        '[{"$geoNear":{"near":{"type":"Point","coordinates":[1,2]},"distanceField":"d","query":{"a":1},"maxDistance":9}}]',
      ),
    ).toBe('[{ $geoNear: { distanceField: "d", maxDistance: ?, near: "Point", query: { a: ? } } }]');
  });

  it('read everything when no condition comes first', () => {
    const full = (json: string): boolean =>
      commandShape('aggregate', { pipeline: JSON.parse(json) as JsonDocument[] }, false).fullRead;
    expect(full('[{"$group":{"_id":"$a"}}]')).toBe(true);
    expect(full('[{"$match":{}},{"$group":{"_id":1}}]')).toBe(true);
    expect(full('[{"$project":{"a":1}},{"$match":{"a":1}}]')).toBe(false);
    expect(full('[{"$group":{"_id":"$a"}},{"$match":{"_id":1}}]')).toBe(true);
    expect(full('[{"$collStats":{"count":{}}}]')).toBe(false);
  });
});

describe('ids', () => {
  it('never change', () => {
    expect(shapeId('find', 'testdb.__examples', '{ filter: { email: ? }, limit: ? }')).toBe('7f4b277b18088e74');
  });

  it('hold namespace and kind', () => {
    expect(
      new Set([shapeId('find', 'a.b', '{}'), shapeId('count', 'a.b', '{}'), shapeId('find', 'a.c', '{}')]).size,
    ).toBe(3);
  });
});
