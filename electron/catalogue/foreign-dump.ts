/** Tells what a file or folder from elsewhere is, and opens it as the bytes of an archive. */
import { open, stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { fail } from '../../shared/result';
import { archiveMagic } from '../archive/archive-format';
import { readUpTo } from '../archive/archive-file';

export type DumpKind = 'archive' | 'folder' | 'tar';

const tarMagicAt = 257;
const sniffBytes = 512;

/** The first bytes of a file, inflated where it is gzip; fewer when it is shorter or damaged. */
async function firstBytes(path: string): Promise<{ plain: Buffer; inflated: Buffer }> {
  const handle = await open(path, 'r');
  try {
    const plain = await readUpTo(handle, 0, 64 * 1024);
    if (plain.length < 3 || plain[0] !== 0x1f || plain[1] !== 0x8b) return { plain, inflated: plain };
    return { plain, inflated: await inflateStart(plain) };
  } finally {
    await handle.close();
  }
}

function inflateStart(bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const gunzip = createGunzip();
    const parts: Buffer[] = [];
    let length = 0;
    const done = (): void => {
      gunzip.removeAllListeners();
      // What is cut off here is meant to be cut off.
      gunzip.on('error', () => undefined);
      gunzip.destroy();
      resolve(Buffer.concat(parts).subarray(0, sniffBytes));
    };
    gunzip.on('data', (part: Buffer) => {
      parts.push(part);
      length += part.length;
      if (length >= sniffBytes) done();
    });
    gunzip.on('end', done);
    gunzip.on('error', done);
    gunzip.end(bytes);
  });
}

function isTar(bytes: Buffer): boolean {
  return bytes.length >= tarMagicAt + 5 && bytes.toString('latin1', tarMagicAt, tarMagicAt + 5) === 'ustar';
}

function describeOther(bytes: Buffer, isGzip: boolean): { what: string; hint: string } {
  const packed = isGzip ? 'gzip data that holds ' : '';
  const other = 'Choose a mongodump archive (--archive), the folder of a dump (--out), or a tar.gz of one.';
  if (bytes.length === 0) return { what: isGzip ? 'damaged or empty gzip data' : 'empty', hint: other };
  const text = bytes.toString('utf8').trimStart();
  if (text.startsWith('{') || text.startsWith('[')) {
    return { what: `${packed}JSON text (an export of mongoexport, perhaps)`, hint: other };
  }
  if (bytes.toString('latin1', 0, 4) === 'PK\x03\x04') return { what: 'a ZIP file', hint: 'Unpack it first.' };
  if (bytes.length >= 5 && bytes.readInt32LE(0) >= 5 && bytes.readInt32LE(0) <= 16 * 1024 * 1024 + 16384) {
    const looksBson = bytes[4] !== undefined && bytes[4] > 0 && bytes[4] <= 0x13;
    if (looksBson) {
      return {
        what: `${packed}a single BSON file`,
        hint: 'Choose the folder around it: its name says which database it is of.',
      };
    }
  }
  return { what: `${packed}something else`, hint: other };
}

/** Throws 'not-found' when there is nothing, 'not-a-dump' saying what it is instead. */
export async function recogniseDump(path: string): Promise<DumpKind> {
  const information = await stat(path).catch(() => null);
  if (!information) fail('not-found', `There is no file or folder ${path}.`);
  if (information.isDirectory()) return 'folder';
  if (!information.isFile()) fail('not-a-dump', `${path} is neither a file nor a folder.`);
  const { plain, inflated } = await firstBytes(path);
  if (inflated.subarray(0, 4).equals(archiveMagic)) return 'archive';
  if (isTar(inflated)) return 'tar';
  const { what, hint } = describeOther(inflated, inflated !== plain);
  fail('not-a-dump', `${path} is no dump: it is ${what}.`, hint);
}
