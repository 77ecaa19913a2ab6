// Structural validation of one BSON document: every element type, nested, lengths, terminators, booleans. Text is not
// checked for valid UTF-8 (servers store what they are given) and duplicate or odd field names are nobody's business.
// Array keys out of order are counted apart: servers accept and store them.
import { DEPTH_CAPACITY, STACK } from './layout';

/** Reasons, see kernel/faults.ts for their words. */
export const FAULT_NONE: u32 = 0;
export const FAULT_LENGTH: u32 = 1;
export const FAULT_OVERRUN: u32 = 2;
export const FAULT_TERMINATOR: u32 = 3;
export const FAULT_TYPE: u32 = 4;
export const FAULT_NAME: u32 = 5;
export const FAULT_VALUE: u32 = 6;
export const FAULT_STRING_LENGTH: u32 = 7;
export const FAULT_STRING_TERMINATOR: u32 = 8;
export const FAULT_BOOLEAN: u32 = 9;
export const FAULT_BINARY: u32 = 10;
export const FAULT_REGEX: u32 = 11;
export const FAULT_SCOPE: u32 = 12;
export const FAULT_DEPTH: u32 = 13;
export const FAULT_EARLY_END: u32 = 14;

const ID_NAME: u32 = 0x0064695f; // "_id\0", little-endian
const SPECIAL: u32 = 255;

/** Bytes of a value by element type; 255: depends on the value; 254: no such type. */
const SIZES: u32 = <u32>memory.data(256);

/** Address of the first fault. */
export let faultAt: u32 = 0;
/** `_id` element: address of its type byte (0: none) and of the byte after its value. */
export let idStart: u32 = 0;
export let idEnd: u32 = 0;
/** Arrays whose keys are not "0", "1", …: how many keys, and the address of the first. */
export let oddArrayKeys: u32 = 0;
export let oddArrayKeyAt: u32 = 0;

export function initializeSizes(): void {
  memory.fill(SIZES, 254, 256);
  store<u8>(SIZES + 0x01, 8);
  store<u8>(SIZES + 0x02, 255);
  store<u8>(SIZES + 0x03, 255);
  store<u8>(SIZES + 0x04, 255);
  store<u8>(SIZES + 0x05, 255);
  store<u8>(SIZES + 0x06, 0);
  store<u8>(SIZES + 0x07, 12);
  store<u8>(SIZES + 0x08, 255);
  store<u8>(SIZES + 0x09, 8);
  store<u8>(SIZES + 0x0a, 0);
  store<u8>(SIZES + 0x0b, 255);
  store<u8>(SIZES + 0x0c, 255);
  store<u8>(SIZES + 0x0d, 255);
  store<u8>(SIZES + 0x0e, 255);
  store<u8>(SIZES + 0x0f, 255);
  store<u8>(SIZES + 0x10, 4);
  store<u8>(SIZES + 0x11, 8);
  store<u8>(SIZES + 0x12, 8);
  store<u8>(SIZES + 0x13, 16);
  store<u8>(SIZES + 0x7f, 0);
  store<u8>(SIZES + 0xff, 0);
}

@inline
function fault(code: u32, at: u32): u32 {
  faultAt = at;
  return code;
}

/** Address after the NUL of the C string at `p`, or 0 when there is none before `limit`. */
@inline
function afterCString(p: u32, limit: u32): u32 {
  let at = p;
  while (at < limit) {
    const word = load<u64>(at);
    const zeros = (word - 0x0101010101010101) & ~word & 0x8080808080808080;
    if (zeros != 0) {
      const nul = at + (<u32>ctz(zeros) >> 3);
      return nul < limit ? nul + 1 : 0;
    }
    at += 8;
  }
  return 0;
}

let valueEnd: u32 = 0;

