import { EJSON, type Document } from 'bson';
import { describe, expect, it } from 'vitest';
import type { AdviceShape } from '../../../shared/advice';
import type { IndexDefinition, IndexOptions } from '../../../shared/indexes';
import type { OperationKind } from '../../../shared/profiler';
import { definitionOf, keyTextOf } from '../../indexes/index-definition';
import type { CollectionFacts } from '../../indexes/read-indexes';
import { explainableCommand } from '../explain/explain-command';
import { advise } from './advise';
import { fitOf } from './index-fit';
import type { ModelledShape } from './judged-shape';
import { filterModel } from './predicates';
import { queryModel } from './query-model';
import { measuredSelectivity, type FieldFacts, type Selectivity } from './selectivity';

const documents = 100_000;

function facts(indexes: Document[], more: Partial<CollectionFacts> = {}): CollectionFacts {
  return {
    ns: 'shop.orders',
    database: 'shop',
    collection: 'orders',
    type: 'collection',
    capped: false,
    expires: false,
    refused: [],
    documents,
    dataBytes: documents * 300,
    indexBytes: null,
    operations: { reads: 10_000, writes: 1000, uptimeSeconds: 100_000, readMicroseconds: 0 },
    indexes: [{ key: { _id: 1 }, name: '_id_' }, ...indexes].map((specification) => {
      const definition = definitionOf({
        name: Object.entries(specification['key'] as Document)
          .flat()
          .join('_'),
        ...specification,
      });
      return {
        ...definition,
        ns: 'shop.orders',
        keyText: keyTextOf(definition.key),
        bytes: 1000,
        uses: [],
        building: false,
      };
    }),
    ...more,
  };
}

let made = 0;
function shape(op: OperationKind, command: Document, more: Partial<AdviceShape> = {}): ModelledShape {
  const text = EJSON.stringify(command, { relaxed: true });
  const explainable = explainableCommand('shop.orders', op, text);
  return {
    model: queryModel(op, explainable.command),
    shape: {
      id: `shape${made++}`,
      ns: 'shop.orders',
      op,
      shape: '',
      command: text,
      count: 100,
      totalMs: 10_000,
      docsExamined: 100 * documents,
      keysExamined: 0,
      returned: 1000,
      written: 0,
      sortStageCount: 0,
      ...more,
    },
  };
}

/** Of a thousand documents, the share that meets each path's condition; the first documents of each. */
function sampled(
  shares: Record<string, number>,
  shapes: readonly ModelledShape[],
  fields: Record<string, Partial<FieldFacts>> = {},
): Selectivity {
  const matches = new Map<string, ReadonlySet<number>>();
  const all = shapes.flatMap(({ model }) => [
    ...model.filter.predicates,
    ...model.filter.alternatives.flatMap((clauses) => clauses.flatMap(({ predicates }) => predicates)),
  ]);
  let offset = 0;
  for (const { key, path } of all) {
    const share = shares[path];
    if (share === undefined || matches.has(key)) continue;
    // Spread, so that conditions are about independent of each other.
    const step = 1 / share;
    offset += 1;
    const own = new Set<number>();
    for (let at = offset % step; at < 1000; at += step) own.add(Math.floor(at));
    matches.set(key, own);
  }
  const known = new Map<string, FieldFacts>();
  for (const path of new Set([...Object.keys(shares), ...Object.keys(fields)]))
    known.set(path, { arrayAt: null, distinctValues: 100, bytes: 8, entries: 1, ...fields[path] });
  return measuredSelectivity(1000, matches, known);
}

function suggest(shapes: ModelledShape[], selectivity: Selectivity, indexes: Document[] = []) {
  return advise({ facts: facts(indexes), selectivity, shapes, joins: [] });
}

function keysOf(suggestions: readonly { definition: IndexDefinition }[]): string[] {
  return suggestions.map(({ definition }) => keyTextOf(definition.key));
}

