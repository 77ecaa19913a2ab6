import { open } from 'node:fs/promises';
import { formatQuantity } from '../../shared/format';
import { ArchiveDamage, type DamageKind, throwIfCancelled } from './archive-damage';
import { readPacking, readUncompressed } from './archive-file';
import { blockTerminator } from './archive-format';
import { ArchiveScanner } from './archive-scanner';
import type { BlockIndex } from './block-index';
import { type ReadMember, readMembers } from './member-reader';
import type { ArchiveSummary } from './scan-types';

/** One damaged place. */
export interface FoundDamage {
  kind: DamageKind;
  message: string;
  block: number | null;
  /** In the uncompressed archive, where known. */
  offset: number | null;
  /** Namespaces that lost documents or cannot be vouched for. */
  namespaces: string[];
  /** Null when it cannot be known. */
  documentsLost: number | null;
  /** Documents of these namespaces that were read in spite of it. */
  documentsSaved: number | null;
}

export interface InspectionReport {
  ok: boolean;
  damages: FoundDamage[];
  /** What was read; after a damage, what was read in spite of it. */
  summary: ArchiveSummary;
  blocks: { total: number; damaged: number } | null;
}

export interface InspectOptions {
  /** Of a blocked archive: then damage is told per block with exact numbers, and reading goes on behind it. */
  index?: BlockIndex | null;
  signal?: AbortSignal;
  onProgress?: (bytes: number, documents: number) => void;
}

/**
 * Reads a whole archive and reports everything that is wrong with it instead of throwing (cancelling and unreadable
 * files do throw): blocks that do not inflate, broken framing, broken documents, wrong CRCs, missing collections.
 */
export async function inspectArchive(path: string, options: InspectOptions = {}): Promise<InspectionReport> {
  const packing = await readPacking(path);
  if (options.index || packing === 'blocked-gzip') return inspectBlocked(path, options);
  const scanner = new ArchiveScanner();
  const damages: FoundDamage[] = [];
  try {
    for await (const chunk of readUncompressed(path)) {
      throwIfCancelled(options.signal);
      scanner.push(chunk);
      report(scanner, options);
    }
    scanner.flush();
  } catch (error) {
    damages.push(stopped(error, scanner));
  }
  return conclude(scanner, damages, null);
}

function report(scanner: ArchiveScanner, { onProgress }: InspectOptions): void {
  if (!onProgress) return;
  const { archiveBytes, documents } = scanner.progress();
  onProgress(archiveBytes, documents);
}

/** A damage behind which nothing can be read. */
function stopped(error: unknown, scanner: ArchiveScanner): FoundDamage {
  if (!(error instanceof ArchiveDamage)) throw error;
  const { namespaces, missing, documents } = scanner.summary();
  const cut = namespaces.filter(({ complete }) => !complete).map(({ namespace }) => namespace);
  return {
    kind: error.kind,
    message: `${error.message} ${scanner.describeWhatIsThere()}`,
    block: error.block ?? null,
    offset: error.offset ?? null,
    namespaces: [...new Set([...cut, ...missing])],
    documentsLost: null,
    documentsSaved: documents,
  };
}

async function inspectBlocked(path: string, options: InspectOptions): Promise<InspectionReport> {
  const index = options.index ?? null;
  const damages: FoundDamage[] = [];
  const scanner = new ArchiveScanner();
  const handle = await open(path, 'r');
  let total = 0;
  let damaged = 0;
  let stop = false;
  let afterGap = false;
  try {
    for await (const member of readMembers(handle, index?.blocks ?? null)) {
      throwIfCancelled(options.signal);
      total++;
      if (!member.result.ok) {
        damaged++;
        damages.push(lostBlock(member, member.result.damage, index));
        skipBlock(scanner, member, index);
        afterGap = true;
        continue;
      }
      if (stop) continue;
      try {
        const bytes = afterGap && !index ? fromHeader(scanner, member, member.result.bytes) : member.result.bytes;
        if (bytes === null) continue;
        afterGap = false;
        scanner.push(bytes);
        scanner.flush();
      } catch (error) {
        damages.push({ ...stopped(error, scanner), block: member.block });
        damaged++;
        stop = true;
      }
      report(scanner, options);
    }
  } finally {
    await handle.close();
  }
  return conclude(scanner, damages, { total: index ? index.blocks.length : total, damaged });
}

