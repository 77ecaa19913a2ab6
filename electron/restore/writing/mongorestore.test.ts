import { describe, expect, it } from 'vitest';
import { emptyMongorestoreReport, mongorestoreArguments, noteMongorestoreLine } from './mongorestore';

describe('the command line of mongorestore', () => {
  it('names every namespace and makes special characters plain', () => {
    const list = mongorestoreArguments(
      {
        archive: '/store/a/archive.gz',
        namespaces: [
          { database: 'shop', collection: 'odd*name\\', timeseries: false },
          { database: 'shop', collection: 'weather', timeseries: true },
        ],
        renames: [
          { from: 'shop', to: 'shop_restored' },
          { from: 'shop.pay$ments', to: 'shop.old' },
        ],
        drop: true,
        parallelCollections: 4,
      },
      '/tmp/config',
    );
    expect(list).toEqual([
      '--config=/tmp/config',
      '--gzip',
      '--archive=/store/a/archive.gz',
      '--drop',
      '--bypassDocumentValidation',
      '--numParallelCollections=4',
      '--nsInclude=shop.odd\\*name\\\\',
      '--nsInclude=shop.weather',
      '--nsInclude=shop.system.buckets.weather',
      '--nsFrom=shop.pay\\$ments',
      '--nsTo=shop.old',
      '--nsFrom=shop.system.buckets.pay\\$ments',
      '--nsTo=shop.system.buckets.old',
      '--nsFrom=shop.*',
      '--nsTo=shop_restored.*',
    ]);
  });
});

describe('what mongorestore says', () => {
  it('is read for what was restored and what was not', () => {
    const report = emptyMongorestoreReport();
    const lines = [
      '2026-11-20T10:00:00.000+0000\tcontinuing through error: E11000 duplicate key error collection: shop.orders',
      '2026-11-20T10:00:01.000+0000\tfinished restoring shop.orders (398 documents, 2 failures)',
      '2026-11-20T10:00:02.000+0000\t398 document(s) restored successfully. 2 document(s) failed to restore.',
    ];
    for (const line of lines) noteMongorestoreLine(report, line);
    expect(report).toMatchObject({ restored: 398, failed: 2 });
    expect(report.namespaces.get('shop.orders')).toEqual({ documents: 398, failures: 2 });
    expect(report.errors).toHaveLength(1);
  });
});