describe('advice on an index', () => {
  it('has nothing to add once it was followed, whatever the next sample shows', () => {
    const asked = shape('aggregate', {
      aggregate: 'orders',
      pipeline: [{ $match: { customer: 9, status: 'paid' } }, { $sort: { amount: 1 } }, { $limit: 3 }],
    });
    const [customer, status] = asked.model.filter.predicates.map(({ key }) => key);
    const fields = new Map(
      ['customer', 'status', 'amount'].map((path) => [
        path,
        { arrayAt: null, distinctValues: 9, bytes: 8, entries: 1 },
      ]),
    );
    // A customer of whom the sample shows a few documents or none, some of them paid, of a third that is.
    const samples = [0, 1, 2, 3, 4, 6, 9].flatMap((found) =>
      [0, 1, 2, 3].map((paid) => {
        const others = Array.from({ length: 330 - paid }, (_, index) => 500 + index);
        const own = Array.from({ length: found }, (_, index) => index);
        const matches = new Map([
          [customer ?? '', new Set(own)],
          [status ?? '', new Set([...own.slice(0, paid), ...others])],
        ]);
        return measuredSelectivity(1000, matches, fields);
      }),
    );
    for (const first of samples) {
      const followed = suggest([asked], first, [{ key: { status: 1 } }]).suggestions;
      expect(keysOf(followed)).toEqual(['{ status: 1, customer: 1, amount: 1 }']);
      const indexes = [{ key: { status: 1 } }, { key: { status: 1, customer: 1, amount: 1 } }];
      for (const next of samples) expect(suggest([asked], next, indexes).suggestions).toEqual([]);
    }
  });

  it('puts equality before sort before range', () => {
    const find = shape('find', {
      find: 'orders',
      filter: { amount: { $gt: 5 }, status: 'paid' },
      sort: { at: -1 },
      limit: 10,
    });
    const { suggestions, shapes } = suggest([find], sampled({ amount: 0.5, status: 0.01 }, [find]));
    expect(keysOf(suggestions)).toEqual(['{ status: 1, at: -1, amount: 1 }']);
    expect(suggestions[0]?.fields.map(({ role }) => role)).toEqual(['equality', 'sort', 'range']);
    expect(suggestions[0]?.savedMs).toBeGreaterThan(9000);
    expect(suggestions[0]?.shapes[0]).toMatchObject({ sortFree: true, covered: false });
    expect(shapes[0]).toMatchObject({ verdict: 'suggested', suggestions: ['shop.orders status_1_at_-1_amount_1'] });
    expect(suggestions[0]?.shellCommand).toBe(
      'db.getSiblingDB("shop").getCollection("orders").createIndex({ status: 1, at: -1, amount: 1 }, { name: "status_1_at_-1_amount_1" })',
    );
  });

  it('drops the order where a rare range makes sorting nothing', () => {
    const find = shape('find', { find: 'orders', filter: { at: { $gt: 5 } }, sort: { amount: 1 } });
    const { suggestions } = suggest([find], sampled({ at: 0.002 }, [find]));
    expect(keysOf(suggestions)).toEqual(['{ at: 1 }']);
  });

  it('is content with an index that exists, in either direction and with the equalities in any order', () => {
    const find = shape(
      'find',
      { find: 'orders', filter: { status: 'paid', customer: 7 }, sort: { at: 1 } },
      { docsExamined: 1000, keysExamined: 1000 },
    );
    const { suggestions, shapes } = suggest([find], sampled({ status: 0.1, customer: 0.001 }, [find]), [
      { key: { customer: 1, status: 1, at: -1 } },
    ]);
    expect(suggestions).toEqual([]);
    expect(shapes[0]).toMatchObject({ verdict: 'served', servedBy: 'customer_1_status_1_at_-1' });
  });

  it('tells when an index that would do is not taken', () => {
    const find = shape('find', { find: 'orders', filter: { customer: 7 } });
    const { shapes } = suggest([find], sampled({ customer: 0.001 }, [find]), [{ key: { customer: 1 } }]);
    expect(shapes[0]?.verdict).toBe('served');
    expect(shapes[0]?.warnings.map(({ code }) => code)).toContain('not-chosen');
  });

  it('merges suggestions that begin alike and adds up what they save', () => {
    const one = shape('find', { find: 'orders', filter: { customer: 7 } }, { totalMs: 4000 });
    const two = shape(
      'find',
      { find: 'orders', filter: { status: 'paid', customer: 8 }, sort: { at: -1 } },
      { totalMs: 6000 },
    );
    const other = shape('find', { find: 'orders', filter: { phone: '1' } }, { totalMs: 2000 });
    const { suggestions } = suggest(
      [one, two, other],
      sampled({ customer: 0.01, status: 0.1, phone: 0.001 }, [one, two, other]),
    );
    expect(keysOf(suggestions)).toEqual(['{ customer: 1, status: 1, at: -1 }', '{ phone: 1 }']);
    expect(suggestions[0]?.shapes.map(({ shapeId }) => shapeId)).toEqual([two.shape.id, one.shape.id]);
    expect(suggestions[0]?.savedMs).toBeGreaterThan(9000);
    expect(suggestions[0]?.savedMs).toBeGreaterThan(suggestions[1]?.savedMs ?? 0);
  });

  it('extends an existing index and says that it can be replaced', () => {
    const find = shape(
      'find',
      { find: 'orders', filter: { status: 'paid', customer: 7 } },
      { docsExamined: 500_000, keysExamined: 500_000 },
    );
    const { suggestions } = suggest([find], sampled({ status: 0.05, customer: 0.03 }, [find]), [
      { key: { status: 1 } },
    ]);
    expect(suggestions[0]).toMatchObject({
      keyText: '{ status: 1, customer: 1 }',
      extends: 'status_1',
      makesRedundant: ['status_1'],
    });
  });

  it.each<[string, OperationKind, Document, Record<string, number>, string]>([
    ['no condition', 'find', { find: 'orders', filter: {} }, {}, 'no-condition'],
    ['low selectivity', 'find', { find: 'orders', filter: { active: true } }, { active: 0.8 }, 'low-selectivity'],
    [
      'an unanchored regular expression',
      'find',
      { find: 'orders', filter: { name: /son$/ } },
      { name: 0.01 },
      'unanchored-regex',
    ],
    [
      'a regular expression that ignores case',
      'find',
      { find: 'orders', filter: { name: /^son/i } },
      { name: 0.01 },
      'case-insensitive-regex',
    ],
    ['negation', 'find', { find: 'orders', filter: { status: { $ne: 'paid' } } }, { status: 0.95 }, 'negation'],
    ['JavaScript', 'find', { find: 'orders', filter: { $where: 'this.a == 1' } }, {}, 'javascript'],
    ['an open range', 'find', { find: 'orders', filter: { at: { $gt: 0 } } }, { at: 0.99 }, 'unbounded'],
    [
      'a clause that nothing serves',
      'find',
      { find: 'orders', filter: { $or: [{ phone: '1' }, { name: /x/ }] } },
      { phone: 0.001, name: 0.4 },
      'or-clause',
    ],
  ])('does not suggest one for %s, and says why', (_what, op, command, shares, code) => {
    const asked = shape(op, command);
    const { suggestions, shapes } = suggest([asked], sampled(shares, [asked]));
    expect(suggestions).toEqual([]);
    expect(shapes[0]?.verdict).toBe('would-not-help');
    expect(shapes[0]?.warnings.map((each) => each.code)).toContain(code);
    expect(shapes[0]?.summary).not.toBe('');
  });

  it('serves each clause of $or by an index of its own', () => {
    const find = shape('find', { find: 'orders', filter: { $or: [{ phone: '1' }, { mail: 'a' }] } });
    const { suggestions } = suggest([find], sampled({ phone: 0.001, mail: 0.001 }, [find]));
    expect(keysOf(suggestions).sort()).toEqual(['{ mail: 1 }', '{ phone: 1 }']);
    expect(suggestions[0]?.savedMs).toBeLessThan(6000);
  });

  it('takes one array only, and warns of it', () => {
    const find = shape('find', { find: 'orders', filter: { tags: 'a', colours: 'b' } });
    const selectivity = sampled({ tags: 0.01, colours: 0.02 }, [find], {
      tags: { arrayAt: 'tags', entries: 3 },
      colours: { arrayAt: 'colours', entries: 2 },
    });
    const { suggestions } = suggest([find], selectivity);
    expect(keysOf(suggestions)).toEqual(['{ tags: 1 }']);
    expect(suggestions[0]?.warnings.map(({ code }) => code)).toContain('multikey');
    expect(suggestions[0]?.cost.entries).toBe(3 * documents);
  });

  it('adds what is projected where that spares reading many documents', () => {
    const find = shape(
      'find',
      { find: 'orders', filter: { status: 'paid' }, projection: { _id: 0, amount: 1 } },
      { returned: 100 * 5000 },
    );
    const { suggestions } = suggest([find], sampled({ status: 0.05, amount: 1 }, [find]));
    expect(keysOf(suggestions)).toEqual(['{ status: 1, amount: 1 }']);
    expect(suggestions[0]?.shapes[0]?.covered).toBe(true);
  });

  it('offers a smaller partial index for a rare state that every example asks for', () => {
    const find = shape('find', { find: 'orders', filter: { status: 'open', customer: 7 } });
    const selectivity = sampled({ status: 0.05, customer: 0.02 }, [find], {
      status: { distinctValues: 4 },
      customer: { distinctValues: 900 },
    });
    const { suggestions } = suggest([find], selectivity);
    expect(suggestions[0]?.partial).toMatchObject({
      share: 0.05,
      definition: { options: { partialFilterExpression: '{"status":"open"}' } },
    });
    expect(suggestions[0]?.partial?.bytes).toBeLessThan(suggestions[0]?.cost.bytes ?? 0);
  });

  it('reads conditions out of updates, pipelines and expressions', () => {
    const update = shape('update', { q: { sku: 'a' }, u: { $set: { b: 1 } } });
    const pipeline = [{ $match: { region: 'x' } }, { $sort: { at: 1 } }, { $limit: 5 }, { $group: { _id: '$kind' } }];
    const aggregate = shape('aggregate', { aggregate: 'orders', pipeline });
    const expression = shape('find', { find: 'orders', filter: { $expr: { $eq: ['$number', 7] } } });
    const { suggestions } = suggest(
      [update, aggregate, expression],
      sampled({ sku: 0.001, region: 0.05, number: 0.001 }, [update, aggregate, expression]),
    );
    expect(keysOf(suggestions).sort()).toEqual(['{ number: 1 }', '{ region: 1, at: 1 }', '{ sku: 1 }']);
  });

  it('leaves small collections alone', () => {
    const find = shape('find', { find: 'orders', filter: { status: 'paid' } });
    const { suggestions, shapes } = advise({
      facts: facts([], { documents: 120 }),
      selectivity: sampled({ status: 0.01 }, [find]),
      shapes: [find],
      joins: [],
    });
    expect(suggestions).toEqual([]);
    expect(shapes[0]?.summary).toContain('only 120 documents');
  });
});