/**
 * After a gap, and without the index, nobody knows whose documents a block starts among: they are passed over up to the
 * end of their section. Null when the whole block is such.
 */
function fromHeader(scanner: ArchiveScanner, member: ReadMember, bytes: Buffer): Buffer | null {
  if (!member.startsInside) return bytes;
  let at = 0;
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt32LE(at);
    if (length !== blockTerminator && length >= 5) {
      at += length;
      continue;
    }
    scanner.skip({ bytes: at + 4, lost: [], open: null, unsure: true });
    return bytes.subarray(at + 4);
  }
  scanner.skip({ bytes: bytes.length, lost: [], open: null, unsure: true });
  return null;
}

function lostBlock(member: ReadMember, damage: ArchiveDamage, index: BlockIndex | null): FoundDamage {
  const { block } = member;
  const indexed = index?.blocks[block];
  const names = new Map<string, number>();
  for (const run of indexed?.runs ?? []) {
    const namespace = index?.content.namespaces[run.namespaceId]?.namespace ?? '';
    names.set(namespace, (names.get(namespace) ?? 0) + run.count);
  }
  const lost = [...names.values()].reduce((sum, count) => sum + count, 0);
  const where = [...names]
    .map(([namespace, count]) => `${formatQuantity(count, 'document')} of ${namespace}`)
    .join(', ');
  const what = indexed ? ` Lost with it: ${names.size > 0 ? where : 'no documents'}.` : '';
  return {
    kind: damage.kind,
    message: damage.message + what,
    block,
    offset: indexed?.archiveOffset ?? null,
    namespaces: [...names.keys()],
    documentsLost: indexed ? lost : null,
    documentsSaved: null,
  };
}

function skipBlock(scanner: ArchiveScanner, member: ReadMember, index: BlockIndex | null): void {
  const indexed = index?.blocks[member.block];
  if (!index || !indexed) {
    scanner.skip({ bytes: member.uncompressedBytes, lost: [], open: null, unsure: true });
    return;
  }
  const nameOf = (id: number): string => index.content.namespaces[id]?.namespace ?? '';
  const next = index.blocks[member.block + 1];
  scanner.skip({
    bytes: indexed.uncompressedBytes,
    lost: indexed.runs.map(({ namespaceId, count }) => ({ namespace: nameOf(namespaceId), documents: count })),
    open: next?.openNamespaceId == null ? null : nameOf(next.openNamespaceId),
    unsure: false,
  });
}

function conclude(
  scanner: ArchiveScanner,
  damages: FoundDamage[],
  blocks: InspectionReport['blocks'],
): InspectionReport {
  const interrupted = damages.length > 0;
  if (!interrupted) {
    try {
      scanner.finish();
    } catch (error) {
      damages.push({ ...stopped(error, scanner), message: error instanceof Error ? error.message : String(error) });
    }
  }
  const summary = scanner.summary();
  for (const namespace of summary.namespaces) {
    if (namespace.checksum !== 'mismatch') continue;
    damages.push({
      kind: 'checksum',
      message: `The documents of ${namespace.namespace} do not match the checksum the archive states for them.`,
      block: null,
      offset: null,
      namespaces: [namespace.namespace],
      documentsLost: null,
      documentsSaved: null,
    });
  }
  for (const fault of summary.faults) {
    damages.push({
      kind: 'document',
      message: `Document ${fault.ordinal} of ${fault.namespace} is broken: ${fault.reason}.`,
      block: null,
      offset: fault.offset,
      namespaces: [fault.namespace],
      documentsLost: null,
      documentsSaved: null,
    });
  }
  const saved = new Map(summary.namespaces.map(({ namespace, documents }) => [namespace, documents]));
  for (const damage of damages) {
    damage.documentsSaved ??= damage.namespaces.reduce((sum, name) => sum + (saved.get(name) ?? 0), 0);
  }
  return { ok: damages.length === 0, damages, summary, blocks };
}
