// What the TypeScript side sees (kernel/bson-kernel.ts). All offsets are relative to the input area.
import * as layout from './layout';
import { initializeCrc, updateCrc } from './crc64';
import { hash128, hash64, lastHigh } from './xxh3';
import * as checker from './validate';
import { walkDocuments } from './walk';

export { ensureInput } from './layout';
export { walkDocuments } from './walk';

export function initialize(): void {
  initializeCrc();
  checker.initializeSizes();
}

export function inputAddress(): u32 {
  return layout.INPUT;
}
export function recordsAddress(): u32 {
  return layout.RECORDS;
}
export function positionsAddress(): u32 {
  return layout.POSITIONS;
}
export function faultsAddress(): u32 {
  return layout.FAULTS;
}
export function stateAddress(): u32 {
  return layout.STATE;
}
export function resultAddress(): u32 {
  return layout.RESULT;
}

/** Result area: fault offset, `_id` start and end (0xffffffff: none), odd array keys, offset of the first of them. */
export function validateDocument(start: u32, length: u32): u32 {
  const code = checker.validate(layout.INPUT + start, length);
  store<u32>(layout.RESULT, code == checker.FAULT_NONE ? 0 : checker.faultAt - layout.INPUT);
  store<u32>(layout.RESULT + 4, checker.idStart == 0 ? layout.NO_ID : checker.idStart - layout.INPUT);
  store<u32>(layout.RESULT + 8, checker.idStart == 0 ? layout.NO_ID : checker.idEnd - layout.INPUT);
  store<u32>(layout.RESULT + 12, checker.oddArrayKeys);
  store<u32>(layout.RESULT + 16, checker.oddArrayKeys == 0 ? 0 : checker.oddArrayKeyAt - layout.INPUT);
  return code;
}

/** XXH3-64 into the result area (8 bytes, little-endian). */
export function hashElement(start: u32, length: u32): void {
  store<u64>(layout.RESULT, hash64(layout.INPUT + start, length));
}

/** XXH3-128 into the result area (16 bytes, lower half first, little-endian). */
export function hashDocument(start: u32, length: u32): void {
  store<u64>(layout.RESULT, hash128(layout.INPUT + start, length));
  store<u64>(layout.RESULT + 8, lastHigh());
}

/** Advances the CRC register in the first 8 bytes of the result area over input bytes. */
export function checksumInput(start: u32, length: u32): void {
  store<u64>(layout.RESULT, updateCrc(load<u64>(layout.RESULT), layout.INPUT + start, length));
}

/** The same over the first `length` bytes of the records area. */
export function checksumRecords(length: u32): void {
  store<u64>(layout.RESULT, updateCrc(load<u64>(layout.RESULT), layout.RECORDS, length));
}
