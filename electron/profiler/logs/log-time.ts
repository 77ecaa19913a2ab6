/** Times of log lines: ISO 8601 with an offset (`Z`, `-04:00`, `+0000`), and the form before 2.6. */

const none = Number.NaN;
let dayKey = -1;
let dayStart = 0;

function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) {
    const digit = (bytes[index] ?? 0) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * Milliseconds since 1970 of the time that begins at `at`: `2023-09-23T16:24:35.756-04:00`, with or without a colon in the
 * offset. NaN when there is none.
 */
export function parseLogTime(bytes: Uint8Array, at: number): number {
  if (bytes[at + 4] !== 45 || bytes[at + 10] !== 84 || bytes[at + 19] !== 46) return none;
  const year = digits(bytes, at, 4);
  const month = digits(bytes, at + 5, 2);
  const day = digits(bytes, at + 8, 2);
  const hour = digits(bytes, at + 11, 2);
  const minute = digits(bytes, at + 14, 2);
  const second = digits(bytes, at + 17, 2);
  const milliseconds = digits(bytes, at + 20, 3);
  if (year < 0 || month < 1 || month > 12 || day < 1 || hour < 0 || minute < 0 || second < 0 || milliseconds < 0)
    return none;
  const key = (year * 12 + month) * 31 + day;
  if (key !== dayKey) {
    dayKey = key;
    dayStart = Date.UTC(year, month - 1, day);
  }
  const local = dayStart + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds;
  const sign = bytes[at + 23];
  if (sign !== 43 && sign !== 45) return local;
  const offsetHour = digits(bytes, at + 24, 2);
  const colon = bytes[at + 26] === 58 ? 1 : 0;
  const offsetMinute = digits(bytes, at + 26 + colon, 2);
  if (offsetHour < 0 || offsetMinute < 0) return none;
  const offset = (offsetHour * 60 + offsetMinute) * 60_000;
  return sign === 43 ? local - offset : local + offset;
}
