/** What `digest.bin` and `blocks.bin` share: a 128-byte header whose last 8 bytes are a CRC-64, padded names. */
import { ArchiveDamage } from './archive-damage';
import { asBuffer } from './raw-bson';
import { BsonKernel, crcStart, finishCrc } from './kernel/bson-kernel';

export const tableHeaderBytes = 128;
const crcOffset = 120;

let kernel: BsonKernel | undefined;

/** CRC-64/XZ of the parts, one after the other. */
export function crc64Of(...parts: Uint8Array[]): bigint {
  kernel ??= new BsonKernel();
  let register = crcStart;
  for (const part of parts) {
    for (let from = 0; from < part.length; from += 1 << 20) {
      register = kernel.updateCrc(register, part.subarray(from, from + (1 << 20)));
    }
  }
  return finishCrc(register);
}

/** Name as UTF-8, padded with NULs to a multiple of 8 so that what follows stays aligned. */
export function paddedName(name: string): { bytes: Buffer; length: number } {
  const text = Buffer.from(name, 'utf8');
  return { bytes: Buffer.concat([text, Buffer.alloc(-text.length & 7)]), length: text.length };
}

/** Stores the checksum of header and `rest` in the header. */
export function sealHeader(header: Buffer, ...rest: Uint8Array[]): void {
  header.writeBigUInt64LE(crc64Of(header.subarray(0, crcOffset), ...rest), crcOffset);
}

export function checkSeal(header: Uint8Array, file: string, ...rest: Uint8Array[]): void {
  const stated = asBuffer(header).readBigUInt64LE(crcOffset);
  if (crc64Of(header.subarray(0, crcOffset), ...rest) === stated) return;
  throw new ArchiveDamage('index', `${file} is damaged: its checksum does not match.`, {
    hint: 'Verify the backup: that makes it anew from the archive.',
  });
}

/** Magic and format version; throws {@link ArchiveDamage} (`index` or `version`). */
export function checkHeader(header: Buffer, magic: string, version: number, file: string): void {
  if (header.length < tableHeaderBytes || header.toString('latin1', 0, 8) !== magic) {
    throw new ArchiveDamage('index', `${file} is damaged: it does not begin as it should.`, {
      offset: 0,
      hint: 'Verify the backup: that makes it anew from the archive.',
    });
  }
  const found = header.readUInt32LE(8);
  if (found === version) return;
  throw new ArchiveDamage('version', `${file} has format ${found}; this Lifeboat reads format ${version}.`, {
    hint: 'Use a newer Lifeboat, or rebuild the file from the archive.',
  });
}
