import type { FileHandle } from 'node:fs/promises';
import { ArchiveDamage } from './archive-damage';
import { readUpTo } from './archive-file';
import { decodeMemberHeader, inflateBlock, memberHeaderBytes } from './blocked-gzip';

/** A block as found in the file, inflated or not inflatable. */
export interface ReadMember {
  block: number;
  fileOffset: number;
  compressedBytes: number;
  uncompressedBytes: number;
  startsInside: boolean;
  result: { ok: true; bytes: Buffer } | { ok: false; damage: ArchiveDamage };
}

export interface KnownMember {
  fileOffset: number;
  compressedBytes: number;
  uncompressedBytes: number;
}

interface Pending extends Omit<ReadMember, 'result'> {
  inflating: Promise<ReadMember['result']>;
}

async function attempt(member: Buffer, expected: KnownMember, block: number): Promise<ReadMember['result']> {
  if (member.length < expected.compressedBytes) {
    const damage = new ArchiveDamage('truncated', `The archive ends inside block ${block}.`, { block });
    return { ok: false, damage };
  }
  try {
    return { ok: true, bytes: await inflateBlock(member, expected.uncompressedBytes, block) };
  } catch (error) {
    if (error instanceof ArchiveDamage) return { ok: false, damage: error };
    throw error;
  }
}

const ahead = 4;

/**
 * Reads all blocks of a blocked archive in order, a few inflating at once. With `known` places (the block index) every
 * block is reported, readable or not; without, blocks are found by their own headers, and a block whose header is
 * broken is the last one reported.
 */
export async function* readMembers(
  handle: FileHandle,
  known: readonly KnownMember[] | null,
): AsyncGenerator<ReadMember, void, undefined> {
  const { size } = await handle.stat();
  const pending: Pending[] = [];
  let block = 0;
  let offset = 0;
  let more = true;
  const settle = async (): Promise<ReadMember> => {
    const { inflating, ...rest } = pending.shift() as Pending;
    return { ...rest, result: await inflating };
  };
  while (more) {
    let place: KnownMember | undefined = known?.[block];
    if (known ? !place : offset >= size) break;
    const head = decodeMemberHeader(await readUpTo(handle, place?.fileOffset ?? offset, memberHeaderBytes));
    if (!place && head) {
      place = { fileOffset: offset, compressedBytes: head.memberBytes, uncompressedBytes: head.uncompressedBytes };
    }
    if (!place) {
      while (pending.length > 0) yield await settle();
      const damage = new ArchiveDamage('compression', `Block ${block} of the archive has no readable header.`, {
        block,
      });
      const lost = { fileOffset: offset, compressedBytes: size - offset, uncompressedBytes: 0 };
      yield { block, ...lost, startsInside: false, result: { ok: false, damage } };
      return;
    }
    const member = await readUpTo(handle, place.fileOffset, place.compressedBytes);
    const inflating = attempt(member, place, block);
    inflating.catch(() => undefined);
    pending.push({ ...place, block, startsInside: head?.startsInside ?? false, inflating });
    offset = place.fileOffset + place.compressedBytes;
    more = known ? block + 1 < known.length : offset < size;
    block++;
    if (pending.length >= ahead) yield await settle();
  }
  while (pending.length > 0) yield await settle();
}
