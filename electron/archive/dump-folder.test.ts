import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { serialize } from 'bson';
import { create } from 'tar';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../test-support/temporary-folder';
import { detectFormat, openDump } from './detect-format';
import { escapeCollectionName, isCutName, unescapeCollectionName } from './dump-file-names';
import { openDumpFolder, type OpenedDump } from './dump-folder';
import { openDumpTar } from './dump-tar';
import { scanArchive } from './scan-archive';
import type { ArchiveSummary } from './scan-types';
import { fixtureArchive } from './testing/archive-fixtures';

const documents = Buffer.concat([1, 2, 3].map((id) => Buffer.from(serialize({ _id: id }))));
const idIndex = '{"v":{"$numberInt":"2"},"key":{"_id":{"$numberInt":"1"}},"name":"_id_"}';

function metadata(more: string): string {
  return `{"indexes":[${idIndex}]${more}}`;
}

function makeFolder(files: Record<string, string | Buffer>): string {
  const root = join(temporaryFolder('dump'), 'dump');
  mkdirSync(root);
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
  }
  return root;
}

async function summaryOf(dump: OpenedDump): Promise<ArchiveSummary> {
  const summary = await scanArchive(dump.chunks);
  expect(summary.namespaces.every(({ checksum }) => checksum === 'ok')).toBe(true);
  return summary;
}

function counts(summary: ArchiveSummary): Record<string, number> {
  return Object.fromEntries(summary.namespaces.map(({ namespace, documents: count }) => [namespace, count]));
}

const longName = `${'n'.repeat(200)}éééééééé`;
const everything = {
  'prelude.json': '{"ServerVersion":"6.0.5","ToolVersion":"100.9.0"}',
  'oplog.bson': Buffer.from(serialize({ op: 'n' })),
  'shop/orders.bson': documents,
  'shop/orders.metadata.json': metadata(',"uuid":"d6b7b0bd5dce41c498aa03f115533254","type":"collection"'),
  'shop/caf%C3%A9s+%24x%25.bson': documents,
  'shop/caf%C3%A9s+%24x%25.metadata.json': metadata(''),
  [`shop/${escapeCollectionName(longName)}.bson`]: documents,
  [`shop/${escapeCollectionName(longName)}.metadata.json`]: metadata(`,"collectionName":"${longName}"`),
  'shop/-lead.bson': documents,
  'shop/-lead.metadata.json': metadata(''),
  'shop/empty.bson': '',
  'shop/empty.metadata.json': metadata(''),
  'shop/shipped.metadata.json': '{"options":{"viewOn":"orders","pipeline":[]},"indexes":[],"type":"view"}',
  'shop/weather.metadata.json':
    '{"options":{"timeseries":{"timeField":"t"}},"indexes":[],"collectionName":"weather","type":"timeseries"}',
  'shop/system.buckets.weather.bson': documents,
  'people/people.bson': documents,
  'people/people.metadata.json': metadata(''),
};

const everythingCounts = {
  '.oplog': 1,
  'shop.orders': 3,
  'shop.cafés $x%': 3,
  [`shop.${longName}`]: 3,
  'shop.-lead': 3,
  'shop.empty': 0,
  'shop.shipped': 0,
  'shop.system.buckets.weather': 3,
  'people.people': 3,
};

function gzipped(files: Record<string, string | Buffer>): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [`${name}.gz`, gzipSync(content)]));
}

describe('a dump folder', () => {
  it.each([
    ['plain', everything],
    ['gzip', gzipped(everything)],
  ])('reads as the archive of the same data (%s)', async (_kind, files) => {
    const dump = await openDumpFolder(makeFolder(files));
    const summary = await summaryOf(dump);
    expect(counts(summary)).toEqual(everythingCounts);
    expect(dump.notices).toEqual([]);
    expect(summary.prelude?.header).toMatchObject({ serverVersion: '6.0.5', toolVersion: '100.9.0' });
    const types = new Map(summary.namespaces.map((each) => [each.namespace, each.metadata?.type]));
    expect(types.get('shop.shipped')).toBe('view');
    expect(types.get('shop.system.buckets.weather')).toBe('timeseries');
    expect(summary.oplog?.entries).toBe(1);
  });

  it('may be the folder of a single database', async () => {
    const root = makeFolder({ 'shop/orders.bson': documents, 'shop/orders.metadata.json': metadata('') });
    expect(counts(await summaryOf(await openDumpFolder(join(root, 'shop'))))).toEqual({ 'shop.orders': 3 });
  });

  it('with odd files is read as far as it makes sense, each with a notice', async () => {
    const outside = join(temporaryFolder('outside'), 'secret.bson');
    writeFileSync(outside, documents);
    const root = makeFolder({
      'shop/orders.bson': documents,
      'shop/orders.metadata.json': '',
      'shop/orders.bson.gz': gzipSync(documents),
      'shop/alone.bson': documents,
      'shop/readme.txt': 'hello',
      'shop/nothing.metadata.json': metadata(''),
      'shop/deep/er.bson': documents,
      [`shop/${escapeCollectionName(longName)}.bson`]: documents,
      'notes.md': '#',
    });
    symlinkSync(outside, join(root, 'shop', 'linked.bson'));
    symlinkSync(join(root, 'missing'), join(root, 'shop', 'dangling.bson'));
    symlinkSync(root, join(root, 'shop', 'loop'));
    const dump = await openDumpFolder(root);
    expect(counts(await summaryOf(dump))).toEqual({ 'shop.orders': 3, 'shop.alone': 3, 'shop.nothing': 0 });
    const noticed = Object.fromEntries(dump.notices.map(({ path, message }) => [path, message]));
    expect(noticed).toMatchObject({
      'shop/orders.metadata.json': expect.stringContaining('empty') as string,
      'shop/orders.bson.gz': expect.stringContaining('second file') as string,
      'shop/alone.bson': expect.stringContaining('no metadata') as string,
      'shop/readme.txt': expect.stringContaining('Not part of a dump') as string,
      'notes.md': expect.stringContaining('Not part of a dump') as string,
      'shop.nothing': expect.stringContaining('no documents file') as string,
      'shop/deep/er.bson': expect.stringContaining('deeper') as string,
      'shop/linked.bson': expect.stringContaining('leaves the folder') as string,
      'shop/dangling.bson': expect.stringContaining('link to nothing') as string,
      'shop/loop': expect.stringContaining('already read') as string,
      [`shop/${escapeCollectionName(longName)}.bson`]: expect.stringContaining('was cut') as string,
    });
  });

  it('with broken contents is an error that says where', async () => {
    const cut = await openDumpFolder(
      makeFolder({ 'shop/a.bson': documents.subarray(0, -3), 'shop/a.metadata.json': '' }),
    );
    await expect(scanArchive(cut.chunks)).rejects.toMatchObject({
      kind: 'truncated',
      message: expect.stringMatching(/shop\/a\.bson ends in the middle of document 2/) as string,
    });
    const changed = Buffer.from(documents);
    changed[14 + 4] = 0x77;
    const broken = await openDumpFolder(makeFolder({ 'shop/a.bson': changed }));
    await expect(scanArchive(broken.chunks)).rejects.toMatchObject({
      kind: 'document',
      offset: 14,
      message: expect.stringMatching(/Document 1 of shop\/a\.bson \(at byte 14\) is broken: .* at byte 18/) as string,
    });
    const packed = await openDumpFolder(makeFolder({ 'shop/a.bson.gz': gzipSync(documents).subarray(0, -12) }));
    await expect(scanArchive(packed.chunks)).rejects.toMatchObject({ kind: 'truncated' });
    const opening = openDumpFolder(makeFolder({ 'shop/a.bson': '', 'shop/a.metadata.json': '{"indexes":[{' }));
    await expect(opening).rejects.toMatchObject({ kind: 'prelude' });
    await expect(openDumpFolder(makeFolder({ 'a/readme': 'x' }))).rejects.toMatchObject({ kind: 'not-an-archive' });
  });
});

