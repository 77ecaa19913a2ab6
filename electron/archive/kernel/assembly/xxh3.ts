// XXH3, 64 and 128 bits, seed 0, default secret: written from the algorithm's public description (xxHash, "XXH3
// Algorithm Description"). Chosen because 128 good bits cost less than reading the bytes twice, and because every
// language has a library for it, so that a digest can be checked without Lifeboat.

const PRIME32_1: u64 = 0x9e3779b1;
const PRIME32_2: u64 = 0x85ebca77;
const PRIME32_3: u64 = 0xc2b2ae3d;
const PRIME64_1: u64 = 0x9e3779b185ebca87;
const PRIME64_2: u64 = 0xc2b2ae3d27d4eb4f;
const PRIME64_3: u64 = 0x165667b19e3779f9;
const PRIME64_4: u64 = 0x85ebca77c2b2ae63;
const PRIME64_5: u64 = 0x27d4eb2f165667c5;
const PRIME_MX1: u64 = 0x165667919e3779f9;
const PRIME_MX2: u64 = 0x9fb21c651e98df25;

const SECRET_BYTES: u32 = 192;
const STRIPE: u32 = 64;
const STRIPES_PER_BLOCK: u32 = (SECRET_BYTES - STRIPE) / 8;

const SECRET: u32 = <u32>memory.data<u8>([
  0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c, 0xde, 0xd4, 0x6d, 0xe9,
  0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f, 0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78,
  0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21, 0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6,
  0x81, 0x3a, 0x26, 0x4c, 0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
  0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8, 0xa8, 0xfa, 0x76, 0x3f,
  0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d, 0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31,
  0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64, 0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff,
  0xfa, 0x13, 0x63, 0xeb, 0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
  0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce, 0x45, 0xcb, 0x3a, 0x8f,
  0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
], 16);

/** Upper half of the last 128-bit result; the lower half is the return value. */
let high128: u64 = 0;

@inline
export function lastHigh(): u64 {
  return high128;
}

@inline
function secret64(offset: u32): u64 {
  return load<u64>(SECRET + offset);
}

@inline
function multiplyHigh(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const lowLow = aLow * bLow;
  const highLow = aHigh * bLow;
  const cross = (lowLow >> 32) + (highLow & 0xffffffff) + aLow * bHigh;
  return (highLow >> 32) + (cross >> 32) + aHigh * bHigh;
}

@inline
function multiplyFold(a: u64, b: u64): u64 {
  return (a * b) ^ multiplyHigh(a, b);
}

@inline
function avalanche(value: u64): u64 {
  let x = value;
  x ^= x >> 37;
  x *= PRIME_MX1;
  return x ^ (x >> 32);
}

@inline
function avalancheXxh64(value: u64): u64 {
  let x = value;
  x ^= x >> 33;
  x *= PRIME64_2;
  x ^= x >> 29;
  x *= PRIME64_3;
  return x ^ (x >> 32);
}

@inline
function mix(data: u32, secretOffset: u32): u64 {
  return multiplyFold(load<u64>(data) ^ secret64(secretOffset), load<u64>(data, 8) ^ secret64(secretOffset + 8));
}

function hash64Short(p: u32, length: u32): u64 {
  if (length > 8) {
    const low = secret64(24) ^ secret64(32) ^ load<u64>(p);
    const high = secret64(40) ^ secret64(48) ^ load<u64>(p + length - 8);
    return avalanche(<u64>length + bswap<u64>(low) + high + multiplyFold(low, high));
  }
  if (length >= 4) {
    const combined = <u64>load<u32>(p + length - 4) | (<u64>load<u32>(p) << 32);
    let value = secret64(8) ^ secret64(16) ^ combined;
    value = value ^ rotl<u64>(value, 49) ^ rotl<u64>(value, 24);
    value *= PRIME_MX2;
    value ^= (value >> 35) + <u64>length;
    value *= PRIME_MX2;
    return value ^ (value >> 28);
  }
  if (length > 0) return avalancheXxh64(<u64>(load<u32>(SECRET) ^ load<u32>(SECRET, 4)) ^ <u64>combine1to3(p, length));
  return avalancheXxh64(secret64(56) ^ secret64(64));
}

