import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Db } from 'mongodb';
import type { RestoreResult } from '../../shared/restore';
import { exitCodes, type AppError } from '../../shared/result';
import { bundleWorker } from '../test-support/bundle-worker';
import { runCommandLine } from '../test-support/run-command-line';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';

let server: TestMongod;
let folder: string;
let program: string;
let worker: string;
let shop: Db;

interface Answer {
  code: number | null;
  value: Partial<RestoreResult> & { error?: AppError; notPicked?: { _id: unknown; reason: string }[] };
  stderr: string;
}

/** With `--json`, in a process of its own. */
async function lifeboat(...args: string[]): Promise<Answer> {
  const environment = { LIFEBOAT_URI: server.uri, LIFEBOAT_WORKER_FILE: worker };
  const all = [...args, '--json', '--quiet', '--data-dir', join(folder, 'data')];
  const { code, stdout, stderr } = await runCommandLine(program, all, environment);
  const isJson = stdout.trim().startsWith('{');
  return { code, value: isJson ? (JSON.parse(stdout) as Answer['value']) : {}, stderr };
}

function idsFile(lines: string): string {
  const file = join(folder, 'ids.ndjson');
  writeFileSync(file, lines);
  return file;
}

const id = (value: unknown): never => value as never;
const apply = (...args: string[]) => lifeboat('restore', 'apply', 'latest', '--yes', '--no-undo', ...args);

beforeAll(async () => {
  folder = temporaryFolder('cli');
  program = await bundleWorker('electron/cli/index.ts', folder, 'cli');
  worker = await bundleWorker('electron/worker/index.ts', folder, 'worker');
  server = await startTestMongod({ replicaSet: true });
  shop = (await server.connect()).db('shop');
  await shop.collection('orders').insertMany(
    Array.from({ length: 50 }, (_, at) => ({
      _id: id(at),
      status: 'paid',
      address: { city: 'Paris' },
      lines: [{ at }],
    })),
  );
  await shop.collection('orders').createIndex({ status: 1 });
  const { code, stderr } = await lifeboat('backup', 'run', '--db', 'shop');
  expect(code, stderr).toBe(0);
});
afterAll(async () => {
  await server.stop();
  removeTemporaryFolder(folder);
});
beforeEach(async () => {
  const orders = shop.collection('orders');
  await orders.deleteMany({ _id: { $lt: id(20) } });
  await orders.updateMany(
    { _id: { $gte: id(20), $lt: id(30) } },
    { $set: { status: 'lost', vip: true, 'address.city': 'Rome' } },
  );
  await orders.replaceOne({ _id: id(100) }, { extra: true }, { upsert: true });
  await orders.dropIndex('status_1').catch(() => undefined);
});

describe('restore apply', () => {
  it('picks the documents of a file, and tells which of them do not differ', async () => {
    const { code, value, stderr } = await apply(
      '--mode',
      'pick',
      '--ids',
      idsFile('1\n\n{"$numberLong":"2"}\n25\n100\n45\n"none"\n'),
    );
    expect(value.effect, stderr).toMatchObject({ insert: 2, replace: 1, delete: 1 });
    expect(value.notPicked).toEqual([
      { ns: 'shop.orders', _id: 45, reason: 'It does not differ.' },
      { ns: 'shop.orders', _id: 'none', reason: 'It does not differ.' },
    ]);
    expect(code).toBe(exitCodes.warnings);
    expect(await shop.collection('orders').findOne({ _id: id(25) })).toMatchObject({ status: 'paid' });
  });

  it('takes the lines that restore diff writes, all but those the user took out', async () => {
    const file = join(folder, 'diff.ndjson');
    const diff = await lifeboat('restore', 'diff', 'latest', '--documents', file);
    expect(diff.code).toBe(exitCodes.differs);
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(31);
    const { code, value } = await apply('--mode', 'pick', '--ids', idsFile(lines.slice(3).join('\n')));
    expect(value.effect).toMatchObject({ insert: 17, replace: 10, delete: 1 });
    expect(value.undoId).toBeNull();
    expect(code).toBe(exitCodes.done);
    const again = await apply('--mode', 'pick', '--ids', idsFile(lines.slice(3).join('\n')));
    expect(again.value.effect).toMatchObject({ insert: 0, replace: 0, delete: 0 });
    expect(again.value.notPicked).toHaveLength(28);
  });

  it('puts back single fields of changed documents', async () => {
    const { code, value, stderr } = await apply(
      '--mode',
      'pick',
      '--fields',
      'status,address.city',
      '--ids',
      idsFile('20\n21\n3'),
    );
    expect(value.effect, stderr).toMatchObject({ insert: 1, replace: 2, delete: 0 });
    expect(code).toBe(exitCodes.done);
    const fixed = await shop.collection('orders').findOne({ _id: id(20) });
    expect(fixed).toMatchObject({ status: 'paid', vip: true, address: { city: 'Paris' } });
    const all = await apply('--mode', 'pick', '--fields', '["vip"]');
    expect(all.value.effect).toMatchObject({ insert: 0, replace: 10, delete: 0 });
    expect(await shop.collection('orders').countDocuments({ vip: true })).toBe(0);
  });

  it('merges, overwrites, and leaves indexes alone where told', async () => {
    const merged = await apply('--mode', 'merge', '--no-indexes');
    expect(merged.value.effect, merged.stderr).toMatchObject({ insert: 20, replace: 10, delete: 0 });
    expect(merged.code).toBe(exitCodes.done);
    expect(await shop.collection('orders').countDocuments({ vip: true })).toBe(10);
    expect(await shop.collection('orders').indexExists('status_1')).toBe(false);
    const overwritten = await apply('--mode', 'overwrite');
    expect(overwritten.value.effect).toMatchObject({ insert: 0, replace: 10, delete: 0 });
    expect(await shop.collection('orders').indexExists('status_1')).toBe(true);
  });

  it('refuses what does not go together, before anything is compared', async () => {
    const wrong = [
      ['--mode', 'pick'],
      ['--mode', 'exact', '--ids', idsFile('1')],
      ['--mode', 'merge', '--fields', 'a'],
      ['--mode', 'drop', '--no-indexes'],
      ['--mode', 'pick', '--ids', join(folder, 'no such file')],
      ['--mode', 'pick', '--ids', idsFile('not json')],
      ['--mode', 'pick', '--fields', 'a..b'],
      ['--mode', 'pick', '--fields', 'lines.0.at'],
    ];
    for (const args of wrong) {
      const { code, value } = await apply(...args);
      expect([args.join(' '), code, value.error?.code]).toEqual([args.join(' '), exitCodes.usage, 'usage']);
    }
    const { code } = await lifeboat('restore', 'apply', 'latest', '--mode', 'pick', '--ids', idsFile('1'));
    expect(code).toBe(exitCodes.refused);
  });
});
