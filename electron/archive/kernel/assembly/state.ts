// Running totals of the namespace being walked: 64 bytes that the caller saves and restores when namespaces alternate.
import { STATE } from './layout';

/** CRC-64 register (not yet inverted). */
export const STATE_CRC: u32 = STATE;
export const STATE_DOCUMENTS: u32 = STATE + 8;
export const STATE_BYTES_READ: u32 = STATE + 16;
/** Sum of all document hashes modulo 2^128, lower half first. */
export const STATE_SUM_LOW: u32 = STATE + 24;
export const STATE_SUM_HIGH: u32 = STATE + 32;
export const STATE_WITHOUT_ID: u32 = STATE + 40;
export const STATE_INVALID: u32 = STATE + 48;
export const STATE_ODD_ARRAYS: u32 = STATE + 56;
