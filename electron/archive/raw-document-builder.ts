import { bsonType } from './bson-types';

/**
 * Builds BSON by hand from raw parts: for commands whose documents must reach the server byte for byte, and for tests.
 * Names must not contain NUL (RangeError). Sub-documents are opened with `beginObject`/`beginArray` and closed with
 * `end`; {@link RawDocumentBuilder.finish} closes the document and starts a new one.
 */
export class RawDocumentBuilder {
  #buffer = Buffer.allocUnsafe(1024);
  #length = 4;
  #open: number[] = [0];

  #reserve(bytes: number): number {
    const at = this.#length;
    if (at + bytes > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, at + bytes));
      this.#buffer.copy(grown, 0, 0, at);
      this.#buffer = grown;
    }
    this.#length = at + bytes;
    return at;
  }

  #head(type: number, name: string): void {
    if (name.includes('\0')) throw new RangeError('A field name cannot contain NUL.');
    const bytes = Buffer.byteLength(name);
    const at = this.#reserve(bytes + 2);
    this.#buffer.writeUInt8(type, at);
    this.#buffer.write(name, at + 1, 'utf8');
    this.#buffer.writeUInt8(0, at + 1 + bytes);
  }

  #append(bytes: Uint8Array): this {
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
    return this;
  }

  /** A whole element (type, name, value) as it stands in another document. */
  element(element: Uint8Array): this {
    return this.#append(element);
  }

  /** A value's bytes under a name. */
  value(name: string, type: number, value: Uint8Array): this {
    this.#head(type, name);
    return this.#append(value);
  }

  object(name: string, document: Uint8Array): this {
    return this.value(name, bsonType.object, document);
  }

  /** An array of whole documents. */
  arrayOfObjects(name: string, documents: Iterable<Uint8Array>): this {
    this.beginArray(name);
    let index = 0;
    for (const document of documents) this.object(String(index++), document);
    return this.end();
  }

  string(name: string, text: string): this {
    this.#head(bsonType.string, name);
    const bytes = Buffer.byteLength(text);
    const at = this.#reserve(bytes + 5);
    this.#buffer.writeInt32LE(bytes + 1, at);
    this.#buffer.write(text, at + 4, 'utf8');
    this.#buffer.writeUInt8(0, at + 4 + bytes);
    return this;
  }

  int32(name: string, value: number): this {
    this.#head(bsonType.int32, name);
    const at = this.#reserve(4);
    this.#buffer.writeInt32LE(value, at);
    return this;
  }

  int64(name: string, value: bigint): this {
    this.#head(bsonType.int64, name);
    const at = this.#reserve(8);
    this.#buffer.writeBigInt64LE(BigInt.asIntN(64, value), at);
    return this;
  }

  double(name: string, value: number): this {
    this.#head(bsonType.double, name);
    const at = this.#reserve(8);
    this.#buffer.writeDoubleLE(value, at);
    return this;
  }

  boolean(name: string, value: boolean): this {
    this.#head(bsonType.boolean, name);
    const at = this.#reserve(1);
    this.#buffer.writeUInt8(value ? 1 : 0, at);
    return this;
  }

  null(name: string): this {
    this.#head(bsonType.null, name);
    return this;
  }

  timestamp(name: string, seconds: number, increment: number): this {
    this.#head(bsonType.timestamp, name);
    const at = this.#reserve(8);
    this.#buffer.writeUInt32LE(increment, at);
    this.#buffer.writeUInt32LE(seconds, at + 4);
    return this;
  }

  beginObject(name: string): this {
    this.#head(bsonType.object, name);
    this.#open.push(this.#reserve(4));
    return this;
  }

  beginArray(name: string): this {
    this.#head(bsonType.array, name);
    this.#open.push(this.#reserve(4));
    return this;
  }

  end(): this {
    const start = this.#open.pop();
    if (start === undefined || this.#open.length === 0) throw new RangeError('No open sub-document.');
    this.#close(start);
    return this;
  }

  #close(start: number): void {
    const at = this.#reserve(1);
    this.#buffer.writeUInt8(0, at);
    this.#buffer.writeInt32LE(this.#length - start, start);
  }

  /** Bytes used so far, the terminators still to come not counted. */
  get length(): number {
    return this.#length;
  }

  /** The finished document, a copy; the builder is empty again. Throws RangeError when a sub-document is open. */
  finish(): Buffer {
    if (this.#open.length !== 1) throw new RangeError('A sub-document is still open.');
    this.#close(0);
    const document = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 4;
    this.#open = [0];
    return document;
  }
}