/** Checks a length-prefixed string at `p` and sets {@link valueEnd}. */
@inline
function checkString(p: u32, limit: u32): u32 {
  if (limit - p < 5) return fault(FAULT_VALUE, p);
  const length = load<u32>(p);
  if (length == 0 || length > 0x7fffffff) return fault(FAULT_STRING_LENGTH, p);
  if (length > limit - p - 4) return fault(FAULT_VALUE, p);
  const end = p + 4 + length;
  if (load<u8>(end - 1) != 0) return fault(FAULT_STRING_TERMINATOR, end - 1);
  valueEnd = end;
  return FAULT_NONE;
}

/** Checks the framing of an embedded document at `p`, not its elements, and sets {@link valueEnd}. */
@inline
function checkFrame(p: u32, limit: u32): u32 {
  if (p > limit || limit - p < 5) return fault(FAULT_VALUE, p);
  const length = load<u32>(p);
  if (length < 5) return fault(FAULT_LENGTH, p);
  if (length > limit - p) return fault(FAULT_OVERRUN, p);
  if (load<u8>(p + length - 1) != 0) return fault(FAULT_TERMINATOR, p + length - 1);
  valueEnd = p + length;
  return FAULT_NONE;
}

/** Checks a value of a type whose size is in the value, and sets {@link valueEnd}. Embedded documents: frame only. */
function checkSpecial(type: u32, p: u32, limit: u32): u32 {
  switch (type) {
    case 0x02:
    case 0x0d:
    case 0x0e:
      return checkString(p, limit);
    case 0x03:
    case 0x04:
      return checkFrame(p, limit);
    case 0x08: {
      if (limit - p < 1) return fault(FAULT_VALUE, p);
      if (load<u8>(p) > 1) return fault(FAULT_BOOLEAN, p);
      valueEnd = p + 1;
      return FAULT_NONE;
    }
    case 0x05: {
      if (limit - p < 5) return fault(FAULT_VALUE, p);
      const length = load<u32>(p);
      if (length > 0x7fffffff) return fault(FAULT_BINARY, p);
      if (length > limit - p - 5) return fault(FAULT_VALUE, p);
      // Subtype 2 repeats its length inside.
      if (load<u8>(p + 4) == 2 && (length < 4 || load<u32>(p + 5) != length - 4)) return fault(FAULT_BINARY, p + 5);
      valueEnd = p + 5 + length;
      return FAULT_NONE;
    }
    case 0x0b: {
      const pattern = afterCString(p, limit);
      if (pattern == 0) return fault(FAULT_REGEX, p);
      const options = afterCString(pattern, limit);
      if (options == 0) return fault(FAULT_REGEX, pattern);
      valueEnd = options;
      return FAULT_NONE;
    }
    case 0x0c: {
      const code = checkString(p, limit);
      if (code != FAULT_NONE) return code;
      if (limit - valueEnd < 12) return fault(FAULT_VALUE, valueEnd);
      valueEnd += 12;
      return FAULT_NONE;
    }
    default: {
      // 0x0f: total length, code, scope.
      if (limit - p < 14) return fault(FAULT_VALUE, p);
      const total = load<u32>(p);
      if (total < 14 || total > 0x7fffffff) return fault(FAULT_SCOPE, p);
      if (total > limit - p) return fault(FAULT_VALUE, p);
      const end = p + total;
      const code = checkString(p + 4, end);
      if (code != FAULT_NONE) return code;
      const scope = valueEnd;
      const frame = checkFrame(scope, end);
      if (frame != FAULT_NONE) return frame;
      if (valueEnd != end) return fault(FAULT_SCOPE, scope);
      return FAULT_NONE;
    }
  }
}

/** True when the C string at `p` is the decimal `index`. */
@inline
function isIndex(p: u32, index: u32): bool {
  const word = load<u16>(p);
  if (index < 10) return word == (<u16>index | 0x30);
  if ((word & 0xff) == 0x30) return false;
  let value: u64 = 0;
  for (let at = p; at < p + 10; at++) {
    const byte = <u32>load<u8>(at);
    if (byte == 0) return at > p && value == index;
    if (byte - 0x30 > 9) return false;
    value = value * 10 + (byte - 0x30);
  }
  return load<u8>(p + 10) == 0 && value == index;
}

