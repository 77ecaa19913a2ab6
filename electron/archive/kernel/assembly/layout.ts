// Where everything lives in linear memory. Nothing is allocated at run time.

/** Documents described by one batch at most. */
export const BATCH_CAPACITY: u32 = 16384;
/** idHash (8) and documentHash (16). */
export const RECORD_BYTES: u32 = 24;
/** Start of the document, of its `_id` element and end of it, each a u32 relative to the input area. */
export const POSITION_BYTES: u32 = 12;
/** Position value for "this document has no `_id`". */
export const NO_ID: u32 = 0xffffffff;
/** Damaged documents described by one batch at most; further ones are only counted. */
export const FAULT_CAPACITY: u32 = 64;
/** Document start, code, offset of the fault: each a u32, the first and last relative to the input area. */
export const FAULT_BYTES: u32 = 12;
/** Deepest nesting followed. Servers store at most 200 levels. */
export const DEPTH_CAPACITY: u32 = 1024;

// memory.data() makes compile-time addresses, which the inner loops need: a computed global costs a load each time.

/** CRC-64 slicing tables (8 × 256 × 8 bytes), then as many again for skipping a lane. */
export const CRC_TABLES: u32 = <u32>memory.data(8 * 256 * 8, 16);
export const CRC_SKIP_TABLES: u32 = <u32>memory.data(8 * 256 * 8, 16);
/** Running totals of the namespace being walked, see state.ts. */
export const STATE: u32 = <u32>memory.data(64, 16);
/** What the last call found, see walk.ts. */
export const RESULT: u32 = <u32>memory.data(64, 16);
/** Ends of the enclosing documents during validation: 16 bytes a level. */
export const STACK: u32 = <u32>memory.data(1024 * 16, 16);
export const RECORDS: u32 = <u32>memory.data(16384 * 24, 16);
export const POSITIONS: u32 = <u32>memory.data(16384 * 12, 16);
export const FAULTS: u32 = <u32>memory.data(64 * 12, 16);
/** Last, so that it alone grows. Reads may run up to 16 bytes past the end of the input, hence the slack behind it. */
export const INPUT: u32 = (<u32>__heap_base + 4095) & ~4095;

/** Makes room for `bytes` of input. Returns false when the memory cannot grow that far. */
export function ensureInput(bytes: u32): bool {
  const pages: u64 = (<u64>INPUT + <u64>bytes + 64 + 65535) >> 16;
  const missing: i64 = <i64>pages - <i64>memory.size();
  if (missing <= 0) return true;
  if (pages > 65535) return false;
  return memory.grow(<i32>missing) >= 0;
}
