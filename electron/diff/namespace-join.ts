/** The join of one namespace: a backup's digest against a live stream, in memory or partitioned on disk. */
import { noId, recordBytes } from '../archive/kernel/bson-kernel';
import type { DocumentCounts } from '../../shared/diff';
import type { DifferingWriter } from './differing-files';
import { HashJoin, joinBytes } from './hash-join';
import { countsOf, idNameBytes, wordsOf, type BackupSide, type JoinBatch, type NamespaceJoin } from './join-sides';
import { PartitionedJoin } from './partitioned-join';
import type { MemoryPool } from './slots';

/** The packed parts of a batch's nth `_id` element; type 0 when the document has none. */
function idOf(batch: JoinBatch, record: number): { type: number; source: Buffer; start: number; end: number } {
  const start = batch.positions[record * 3 + 1] ?? noId;
  const end = batch.positions[record * 3 + 2] ?? noId;
  if (start === noId) return { type: 0, source: batch.input, start: 0, end: 0 };
  return { type: batch.input[start] ?? 0, source: batch.input, start: start + idNameBytes, end };
}

/** Of a batch what the join needs: records and `_id`s, without the documents. */
function keep(batch: JoinBatch): JoinBatch {
  const positions = new Uint32Array(batch.count * 3).fill(noId);
  let bytes = 0;
  for (let at = 1; at < batch.count * 3; at += 3) {
    const start = batch.positions[at] ?? noId;
    if (start !== noId) bytes += (batch.positions[at + 1] ?? 0) - start;
  }
  const input = Buffer.allocUnsafeSlow(bytes);
  let to = 0;
  for (let at = 1; at < batch.count * 3; at += 3) {
    const start = batch.positions[at] ?? noId;
    if (start === noId) continue;
    const end = batch.positions[at + 1] ?? 0;
    positions[at] = to;
    // Most are so short that a call costs more than the copying.
    if (end - start <= 32) for (let from = start; from < end; from++) input[to++] = batch.input[from] ?? 0;
    else to += batch.input.copy(input, to, start, end);
    positions[at + 1] = to;
  }
  return { count: batch.count, records: Buffer.from(new Uint8Array(batch.records).buffer), positions, input };
}

function bytesOf({ records, positions, input }: JoinBatch): number {
  return records.length + positions.byteLength + input.length;
}

class MemoryJoin implements NamespaceJoin {
  readonly #writer: DifferingWriter;
  readonly #loading: Promise<void>;
  readonly #room: number;
  readonly #release: () => void;
  #join: HashJoin | null = null;
  #waiting: JoinBatch[] = [];
  #waitingBytes = 0;
  #inBackup = 0;
  #inTarget = 0;

  /** `room`: bytes of live records to keep while the digest is not there. `release`: called when its memory is free. */
  constructor(side: BackupSide, writer: DifferingWriter, room: number, release: () => void) {
    this.#writer = writer;
    this.#room = room;
    this.#release = release;
    if (side.namespace === null) this.#join = new HashJoin(new Uint32Array(0), 0);
    this.#loading = this.#join ? Promise.resolve() : this.#load(side);
    // Told by add and finish.
    this.#loading.catch(() => undefined);
  }

  async #load({ digest, namespace }: BackupSide): Promise<void> {
    const { words, count } = await (await digest).load(namespace ?? '');
    this.#inBackup = count;
    this.#join = new HashJoin(words, count);
    for (const batch of this.#waiting) this.#probe(this.#join, batch);
    this.#waiting = [];
  }

  #probe(join: HashJoin, batch: JoinBatch): void {
    const writer = this.#writer;
    join.probe(wordsOf(batch.records), batch.count, {
      changed: (record, position) =>
        writer.live('changed', position, { source: batch.records, at: record * recordBytes }, idOf(batch, record)),
      onlyInTarget: (record) =>
        writer.live('onlyInTarget', null, { source: batch.records, at: record * recordBytes }, idOf(batch, record)),
    });
  }

  add(batch: JoinBatch): Promise<void> | null {
    this.#inTarget += batch.count;
    if (this.#join) {
      this.#probe(this.#join, batch);
      return null;
    }
    const kept = keep(batch);
    this.#waiting.push(kept);
    this.#waitingBytes += bytesOf(kept);
    return this.#waitingBytes > this.#room ? this.#loading : null;
  }

  async finish(): Promise<DocumentCounts> {
    await this.#loading;
    const same = this.#join?.same ?? 0;
    this.#join?.forEachUnmatched((position, low, high) => this.#writer.onlyInBackup(position, low, high));
    this.#join = null;
    this.#release();
    return countsOf(this.#writer, this.#inBackup, this.#inTarget, same);
  }

  abandon(): void {
    this.#waiting = [];
    this.#writer.close();
  }
}

/** Bytes of live records that wait for the digest at most. */
const mostWaiting = 24 * 1024 * 1024;

export interface JoinMemory {
  /** Shared by the joins that are open at the same time. */
  pool: MemoryPool;
  /** For one part of a partitioned join. */
  partBytes: number;
}

/** A join in the pool's memory as far as that goes, else on disk. */
export function openJoin(side: BackupSide, writer: DifferingWriter, memory: JoinMemory): NamespaceJoin {
  const needed = side.namespace === null ? 0 : joinBytes(side.documents);
  if (memory.pool.take(needed)) {
    return new MemoryJoin(side, writer, mostWaiting, () => memory.pool.give(needed));
  }
  const parts = Math.min(256, 2 ** Math.ceil(Math.log2(Math.max(needed / memory.partBytes, 2))));
  return new PartitionedJoin(side, writer, parts);
}