/**
 * Checks the document of `length` bytes at `start`, whose bytes are all there. Returns FAULT_NONE or the first fault,
 * at {@link faultAt}. Sets {@link idStart}, {@link idEnd} and the array key counters.
 */
export function validate(start: u32, length: u32): u32 {
  idStart = 0;
  idEnd = 0;
  oddArrayKeys = 0;
  let code = checkFrame(start, start + length);
  if (code != FAULT_NONE) return code;
  if (valueEnd != start + length) return fault(FAULT_LENGTH, start);
  let p = start + 4;
  // The last byte of a document is its own terminator.
  let limit = valueEnd - 1;
  let index: i32 = -1;
  let depth: u32 = 0;
  while (true) {
    const type = <u32>load<u8>(p);
    if (type == 0) {
      if (p != limit) return fault(FAULT_EARLY_END, p);
      if (depth == 0) return FAULT_NONE;
      p++;
      depth--;
      const frame = STACK + (depth << 4);
      limit = load<u32>(frame);
      index = load<i32>(frame, 4);
      continue;
    }
    if (p >= limit) return fault(FAULT_TERMINATOR, limit);
    const size = <u32>load<u8>(SIZES + type);
    if (size == 254) return fault(FAULT_TYPE, p);
    const name = p + 1;
    const value = afterCString(name, limit);
    if (value == 0) return fault(FAULT_NAME, p);
    if (index >= 0) {
      if (!isIndex(name, <u32>index)) {
        if (oddArrayKeys++ == 0) oddArrayKeyAt = p;
      }
      index++;
    }
    if (size < SPECIAL) {
      if (limit - value < size) return fault(FAULT_VALUE, value);
      valueEnd = value + size;
    } else {
      code = checkSpecial(type, value, limit);
      if (code != FAULT_NONE) return code;
    }
    if (depth == 0 && idStart == 0 && load<u32>(name) == ID_NAME) {
      idStart = p;
      idEnd = valueEnd;
    }
    if (type == 0x03 || type == 0x04 || type == 0x0f) {
      if (depth == DEPTH_CAPACITY) return fault(FAULT_DEPTH, p);
      const frame = STACK + (depth << 4);
      store<u32>(frame, limit);
      store<i32>(frame, index, 4);
      depth++;
      let embedded = value;
      if (type == 0x0f) embedded = value + 8 + load<u32>(value, 4);
      index = type == 0x04 ? 0 : -1;
      limit = valueEnd - 1;
      p = embedded + 4;
    } else {
      p = valueEnd;
    }
  }
}

/** Looks only for the top-level `_id`; sets {@link idStart} and {@link idEnd}. Returns a fault when the way is blocked. */
export function findId(start: u32, length: u32): u32 {
  idStart = 0;
  idEnd = 0;
  const limit = start + length - 1;
  let p = start + 4;
  while (p < limit) {
    const type = <u32>load<u8>(p);
    const size = <u32>load<u8>(SIZES + type);
    if (size == 254) return fault(FAULT_TYPE, p);
    const name = p + 1;
    const value = afterCString(name, limit);
    if (value == 0) return fault(FAULT_NAME, p);
    if (size < SPECIAL) {
      if (limit - value < size) return fault(FAULT_VALUE, value);
      valueEnd = value + size;
    } else {
      const code = checkSpecial(type, value, limit);
      if (code != FAULT_NONE) return code;
    }
    if (load<u32>(name) == ID_NAME) {
      idStart = p;
      idEnd = valueEnd;
      return FAULT_NONE;
    }
    p = valueEnd;
  }
  return FAULT_NONE;
}
