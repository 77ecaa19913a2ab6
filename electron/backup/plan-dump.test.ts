import { describe, expect, it } from 'vitest';
import type { BackupScope } from '../../shared/backups';
import type { CollectionInfo } from '../../shared/connections';
import { formatCommand, formatRuns } from '../../shared/command-text';
import { commandForManifest, maskedCommands, withoutDefaultDatabase } from './mongodump-command';
import { passesFilter, planDump, type PlanInput } from './plan-dump';

function collection(namespace: string, type: CollectionInfo['type'] = 'collection'): CollectionInfo {
  const dot = namespace.indexOf('.');
  return {
    database: namespace.slice(0, dot),
    collection: namespace.slice(dot + 1),
    type,
    documents: 10,
    bytes: 1000,
  };
}

const present = [
  ...['shop.orders', 'shop.items', 'shop.a', 'shop.b', 'shop.c', 'shop.d', 'shop.e', 'crm.people', '-neg.-coll'].map(
    (name) => collection(name),
  ),
  collection('shop.readings', 'timeseries'),
  collection('shop.system.buckets.readings'),
  collection('shop.open', 'view'),
  collection('shop.system.views'),
  collection('admin.system.users'),
  collection('config.tenantMigrationDonors'),
];

function input(scope: BackupScope, more: Partial<PlanInput> = {}): PlanInput {
  return {
    scope,
    oplog: null,
    usersAndRoles: false,
    parallelCollections: 4,
    deployment: { topology: 'replica set' },
    collections: present,
    ...more,
  };
}