@inline
function combine1to3(p: u32, length: u32): u32 {
  return (
    <u32>load<u8>(p + length - 1) | (length << 8) | (<u32>load<u8>(p) << 16) | (<u32>load<u8>(p + (length >> 1)) << 24)
  );
}

/** XXH3-64 of `length` bytes at `p`. */
export function hash64(p: u32, length: u32): u64 {
  if (length <= 16) return hash64Short(p, length);
  let accumulator = <u64>length * PRIME64_1;
  if (length <= 128) {
    for (let i: i32 = <i32>((length - 1) >> 5); i >= 0; i--) {
      accumulator += mix(p + (i << 4), i << 5) + mix(p + length - (i << 4) - 16, (i << 5) + 16);
    }
    return avalanche(accumulator);
  }
  if (length <= 240) {
    const chunks = length >> 4;
    for (let i: u32 = 0; i < 8; i++) accumulator += mix(p + (i << 4), i << 4);
    accumulator = avalanche(accumulator);
    for (let i: u32 = 8; i < chunks; i++) accumulator += mix(p + (i << 4), ((i - 8) << 4) + 3);
    return avalanche(accumulator + mix(p + length - 16, 119));
  }
  return hashLong(p, length, false);
}

function hash128Short(p: u32, length: u32): u64 {
  if (length > 8) {
    const last = load<u64>(p + length - 8);
    const first = secret64(32) ^ secret64(40) ^ load<u64>(p) ^ last;
    const second = secret64(48) ^ secret64(56) ^ last;
    let low = first * PRIME64_1 + (<u64>(length - 1) << 54);
    let high = multiplyHigh(first, PRIME64_1) + second + (second & 0xffffffff) * (PRIME32_2 - 1);
    low ^= bswap<u64>(high);
    high = multiplyHigh(low, PRIME64_2) + high * PRIME64_2;
    low *= PRIME64_2;
    high128 = avalanche(high);
    return avalanche(low);
  }
  if (length >= 4) {
    const value = secret64(16) ^ secret64(24) ^ (<u64>load<u32>(p) | (<u64>load<u32>(p + length - 4) << 32));
    const factor = PRIME64_1 + (<u64>length << 2);
    let low = value * factor;
    const high = multiplyHigh(value, factor) + (low << 1);
    low ^= high >> 3;
    low ^= low >> 35;
    low *= PRIME_MX2;
    low ^= low >> 28;
    high128 = avalanche(high);
    return low;
  }
  if (length > 0) {
    const combined = combine1to3(p, length);
    const swapped = rotl<u32>(bswap<u32>(combined), 13);
    high128 = avalancheXxh64(<u64>(load<u32>(SECRET, 8) ^ load<u32>(SECRET, 12)) ^ <u64>swapped);
    return avalancheXxh64(<u64>(load<u32>(SECRET) ^ load<u32>(SECRET, 4)) ^ <u64>combined);
  }
  high128 = avalancheXxh64(secret64(80) ^ secret64(88));
  return avalancheXxh64(secret64(64) ^ secret64(72));
}

function hash128Medium(p: u32, length: u32): u64 {
  let a = <u64>length * PRIME64_1;
  let b: u64 = 0;
  if (length <= 128) {
    for (let i: i32 = <i32>((length - 1) >> 5); i >= 0; i--) {
      const start = p + (i << 4);
      const end = p + length - (i << 4) - 16;
      a = (a + mix(start, i << 5)) ^ (load<u64>(end) + load<u64>(end, 8));
      b = (b + mix(end, (i << 5) + 16)) ^ (load<u64>(start) + load<u64>(start, 8));
    }
  } else {
    const chunks = length >> 5;
    for (let i: u32 = 0; i < chunks; i++) {
      const first = p + (i << 5);
      const second = first + 16;
      const secretOffset = i < 4 ? i << 5 : ((i - 4) << 5) + 3;
      a = (a + mix(first, secretOffset)) ^ (load<u64>(second) + load<u64>(second, 8));
      b = (b + mix(second, secretOffset + 16)) ^ (load<u64>(first) + load<u64>(first, 8));
      if (i == 3) {
        a = avalanche(a);
        b = avalanche(b);
      }
    }
    const last = p + length - 16;
    const beforeLast = last - 16;
    a = (a + mix(last, 103)) ^ (load<u64>(beforeLast) + load<u64>(beforeLast, 8));
    b = (b + mix(beforeLast, 119)) ^ (load<u64>(last) + load<u64>(last, 8));
  }
  high128 = 0 - avalanche(a * PRIME64_1 + b * PRIME64_4 + <u64>length * PRIME64_2);
  return avalanche(a + b);
}

