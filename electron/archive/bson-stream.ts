import { ArchiveDamage, throwIfCancelled } from './archive-damage';
import { BsonKernel, emptyState, type KernelBatch } from './kernel/bson-kernel';
import { describeFault } from './kernel/document-faults';

export interface BsonStreamOptions {
  /** For messages: the file. */
  name: string;
  /** Damage instead of a number in {@link BsonStreamCounts}: arrays whose keys are not "0", "1", … in order. */
  strictArrays?: boolean;
  signal?: AbortSignal;
}

/** Filled while the stream is read. */
export interface BsonStreamCounts {
  documents: number;
  bytes: number;
  /** Arrays whose keys are out of order: servers store them, most drivers renumber them. */
  oddArrayDocuments: number;
}

const sliceBytes = 1024 * 1024;

/**
 * Reads a `.bson` file's bytes (documents, nothing between) and yields whole, fully validated documents, many at a
 * time. Throws {@link ArchiveDamage} with the offset and the reason at the first broken one, `truncated` when the last
 * one is cut off; the documents before it were yielded.
 */
export async function* readBsonStream(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  counts: BsonStreamCounts,
  options: BsonStreamOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const kernel = new BsonKernel();
  let end = 0;
  let threshold = sliceBytes;
  const state = emptyState();
  const take = (): { bytes: Buffer; damage: ArchiveDamage | null } => {
    kernel.loadState(emptyState());
    let position = 0;
    let needed = 0;
    let damage: ArchiveDamage | null = null;
    while (position < end && damage === null) {
      const batch = kernel.walk(position, end, end, { validate: true, checksum: false });
      damage = damageOf(batch, kernel, counts, position, options);
      counts.documents += batch.count;
      position = batch.position;
      needed = batch.needed;
      if (batch.stop !== 'batch-full') break;
    }
    kernel.saveState(state);
    counts.oddArrayDocuments += Number(new DataView(state.buffer).getBigUint64(56, true));
    if (damage === null && options.strictArrays && counts.oddArrayDocuments > 0) {
      damage = new ArchiveDamage('document', `${options.name} holds an array whose keys are out of order.`);
    }
    // After a fault the good documents before it are still worth having.
    const whole = damage === null ? position : Math.max(0, (damage.offset ?? 0) - counts.bytes);
    const bytes = Buffer.from(kernel.input(0, whole));
    kernel.moveToFront(position, end);
    end -= position;
    counts.bytes += position;
    threshold = Math.max(sliceBytes, needed, end + 1);
    return { bytes, damage };
  };
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      throwIfCancelled(options.signal);
      const part = chunk.subarray(from, from + (threshold - end));
      kernel.write(part, end);
      end += part.length;
      from += part.length;
      if (end < threshold) continue;
      const { bytes, damage } = take();
      if (bytes.length > 0) yield bytes;
      if (damage) throw damage;
    }
  }
  const { bytes, damage } = take();
  if (bytes.length > 0) yield bytes;
  if (damage) throw damage;
  if (end === 0) return;
  throw new ArchiveDamage(
    'truncated',
    `${options.name} ends in the middle of document ${counts.documents} (at byte ${counts.bytes + end}).`,
    { offset: counts.bytes + end, hint: 'The documents before it are whole; the file was cut off.' },
  );
}

function damageOf(
  batch: KernelBatch,
  kernel: BsonKernel,
  counts: BsonStreamCounts,
  from: number,
  options: BsonStreamOptions,
): ArchiveDamage | null {
  const fault = batch.faultCount > 0 ? kernel.faults(1)[0] : undefined;
  if (fault) {
    const positions = kernel.positions(batch.count);
    let ordinal = counts.documents;
    for (let i = 0; i < positions.length && positions[i] !== fault.start; i += 3) ordinal++;
    const offset = counts.bytes + fault.start;
    return new ArchiveDamage(
      'document',
      `Document ${ordinal} of ${options.name} (at byte ${offset}) is broken: ${describeFault(fault.code)}, ` +
        `at byte ${counts.bytes + fault.at}.`,
      { offset },
    );
  }
  const offset = counts.bytes + batch.position;
  const ordinal = counts.documents + batch.count;
  switch (batch.stop) {
    case 'limit':
    case 'need-more':
    case 'batch-full':
      return null;
    case 'terminator':
    case 'bad-length':
    case 'no-terminator':
    case 'too-large':
      return new ArchiveDamage(
        'document',
        `Document ${ordinal} of ${options.name} (at byte ${offset}) has an impossible length or does not end where its length says.`,
        { offset: Math.max(offset, counts.bytes + from) },
      );
  }
}
