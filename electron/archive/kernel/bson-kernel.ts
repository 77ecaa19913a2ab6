import { kernelBase64 } from './kernel.generated';

/** Bytes of one digest record: idHash (u64) then documentHash (128 bits, lower half first), all little-endian. */
export const recordBytes = 24;
/** In a position entry: the document has no `_id`. */
export const noId = 0xffffffff;
/** Running totals of a namespace, see {@link NamespaceTotals}. */
const stateBytes = 64;
/** Largest document read: three times what a server can store, so that a few broken limits still parse. */
export const largestDocument = 48 * 1024 * 1024;

const faultCapacity = 64;
const faultBytes = 12;

export type WalkStop =
  'limit' | 'need-more' | 'terminator' | 'batch-full' | 'bad-length' | 'too-large' | 'no-terminator';

const stops: readonly WalkStop[] = [
  'limit',
  'need-more',
  'terminator',
  'batch-full',
  'bad-length',
  'too-large',
  'no-terminator',
];

export interface WalkOptions {
  /** Check every element of every document; otherwise only as far as `_id`. */
  validate: boolean;
  /** Keep the namespace's CRC-64. */
  checksum: boolean;
}

export interface DocumentFault {
  /** Offset of the document and of the fault in the kernel's input. */
  start: number;
  at: number;
  /** For `describeFault`. */
  code: number;
}

/** What one call of {@link BsonKernel.walk} found. Views are valid until the kernel is called again. */
export interface KernelBatch {
  stop: WalkStop;
  /** Offset in the input up to which everything is consumed. */
  position: number;
  count: number;
  /** For `need-more`: bytes the next item needs from `position` on. */
  needed: number;
  /** Documents with faults, also those beyond the 64 that {@link BsonKernel.faults} describes. */
  faultCount: number;
}

export interface DocumentCheck {
  /** 0 when the document is well-formed, else for `describeFault`. */
  fault: number;
  /** Offset of the fault from the start of the document. */
  faultOffset: number;
  /** The top-level `_id` element: type byte to end of value, from the start of the document; null without `_id`. */
  id: { start: number; end: number } | null;
  /** Array keys that are not "0", "1", … in order: stored by servers, so no fault. */
  oddArrayKeys: number;
  oddArrayKeyOffset: number;
}

/** Totals of a namespace as the kernel keeps them. */
export interface NamespaceTotals {
  documents: number;
  bytes: number;
  /** CRC-64 of the documents in archive order. */
  crc64: bigint;
  /** Sum of all document hashes modulo 2^128, see docs/formats.md. */
  sum: Uint8Array;
  withoutId: number;
  invalid: number;
  /** Documents that hold an array with odd keys; 0 when full validation is off. */
  oddArrays: number;
}

interface KernelExports {
  memory: WebAssembly.Memory;
  initialize(): void;
  ensureInput(bytes: number): number;
  inputAddress(): number;
  recordsAddress(): number;
  positionsAddress(): number;
  faultsAddress(): number;
  stateAddress(): number;
  resultAddress(): number;
  walkDocuments(from: number, end: number, limit: number, largest: number, flags: number): number;
  validateDocument(start: number, length: number): number;
  hashElement(start: number, length: number): void;
  hashDocument(start: number, length: number): void;
  checksumInput(start: number, length: number): void;
  checksumRecords(length: number): void;
}

let compiled: WebAssembly.Module | undefined;

function instantiate(): KernelExports {
  compiled ??= new WebAssembly.Module(Buffer.from(kernelBase64, 'base64'));
  // The module is ours and built from kernel/assembly/index.ts, whose exports the interface repeats.
  return new WebAssembly.Instance(compiled, {}).exports as unknown as KernelExports;
}

/** State of a namespace that has no documents yet. */
export function emptyState(): Uint8Array {
  const state = new Uint8Array(stateBytes);
  state.fill(0xff, 0, 8);
  return state;
}

export function readTotals(state: Uint8Array): NamespaceTotals {
  const view = new DataView(state.buffer, state.byteOffset, stateBytes);
  return {
    crc64: BigInt.asUintN(64, ~view.getBigUint64(0, true)),
    documents: Number(view.getBigUint64(8, true)),
    bytes: Number(view.getBigUint64(16, true)),
    sum: state.slice(24, 40),
    withoutId: Number(view.getBigUint64(40, true)),
    invalid: Number(view.getBigUint64(48, true)),
    oddArrays: Number(view.getBigUint64(56, true)),
  };
}

/**
 * One instance of the WebAssembly kernel with its own memory: the input area (grown on demand, never shrunk), the
 * batch of the last walk and the totals of the namespace being walked. Not for use from several threads.
 */
export class BsonKernel {
  readonly #kernel: KernelExports;
  #memory: Buffer;
  #view: DataView;
  readonly #input: number;
  readonly #result: number;
  readonly #state: number;
  readonly #records: number;
  readonly #positions: number;
  readonly #faults: number;

  constructor() {
    this.#kernel = instantiate();
    this.#kernel.initialize();
    this.#input = this.#kernel.inputAddress();
    this.#result = this.#kernel.resultAddress();
    this.#state = this.#kernel.stateAddress();
    this.#records = this.#kernel.recordsAddress();
    this.#positions = this.#kernel.positionsAddress();
    this.#faults = this.#kernel.faultsAddress();
    this.#memory = Buffer.from(this.#kernel.memory.buffer);
    this.#view = new DataView(this.#kernel.memory.buffer);
  }