describe('the plan of a backup', () => {
  it('takes a whole replica set in one run with oplog, users left out when not asked for', () => {
    const plan = planDump(input({ kind: 'deployment' }));
    expect(plan.runs).toHaveLength(1);
    expect(plan.runs[0]?.oplog).toBe(true);
    expect(passesFilter(plan.filter, 'admin', 'system.users')).toBe(false);
    expect(passesFilter(plan.filter, 'shop', 'orders')).toBe(true);
    expect(plan.collections.map((info) => info.collection)).not.toContain('system.views');
    expect(planDump(input({ kind: 'deployment' }, { usersAndRoles: true })).filter).toEqual({ kind: 'all' });
  });

  it('says why there is no oplog', () => {
    const standalone = { deployment: { topology: 'standalone' } } as const;
    const plan = planDump(input({ kind: 'deployment' }, standalone));
    expect(plan.oplog).toBe(false);
    expect(plan.notes[0]).toMatch(/standalone server has no oplog/);
    expect(() => planDump(input({ kind: 'deployment' }, { ...standalone, oplog: true }))).toThrow(/standalone/);
    expect(() => planDump(input({ kind: 'databases', databases: ['shop'] }, { oplog: true }))).toThrow(/whole replica/);
    expect(planDump(input({ kind: 'deployment' }, { oplog: false })).notes).toEqual([]);
  });

  it('dumps several databases side by side, each with its users when asked for', () => {
    const plan = planDump(input({ kind: 'databases', databases: ['shop', 'crm', 'shop'] }, { usersAndRoles: true }));
    expect(plan.runs.map((run) => [run.database, run.usersAndRoles, run.parallelCollections])).toEqual([
      ['shop', true, 2],
      ['crm', true, 2],
    ]);
  });

  it('filters one run when there are too many databases for a run each', () => {
    const databases = Array.from({ length: 30 }, (_, index) => `db${index}`);
    const plan = planDump(
      input({ kind: 'databases', databases }, { collections: databases.map((name) => collection(`${name}.c`)) }),
    );
    expect(plan.runs).toHaveLength(1);
    expect(passesFilter(plan.filter, 'db7', 'c')).toBe(true);
    expect(passesFilter(plan.filter, 'shop', 'orders')).toBe(false);
  });

  it('dumps a few collections one by one and many by leaving out the others', () => {
    const few = planDump(input({ kind: 'collections', namespaces: ['shop.orders', 'crm.people', '-neg.-coll'] }));
    expect(few.runs.map((run) => [run.database, run.collection])).toEqual([
      ['shop', 'orders'],
      ['crm', 'people'],
      ['-neg', '-coll'],
    ]);
    expect(few.filter).toEqual({ kind: 'all' });
    const many = ['shop.a', 'shop.b', 'shop.c', 'shop.d', 'shop.readings'];
    const plan = planDump(input({ kind: 'collections', namespaces: many }));
    expect(plan.runs).toHaveLength(1);
    expect(plan.runs[0]?.exclude).toEqual(['orders', 'items', 'e', 'open']);
    expect(passesFilter(plan.filter, 'shop', 'system.buckets.readings')).toBe(true);
    expect(passesFilter(plan.filter, 'shop', 'made-meanwhile')).toBe(false);
  });

  it('keeps queries as canonical Extended JSON and runs them apart', () => {
    const plan = planDump(
      input({
        kind: 'collections',
        namespaces: ['shop.orders', 'shop.items'],
        queries: { 'shop.orders': '{"at": {"$gte": {"$date": "2026-01-01T00:00:00Z"}}, "n": 1}', 'shop.items': ' {} ' },
      }),
    );
    expect(plan.runs.map((run) => run.query)).toEqual([
      null,
      '{"at":{"$gte":{"$date":{"$numberLong":"1767225600000"}}},"n":{"$numberInt":"1"}}',
    ]);
  });

  it('refuses what does not exist or is no query, by name', () => {
    const scope = (namespaces: string[], queries?: Record<string, string>): BackupScope => ({
      kind: 'collections',
      namespaces,
      ...(queries ? { queries } : {}),
    });
    expect(() => planDump(input({ kind: 'databases', databases: ['nope'] }))).toThrow(/“nope”/);
    expect(() => planDump(input(scope(['shop.nope'])))).toThrow(/shop\.nope/);
    expect(() => planDump(input(scope(['shop'])))).toThrow(/not a namespace/);
    expect(() => planDump(input(scope(['shop.orders'], { 'shop.orders': '{a:' })))).toThrow(/not Extended JSON/);
    expect(() => planDump(input(scope(['shop.orders'], { 'shop.orders': '[1]' })))).toThrow(/must be a document/);
    expect(() => planDump(input(scope(['shop.orders'], { 'shop.items': '{}' })))).toThrow(/not among/);
    expect(() => planDump(input(scope(['shop.open'], { 'shop.open': '{"a":1}' })))).toThrow(/view/);
  });
});

describe('the command lines', () => {
  it('guard names that begin with a dash and never hold the connection string', () => {
    const plan = planDump(input({ kind: 'collections', namespaces: ['-neg.-coll', 'shop.orders'] }));
    const commands = maskedCommands(plan, 'secondaryPreferred', null);
    expect(commands[0]).toEqual([
      'mongodump',
      '--config=<connection string>',
      '--readPreference=secondaryPreferred',
      '--db=-neg',
      '--collection=-coll',
      '--numParallelCollections=1',
      '--archive',
    ]);
    expect(commandForManifest(commands).filter((part) => part === ';')).toHaveLength(1);
    expect(formatCommand(['mongodump', "--db=it's"])).toBe(`mongodump '--db=it'\\''s'`);
    expect(formatRuns(commandForManifest(commands))).toEqual(commands.map(formatCommand));
  });

  it('move a default database to authSource, since mongodump would read that alone', () => {
    expect(withoutDefaultDatabase('mongodb://h:1/')).toBe('mongodb://h:1/');
    const moved = withoutDefaultDatabase('mongodb://u:p%40@h:1,g:2/shop?replicaSet=r');
    expect(moved).toContain('authSource=shop');
    expect(moved).toMatch(/^mongodb:\/\/u:p%40@h:1,g:2\/\?/);
    expect(withoutDefaultDatabase('mongodb://u:p@h/shop?authSource=admin')).toBe('mongodb://u:p@h/?authSource=admin');
  });
});
