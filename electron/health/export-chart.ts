/** Charts into files that the user chose. */
import { writeFile } from 'node:fs/promises';
import { fail } from '../../shared/result';
import { toStoreFailure } from '../platform/failures';

const pngPrefix = 'data:image/png;base64,';
const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A name for the file: `name` may be of hosts and sets. */
export function chartFileName(name: string, format: 'png' | 'csv'): string {
  const plain = name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|[-.]+$/g, '');
  return `${plain === '' ? 'chart' : plain}.${format}`;
}

/** `content`: of a PNG a data URL, of CSV its text. Throws 'usage' for anything else, 'store-unavailable', 'disk-full'. */
export async function writeChart(path: string, format: 'png' | 'csv', content: string): Promise<void> {
  const bytes = format === 'csv' ? Buffer.from(content, 'utf8') : decodePng(content);
  await writeFile(path, bytes).catch((error: unknown) => {
    throw toStoreFailure(error, path);
  });
}

function decodePng(content: string): Buffer {
  const bytes = content.startsWith(pngPrefix) ? Buffer.from(content.slice(pngPrefix.length), 'base64') : null;
  if (!bytes?.subarray(0, pngSignature.length).equals(pngSignature)) fail('usage', 'The picture is not a PNG.');
  return bytes;
}