describe('a tar of a dump folder', () => {
  it.each([true, false])('reads the same without being unpacked (gzip %s)', async (gzip) => {
    const root = makeFolder({ ...everything, 'shop/readme.txt': 'x' });
    symlinkSync('/etc/passwd', join(root, 'shop', 'link.bson'));
    const file = join(temporaryFolder('tar'), gzip ? 'dump.tar.gz' : 'dump.tar');
    await create({ file, gzip, cwd: join(root, '..') }, ['dump']);
    expect(await detectFormat(file)).toEqual({ format: 'dump-tar', reason: '' });
    const dump = await openDumpTar(file);
    expect(counts(await summaryOf(dump))).toEqual(everythingCounts);
    expect(dump.notices.map(({ path }) => path).sort()).toEqual(['dump/shop/link.bson', 'dump/shop/readme.txt']);
  });

  it('with gzip files inside, or cut off, is handled', async () => {
    const root = makeFolder(gzipped(everything));
    const file = join(temporaryFolder('tar'), 'dump.tgz');
    await create({ file, gzip: true, cwd: root }, ['.']);
    expect(counts(await summaryOf(await openDumpTar(file)))).toEqual(everythingCounts);
    writeFileSync(file, readFileSync(file).subarray(0, -200));
    await expect(openDumpTar(file)).rejects.toMatchObject({ error: { code: 'archive-truncated' } });
  });
});

describe('file names of collections', () => {
  it.each(['orders', 'café s', 'a%b$c', '-lead', 'a+b', 'quote"\'', 'a/b', '日本', 'x'.repeat(200)])(
    'survive: %s',
    (name) => {
      expect(unescapeCollectionName(escapeCollectionName(name))).toBe(name);
    },
  );

  it('are cut as mongodump cuts them', () => {
    expect(escapeCollectionName(longName)).toBe(`${'n'.repeat(200)}%C3%A9%C%24LbwuAV7HxgvBhgcOHbfG19lHAAs`);
    expect(isCutName(escapeCollectionName(longName))).toBe(true);
    expect(unescapeCollectionName('50%-off')).toBe('50%-off');
  });
});

describe('what a path holds', () => {
  it('is told by its content, whatever its name', async () => {
    const folder = temporaryFolder('detect');
    const archive = fixtureArchive([{ collection: 'a', documents: [] }]);
    const cases: [string, Buffer, string][] = [
      ['a.txt', archive, 'archive'],
      ['b.bin', gzipSync(archive), 'gzip-archive'],
      ['c.gz', gzipSync('hello'), 'not-a-dump'],
      ['d.archive', Buffer.from('hello'), 'not-a-dump'],
      ['e.archive', Buffer.alloc(0), 'not-a-dump'],
      ['f.bson', documents, 'not-a-dump'],
    ];
    for (const [name, content, format] of cases) {
      writeFileSync(join(folder, name), content);
      const detected = await detectFormat(join(folder, name));
      expect([name, detected.format]).toEqual([name, format]);
      expect(detected.reason === '').toBe(format !== 'not-a-dump');
    }
    expect((await detectFormat(makeFolder(everything))).format).toBe('dump-folder');
    expect((await detectFormat(temporaryFolder('empty'))).format).toBe('not-a-dump');
    await expect(detectFormat(join(folder, 'none'))).rejects.toMatchObject({ error: { code: 'not-found' } });
    await expect(openDump(join(folder, 'd.archive'))).rejects.toMatchObject({ error: { code: 'not-a-dump' } });
  });
});
