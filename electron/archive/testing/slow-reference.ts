/** Slow, obviously right counterparts of what the kernel does: for tests only. */

interface Reader {
  bytes: Buffer;
  end: number;
}

/** Thrown by the reference reader on anything that is no BSON. */
class SlowFault extends Error {}

function check(condition: boolean, why: string): void {
  if (!condition) throw new SlowFault(why);
}

function cStringEnd(reader: Reader, at: number): number {
  let position = at;
  while (position < reader.end && reader.bytes[position] !== 0) position++;
  check(position < reader.end, 'text without end');
  return position + 1;
}

function stringEnd(reader: Reader, at: number): number {
  check(at + 5 <= reader.end, 'no room for a string');
  const length = reader.bytes.readInt32LE(at);
  check(length >= 1 && at + 4 + length <= reader.end, 'string length');
  check(reader.bytes[at + 4 + length - 1] === 0, 'string terminator');
  return at + 4 + length;
}

function fixed(reader: Reader, at: number, length: number): number {
  check(at + length <= reader.end, 'no room');
  return at + length;
}

function valueEnd(reader: Reader, type: number, at: number): number {
  switch (type) {
    case 0x01:
    case 0x09:
    case 0x11:
    case 0x12:
      return fixed(reader, at, 8);
    case 0x02:
    case 0x0d:
    case 0x0e:
      return stringEnd(reader, at);
    case 0x03:
    case 0x04:
      return documentEnd(reader, at);
    case 0x05: {
      check(at + 5 <= reader.end, 'no room for binary');
      const length = reader.bytes.readInt32LE(at);
      check(length >= 0 && at + 5 + length <= reader.end, 'binary length');
      if (reader.bytes[at + 4] === 2) {
        check(length >= 4 && reader.bytes.readInt32LE(at + 5) === length - 4, 'inner binary length');
      }
      return at + 5 + length;
    }
    case 0x06:
    case 0x0a:
    case 0x7f:
    case 0xff:
      return at;
    case 0x07:
      return fixed(reader, at, 12);
    case 0x08:
      check(at < reader.end && (reader.bytes[at] === 0 || reader.bytes[at] === 1), 'boolean');
      return at + 1;
    case 0x0b:
      return cStringEnd(reader, cStringEnd(reader, at));
    case 0x0c:
      return fixed(reader, stringEnd(reader, at), 12);
    case 0x0f: {
      check(at + 14 <= reader.end, 'no room for code');
      const total = reader.bytes.readInt32LE(at);
      check(total >= 14 && at + total <= reader.end, 'code length');
      const inner: Reader = { bytes: reader.bytes, end: at + total };
      check(documentEnd(inner, stringEnd(inner, at + 4)) === at + total, 'scope length');
      return at + total;
    }
    case 0x10:
      return fixed(reader, at, 4);
    case 0x13:
      return fixed(reader, at, 16);
    default:
      throw new SlowFault('unknown type');
  }
}

function documentEnd(reader: Reader, at: number): number {
  check(at + 5 <= reader.end, 'no room for a document');
  const length = reader.bytes.readInt32LE(at);
  check(length >= 5 && at + length <= reader.end, 'document length');
  check(reader.bytes[at + length - 1] === 0, 'document terminator');
  const inner: Reader = { bytes: reader.bytes, end: at + length - 1 };
  let position = at + 4;
  while (position < inner.end) {
    check(inner.bytes[position] !== 0, 'early end');
    const type = inner.bytes.readUInt8(position);
    position = valueEnd(inner, type, cStringEnd(inner, position + 1));
  }
  return at + length;
}

/** True when the bytes are exactly one well-formed document. */
export function slowlyValid(bytes: Buffer): boolean {
  try {
    return documentEnd({ bytes, end: bytes.length }, 0) === bytes.length;
  } catch (error) {
    if (error instanceof SlowFault) return false;
    throw error;
  }
}

/** The first top-level `_id` element of a well-formed document. */
export function slowIdElement(bytes: Buffer): Buffer | null {
  const reader: Reader = { bytes, end: bytes.length - 1 };
  let position = 4;
  while (position < reader.end) {
    const valueStart = cStringEnd(reader, position + 1);
    const end = valueEnd(reader, bytes.readUInt8(position), valueStart);
    if (bytes.toString('latin1', position + 1, valueStart - 1) === '_id') return bytes.subarray(position, end);
    position = end;
  }
  return null;
}

/** CRC-64/XZ bit by bit. */
export function slowCrc64(bytes: Uint8Array): bigint {
  let register = 0xffffffffffffffffn;
  for (const byte of bytes) {
    register ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) {
      register = register & 1n ? (register >> 1n) ^ 0xc96c5795d7870f42n : register >> 1n;
    }
  }
  return register ^ 0xffffffffffffffffn;
}