  /** Grows the input area; earlier contents stay. Throws RangeError past 4 GiB. */
  ensureInput(bytes: number): void {
    if (this.#memory.length - this.#input >= bytes + 64) return;
    if (!this.#kernel.ensureInput(bytes)) throw new RangeError(`The BSON kernel cannot hold ${bytes} bytes.`);
    this.#memory = Buffer.from(this.#kernel.memory.buffer);
    this.#view = new DataView(this.#kernel.memory.buffer);
  }

  /** Copies `bytes` into the input area at `offset`, growing it when needed. */
  write(bytes: Uint8Array, offset: number): void {
    this.ensureInput(offset + bytes.length);
    this.#memory.set(bytes, this.#input + offset);
  }

  /** Moves input bytes to the front of the input area. */
  moveToFront(from: number, end: number): void {
    if (from > 0) this.#memory.copyWithin(this.#input, this.#input + from, this.#input + end);
  }

  /** View of the input area, valid until the next call that may grow it. */
  input(start: number, end: number): Buffer {
    return this.#memory.subarray(this.#input + start, this.#input + end);
  }

  /** The namespace's totals go in before its documents are walked, and come out after. */
  loadState(state: Uint8Array): void {
    this.#memory.set(state, this.#state);
  }

  saveState(state: Uint8Array): void {
    state.set(this.#memory.subarray(this.#state, this.#state + stateBytes));
  }

  /**
   * Walks documents from input offset `from`. Stops at the first document border at or past `limit`, at a terminator,
   * where the input ends (`end`), when the batch is full, or at damage. A faulty document is hashed and counted
   * all the same.
   */
  walk(from: number, end: number, limit: number, options: WalkOptions): KernelBatch {
    const flags = (options.validate ? 1 : 0) | (options.checksum ? 2 : 0);
    const stop = this.#kernel.walkDocuments(from, end, limit, largestDocument, flags);
    return {
      stop: stops[stop] as WalkStop,
      position: this.#view.getUint32(this.#result, true),
      count: this.#view.getUint32(this.#result + 4, true),
      needed: this.#view.getUint32(this.#result + 8, true),
      faultCount: this.#view.getUint32(this.#result + 12, true),
    };
  }

  /** Records of the last walk, {@link recordBytes} each. */
  records(count: number): Buffer {
    return this.#memory.subarray(this.#records, this.#records + count * recordBytes);
  }

  /** Positions of the last walk: per document its start, start of `_id` element, end of it, as offsets in the input. */
  positions(count: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, this.#positions, count * 3);
  }

  /** The first 64 faulty documents of the last walk. */
  faults(faultCount: number): DocumentFault[] {
    const faults: DocumentFault[] = [];
    for (let i = 0; i < Math.min(faultCount, faultCapacity); i++) {
      const at = this.#faults + i * faultBytes;
      faults.push({
        start: this.#view.getUint32(at, true),
        code: this.#view.getUint32(at + 4, true),
        at: this.#view.getUint32(at + 8, true),
      });
    }
    return faults;
  }

  /** Full structural check of one document (whole, with its length prefix; at least 5 bytes). */
  validate(document: Uint8Array): DocumentCheck {
    this.write(document, 0);
    const fault = document.length < 5 ? 1 : this.#kernel.validateDocument(0, document.length);
    if (document.length < 5) return { fault, faultOffset: 0, id: null, oddArrayKeys: 0, oddArrayKeyOffset: 0 };
    const idStart = this.#view.getUint32(this.#result + 4, true);
    return {
      fault,
      faultOffset: this.#view.getUint32(this.#result, true),
      id: idStart === noId ? null : { start: idStart, end: this.#view.getUint32(this.#result + 8, true) },
      oddArrayKeys: this.#view.getUint32(this.#result + 12, true),
      oddArrayKeyOffset: this.#view.getUint32(this.#result + 16, true),
    };
  }

  /** XXH3-64 of the bytes; for `_id` elements: type byte, name with NUL, value, as they stand in the document. */
  hash64(bytes: Uint8Array): bigint {
    this.write(bytes, 0);
    this.#kernel.hashElement(0, bytes.length);
    return this.#view.getBigUint64(this.#result, true);
  }

  /** XXH3-128 of the bytes: 16 bytes, lower half first, as in digest records. */
  hash128(bytes: Uint8Array): Buffer {
    this.write(bytes, 0);
    this.#kernel.hashDocument(0, bytes.length);
    return Buffer.from(this.#memory.subarray(this.#result, this.#result + 16));
  }

  /** Advances a CRC-64 register (start: all ones; the checksum is its complement) over the bytes. */
  updateCrc(register: bigint, bytes: Uint8Array): bigint {
    this.write(bytes, 0);
    this.#view.setBigUint64(this.#result, register, true);
    this.#kernel.checksumInput(0, bytes.length);
    return this.#view.getBigUint64(this.#result, true);
  }

  /** The same over the last walk's records. */
  updateCrcWithRecords(register: bigint, count: number): bigint {
    this.#view.setBigUint64(this.#result, register, true);
    this.#kernel.checksumRecords(count * recordBytes);
    return this.#view.getBigUint64(this.#result, true);
  }
}

/** CRC-64 register before the first byte. */
export const crcStart = 0xffffffffffffffffn;

/** The checksum a register stands for. */
export function finishCrc(register: bigint): bigint {
  return BigInt.asUintN(64, ~register);
}