/** XXH3-128 of `length` bytes at `p`: returns the lower half, {@link lastHigh} gives the upper. */
export function hash128(p: u32, length: u32): u64 {
  if (length <= 16) return hash128Short(p, length);
  if (length <= 240) return hash128Medium(p, length);
  return hashLong(p, length, true);
}

@inline
function products(a: v128, b: v128, upper: bool): v128 {
  const lows = v128.shuffle<u32>(a, b, 0, 2, 4, 6);
  const highs = v128.shuffle<u32>(a, b, 1, 3, 5, 7);
  return upper ? i64x2.extmul_high_i32x4_u(lows, highs) : i64x2.extmul_low_i32x4_u(lows, highs);
}

@inline
function merge(accumulator: v128, secretOffset: u32): u64 {
  const keyed = v128.xor(accumulator, v128.load(SECRET + secretOffset));
  return multiplyFold(i64x2.extract_lane(keyed, 0), i64x2.extract_lane(keyed, 1));
}

@inline
function scramble(accumulator: v128, secretOffset: u32): v128 {
  const mixed = v128.xor(v128.xor(accumulator, i64x2.shr_u(accumulator, 47)), v128.load(SECRET + secretOffset));
  return i64x2.mul(mixed, i64x2.splat(PRIME32_1));
}

function hashLong(p: u32, length: u32, wide: bool): u64 {
  let a0 = i64x2(PRIME32_3, PRIME64_1);
  let a1 = i64x2(PRIME64_2, PRIME64_3);
  let a2 = i64x2(PRIME64_4, PRIME32_2);
  let a3 = i64x2(PRIME64_5, PRIME32_1);
  const stripes = (length - 1) >> 6;
  const lastStripe = p + length - STRIPE;
  let data = p;
  let inBlock: u32 = 0;
  for (let n: u32 = 0; n <= stripes; n++) {
    let secretAt = SECRET + (inBlock << 3);
    if (n == stripes) {
      data = lastStripe;
      secretAt = SECRET + SECRET_BYTES - 71;
    }
    const d0 = v128.load(data);
    const d1 = v128.load(data, 16);
    const d2 = v128.load(data, 32);
    const d3 = v128.load(data, 48);
    const k0 = v128.xor(d0, v128.load(secretAt));
    const k1 = v128.xor(d1, v128.load(secretAt, 16));
    const k2 = v128.xor(d2, v128.load(secretAt, 32));
    const k3 = v128.xor(d3, v128.load(secretAt, 48));
    a0 = i64x2.add(i64x2.add(a0, v128.shuffle<u64>(d0, d0, 1, 0)), products(k0, k1, false));
    a1 = i64x2.add(i64x2.add(a1, v128.shuffle<u64>(d1, d1, 1, 0)), products(k0, k1, true));
    a2 = i64x2.add(i64x2.add(a2, v128.shuffle<u64>(d2, d2, 1, 0)), products(k2, k3, false));
    a3 = i64x2.add(i64x2.add(a3, v128.shuffle<u64>(d3, d3, 1, 0)), products(k2, k3, true));
    data += STRIPE;
    // A full block is scrambled only when more than its last stripe follows it.
    if (++inBlock == STRIPES_PER_BLOCK && n < stripes) {
      inBlock = 0;
      a0 = scramble(a0, SECRET_BYTES - 64);
      a1 = scramble(a1, SECRET_BYTES - 48);
      a2 = scramble(a2, SECRET_BYTES - 32);
      a3 = scramble(a3, SECRET_BYTES - 16);
    }
  }
  const start = <u64>length * PRIME64_1;
  const low = start + merge(a0, 11) + merge(a1, 27) + merge(a2, 43) + merge(a3, 59);
  if (wide) {
    const from = SECRET_BYTES - 75;
    const highStart = ~(<u64>length * PRIME64_2);
    const high = highStart + merge(a0, from) + merge(a1, from + 16) + merge(a2, from + 32) + merge(a3, from + 48);
    high128 = avalanche(high);
  }
  return avalanche(low);
}
