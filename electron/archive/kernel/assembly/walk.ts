// The walk over the documents of one archive block: frame, check, hash, sum, note positions.
import {
  BATCH_CAPACITY,
  FAULT_BYTES,
  FAULT_CAPACITY,
  FAULTS,
  INPUT,
  NO_ID,
  POSITION_BYTES,
  POSITIONS,
  RECORD_BYTES,
  RECORDS,
  RESULT,
} from './layout';
import { updateCrc } from './crc64';
import { hash128, hash64, lastHigh } from './xxh3';
import * as checker from './validate';
import * as state from './state';

/** Why the walk stopped. */
export const STOP_LIMIT: u32 = 0;
export const STOP_NEED_MORE: u32 = 1;
export const STOP_TERMINATOR: u32 = 2;
export const STOP_BATCH_FULL: u32 = 3;
export const STOP_BAD_LENGTH: u32 = 4;
export const STOP_TOO_LARGE: u32 = 5;
export const STOP_NO_TERMINATOR: u32 = 6;

/** Flags: validate every element; keep the CRC-64. */
const WALK_VALIDATE: u32 = 1;
const WALK_CHECKSUM: u32 = 2;

const TERMINATOR: u32 = 0xffffffff;
/** Hash and checksum while the bytes are still in the nearest cache. */
const CRC_STEP: u32 = 24 * 1024;

/** Fields of the result area. */
const RESULT_POSITION: u32 = RESULT;
const RESULT_COUNT: u32 = RESULT + 4;
const RESULT_NEEDED: u32 = RESULT + 8;
const RESULT_FAULTS: u32 = RESULT + 12;

@inline
function add(address: u32, value: u64): void {
  store<u64>(address, load<u64>(address) + value);
}

/**
 * Walks documents from `from` until an item border at or past `limit`, the terminator, the end of what is there
 * (`end`), a full batch or damage. Offsets are relative to the input area. Returns the reason; the result area holds
 * the offset reached, the number of documents, the bytes the next item needs, the number of faulty documents.
 */
export function walkDocuments(from: u32, end: u32, limit: u32, largest: u32, flags: u32): u32 {
  const full = (flags & WALK_VALIDATE) != 0;
  const checksum = (flags & WALK_CHECKSUM) != 0;
  const stopAt = INPUT + limit;
  const inputEnd = INPUT + end;
  let p = INPUT + from;
  let crcFrom = p;
  let crc = load<u64>(state.STATE_CRC);
  let count: u32 = 0;
  let faults: u32 = 0;
  let withoutId: u32 = 0;
  let oddArrays: u32 = 0;
  let needed: u32 = 0;
  let sumLow = load<u64>(state.STATE_SUM_LOW);
  let sumHigh = load<u64>(state.STATE_SUM_HIGH);
  let record = RECORDS;
  let position = POSITIONS;
  let reason = STOP_LIMIT;
  const begin = p;
  while (true) {
    if (p >= stopAt) break;
    if (inputEnd - p < 4) {
      reason = STOP_NEED_MORE;
      needed = 4;
      break;
    }
    const length = load<u32>(p);
    if (length == TERMINATOR) {
      reason = STOP_TERMINATOR;
      break;
    }
    if (length < 5 || length > 0x7fffffff) {
      reason = STOP_BAD_LENGTH;
      break;
    }
    if (length > largest) {
      reason = STOP_TOO_LARGE;
      break;
    }
    if (length > inputEnd - p) {
      reason = STOP_NEED_MORE;
      needed = length;
      break;
    }
    if (load<u8>(p + length - 1) != 0) {
      reason = STOP_NO_TERMINATOR;
      break;
    }
    if (count == BATCH_CAPACITY) {
      reason = STOP_BATCH_FULL;
      break;
    }
    const code = full ? checker.validate(p, length) : checker.findId(p, length);
    if (code != checker.FAULT_NONE) {
      if (faults < FAULT_CAPACITY) {
        const at = FAULTS + faults * FAULT_BYTES;
        store<u32>(at, p - INPUT);
        store<u32>(at, code, 4);
        store<u32>(at, checker.faultAt - INPUT, 8);
      }
      faults++;
    }
    if (full && checker.oddArrayKeys > 0) oddArrays++;
    const low = hash128(p, length);
    const high = lastHigh();
    if (checker.idStart != 0) {
      store<u64>(record, hash64(checker.idStart, checker.idEnd - checker.idStart));
      store<u32>(position, checker.idStart - INPUT, 4);
      store<u32>(position, checker.idEnd - INPUT, 8);
    } else {
      withoutId++;
      store<u64>(record, low);
      store<u32>(position, NO_ID, 4);
      store<u32>(position, NO_ID, 8);
    }
    store<u64>(record, low, 8);
    store<u64>(record, high, 16);
    store<u32>(position, p - INPUT);
    sumLow += low;
    sumHigh += high + (sumLow < low ? 1 : 0);
    record += RECORD_BYTES;
    position += POSITION_BYTES;
    count++;
    p += length;
    if (checksum && p - crcFrom >= CRC_STEP) {
      crc = updateCrc(crc, crcFrom, p - crcFrom);
      crcFrom = p;
    }
  }
  if (checksum) store<u64>(state.STATE_CRC, updateCrc(crc, crcFrom, p - crcFrom));
  store<u64>(state.STATE_SUM_LOW, sumLow);
  store<u64>(state.STATE_SUM_HIGH, sumHigh);
  add(state.STATE_DOCUMENTS, count);
  add(state.STATE_BYTES_READ, p - begin);
  add(state.STATE_WITHOUT_ID, withoutId);
  add(state.STATE_INVALID, faults);
  add(state.STATE_ODD_ARRAYS, oddArrays);
  store<u32>(RESULT_POSITION, p - INPUT);
  store<u32>(RESULT_COUNT, count);
  store<u32>(RESULT_NEEDED, needed);
  store<u32>(RESULT_FAULTS, faults);
  return reason;
}