describe('what an index is good for', () => {
  const branch = (filter: Document, more: Partial<Parameters<typeof fitOf>[1]> = {}): Parameters<typeof fitOf>[1] => ({
    predicates: filterModel(filter).predicates,
    sort: [],
    limit: null,
    needs: null,
    collation: null,
    ...more,
  });
  const index = (key: Document, options: IndexOptions = {}): IndexDefinition => ({
    ...definitionOf({ key, name: 'i' }),
    options,
  });
  const noArrays = (): boolean => false;

  it('is nothing when it is hidden, partial for something else, sparse for absence, or of another collation', () => {
    const open = branch({ status: 'open' });
    expect(fitOf(index({ status: 1 }), open, noArrays).usable).toBe(true);
    expect(fitOf(index({ status: 1 }, { hidden: true }), open, noArrays).usable).toBe(false);
    expect(fitOf(index({ status: 1 }, { partialFilterExpression: '{"status":"done"}' }), open, noArrays).usable).toBe(
      false,
    );
    expect(fitOf(index({ status: 1 }, { partialFilterExpression: '{"status":"open"}' }), open, noArrays).usable).toBe(
      true,
    );
    expect(fitOf(index({ status: 1 }, { collation: '{"locale":"de"}' }), open, noArrays).usable).toBe(false);
    expect(fitOf(index({ status: 1 }, { sparse: true }), branch({ status: null }), noArrays).usable).toBe(false);
    expect(fitOf(index({ status: 'hashed' }), open, noArrays).usable).toBe(true);
  });

  it('gives an order after single values, turned round as a whole, not in part', () => {
    const sort = [
      { field: 'a', direction: 1 },
      { field: 'b', direction: -1 },
    ] as const;
    const asked = branch({ status: 1 }, { sort: [...sort] });
    expect(fitOf(index({ status: 1, a: 1, b: -1 }), asked, noArrays).sorted).toBe(true);
    expect(fitOf(index({ status: 1, a: -1, b: 1 }), asked, noArrays).sorted).toBe(true);
    expect(fitOf(index({ status: 1, a: 1, b: 1 }), asked, noArrays).sorted).toBe(false);
    expect(fitOf(index({ status: 1, c: 1, a: 1, b: -1 }), asked, noArrays).sorted).toBe(false);
    expect(fitOf(index({ a: 1, b: -1 }), asked, (path) => path === 'a').sorted).toBe(false);
  });

  it('is bounded up to the first range, and checks what follows on keys', () => {
    const fit = fitOf(index({ a: 1, b: 1, c: 1 }), branch({ a: 1, b: { $gt: 2 }, c: 3 }), noArrays);
    expect(fit.bounding.map(({ path }) => path)).toEqual(['a', 'b']);
    expect(fit.onKeys.map(({ path }) => path)).toEqual(['a', 'b', 'c']);
  });
});
