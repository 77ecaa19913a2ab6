import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db, MongoClient } from 'mongodb';
import type { Preview } from '../../../shared/restore';
import { removeTemporaryFolder, temporaryFolder } from '../../test-support/temporary-folder';
import { resultOf } from '../../test-support/test-services';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';

const hostileName = '<img src=x onerror=alert(1)>';
const hostileValue = '</td><script>alert("x")</script>';
const control = 'bell\u0007 escape\u001b[31m';

let server: TestMongod;
let client: MongoClient;
let lifeboat: RestoreHarness;
let shop: Db;
let preview: Preview;
let folder: string;

beforeAll(async () => {
  folder = temporaryFolder('lifeboat-export');
  server = await startTestMongod({ replicaSet: true });
  client = await server.connect();
  lifeboat = await createRestoreHarness(server.uri);
  shop = client.db('shop');
  const orders = shop.collection<{ _id: string | number; [name: string]: unknown }>('orders');
  await orders.insertMany([
    { _id: '=cmd()', [hostileName]: hostileValue, note: '=1+1' },
    { _id: '<b>gone</b>', [hostileName]: hostileValue },
    { _id: control, text: control },
    ...Array.from({ length: 1000 }, (_, at) => ({ _id: at, status: 'paid', items: [{ price: 1 }] })),
  ]);
  await orders.createIndex({ [`x${hostileName}`]: 1 }, { name: hostileName });
  const backup = await lifeboat.backUp({ kind: 'databases', databases: ['shop'] });
  await orders.updateOne({ _id: '=cmd()' }, { $set: { [hostileName]: 'now', note: '=2+2' } });
  await orders.updateOne({ _id: control }, { $set: { text: `${control} now` } });
  await orders.deleteOne({ _id: '<b>gone</b>' });
  await orders.updateMany({ _id: { $gte: 0 } }, { $set: { status: 'refunded', 'items.0.price': -3 } });
  await orders.dropIndex(hostileName);
  preview = await lifeboat.preview(backup, { details: 'always' });
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
  removeTemporaryFolder(folder);
});

async function exported(format: 'ndjson' | 'csv' | 'html'): Promise<string> {
  const path = join(folder, `diff.${format}`);
  const job = await lifeboat.restores.exportDiff({ previewId: preview.id, format, path });
  expect(resultOf(await lifeboat.jobs.wait(job.id))).toBe(path);
  return readFileSync(path, 'utf8');
}

describe('the export of a diff', () => {
  it('as NDJSON has a line for each differing document, with its fields', async () => {
    const lines = (await exported('ndjson'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { _id: unknown; change: string; fields?: { path: string; kind: string }[] });
    expect(lines).toHaveLength(1003);
    expect(lines.filter(({ change }) => change === 'onlyInBackup').map(({ _id }) => _id)).toEqual(['<b>gone</b>']);
    const hostile = lines.find(({ _id }) => _id === '=cmd()');
    expect(hostile?.fields?.map(({ path }) => path)).toEqual([hostileName, 'note']);
  });

  it('as CSV has a line for each changed path, none of them a formula', async () => {
    const text = await exported('csv');
    const lines = text.trim().split('\r\n');
    expect(lines[0]).toBe('ns,_id,change,path,kind,backup,target,backupType,targetType');
    expect(lines).toHaveLength(1 + 1 + 2 + 1 + 2000);
    expect(lines.filter((line) => line.includes('items.0.price'))).toHaveLength(1000);
    expect(lines.some((line) => /(^|,)"?[=@]/.test(line))).toBe(false);
    expect(text).not.toContain('\u001b');
  });

  it('as HTML is one page without script, and nothing from the database is markup', async () => {
    const text = await exported('html');
    for (const markup of ['<script', '<img', '<b>', '\u001b', '\u0007']) expect(text).not.toContain(markup);
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(text).toContain("default-src 'none'");
    expect(text).toContain('prefers-color-scheme: dark');
    expect(text).toContain('items.*.price');
    expect(text).toContain('and 803 further differing documents');
    const voidTags = new Set(['meta', '!doctype']);
    const open: string[] = [];
    for (const [, slash, name] of text.replace(/<style>[^]*<\/style>/, '').matchAll(/<(\/?)([!a-z0-9]+)/g)) {
      if (slash === '/') expect(open.pop()).toBe(name);
      else if (!voidTags.has(name ?? '')) open.push(name ?? '');
    }
    expect(open).toEqual([]);
  });

  it('leaves an older file alone, and none of its own, when it is cancelled or cannot be written', async () => {
    const path = join(folder, 'kept.csv');
    writeFileSync(path, 'older');
    const before = readdirSync(folder);
    const job = await lifeboat.restores.exportDiff({ previewId: preview.id, format: 'csv', path });
    await lifeboat.jobs.cancel(job.id);
    expect((await lifeboat.jobs.wait(job.id)).status).toBe('cancelled');
    expect(readFileSync(path, 'utf8')).toBe('older');
    expect(readdirSync(folder)).toEqual(before);
    const nowhere = await lifeboat.restores.exportDiff({
      previewId: preview.id,
      format: 'csv',
      path: join(folder, 'missing', 'diff.csv'),
    });
    expect((await lifeboat.jobs.wait(nowhere.id)).error?.code).toBe('usage');
  });
});
