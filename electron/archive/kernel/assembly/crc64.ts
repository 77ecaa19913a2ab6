// CRC-64/XZ (ECMA-182 polynomial, reflected, initial value and final XOR all ones), as mongodump's archives carry it.
// Slicing by 8; long runs are cut into three lanes computed side by side, because one lane waits for its own table
// look-ups most of the time. The lanes are joined by a linear map: "advance a register over LANE zero bytes".
import { CRC_SKIP_TABLES, CRC_TABLES } from './layout';

const POLYNOMIAL: u64 = 0xc96c5795d7870f42;
const LANE: u32 = 4096;

// Shift and scale in one step: (byte << 3) is (word >> (8k - 3)) & 0x7f8. The look-up count cannot be lowered, the
// arithmetic around it can, and it is what limits the speed.
@inline
function step8(crc: u64): u64 {
  const low = <u32>crc;
  const high = <u32>(crc >> 32);
  return (
    load<u64>(((low << 3) & 0x7f8), CRC_TABLES + 7 * 2048) ^
    load<u64>(((low >> 5) & 0x7f8), CRC_TABLES + 6 * 2048) ^
    (load<u64>(((low >> 13) & 0x7f8), CRC_TABLES + 5 * 2048) ^
      load<u64>(((low >> 21) & 0x7f8), CRC_TABLES + 4 * 2048)) ^
    (load<u64>(((high << 3) & 0x7f8), CRC_TABLES + 3 * 2048) ^
      load<u64>(((high >> 5) & 0x7f8), CRC_TABLES + 2 * 2048) ^
      (load<u64>(((high >> 13) & 0x7f8), CRC_TABLES + 1 * 2048) ^ load<u64>(((high >> 21) & 0x7f8), CRC_TABLES)))
  );
}

@inline
function skipLane(crc: u64): u64 {
  let result: u64 = 0;
  for (let i: u32 = 0; i < 8; i++) {
    result ^= load<u64>(CRC_SKIP_TABLES + i * 2048 + (<u32>((crc >> (i << 3)) & 0xff) << 3));
  }
  return result;
}

export function initializeCrc(): void {
  for (let i: u32 = 0; i < 256; i++) {
    let crc: u64 = i;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ POLYNOMIAL : crc >> 1;
    store<u64>(CRC_TABLES + (i << 3), crc);
  }
  for (let table: u32 = 1; table < 8; table++) {
    for (let i: u32 = 0; i < 256; i++) {
      const crc = load<u64>(CRC_TABLES + (table - 1) * 2048 + (i << 3));
      store<u64>(CRC_TABLES + table * 2048 + (i << 3), load<u64>(CRC_TABLES + (<u32>(crc & 0xff) << 3)) ^ (crc >> 8));
    }
  }
  for (let table: u32 = 0; table < 8; table++) {
    const base = CRC_SKIP_TABLES + table * 2048;
    for (let bit: u32 = 0; bit < 8; bit++) {
      let crc: u64 = (<u64>1) << (table * 8 + bit);
      for (let n: u32 = 0; n < LANE; n += 8) crc = step8(crc);
      store<u64>(base + ((1 << bit) << 3), crc);
    }
    store<u64>(base, 0);
    for (let i: u32 = 1; i < 256; i++) {
      const lowest = i & (0 - i);
      if (lowest != i) store<u64>(base + (i << 3), load<u64>(base + (lowest << 3)) ^ load<u64>(base + ((i ^ lowest) << 3)));
    }
  }
}

/** Advances the raw register (all ones at the start, inverted at the end) over `length` bytes at `start`. */
export function updateCrc(register: u64, start: u32, length: u32): u64 {
  let crc = register;
  let p = start;
  const end = start + length;
  while (end - p >= 3 * LANE) {
    let second: u64 = 0;
    let third: u64 = 0;
    const laneEnd = p + LANE;
    while (p < laneEnd) {
      crc = step8(crc ^ load<u64>(p));
      second = step8(second ^ load<u64>(p, LANE));
      third = step8(third ^ load<u64>(p, 2 * LANE));
      p += 8;
    }
    crc = skipLane(skipLane(crc) ^ second) ^ third;
    p += 2 * LANE;
  }
  while (end - p >= 8) {
    crc = step8(crc ^ load<u64>(p));
    p += 8;
  }
  while (p < end) {
    crc = load<u64>(CRC_TABLES + (<u32>((crc ^ load<u8>(p)) & 0xff) << 3)) ^ (crc >> 8);
    p++;
  }
  return crc;
}
