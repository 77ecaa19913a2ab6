/** Pure formatting shared by window and command line. Numbers are English: the interface is. */

const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes in binary units, three significant digits: `1.20 GiB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return '–';
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < binaryUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  if (unit === 0) return `${Math.round(value)} B`;
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${binaryUnits[unit]}`;
}

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Whole numbers with thousands separators. */
export function formatCount(count: number): string {
  return grouped.format(count);
}

/** A dash where nobody told. */
export function formatCountIfKnown(count: number | null): string {
  return count === null ? '–' : formatCount(count);
}

/** `1 document`, `1,204 documents`. */
export function formatQuantity(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** Seconds as `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`, `4 d 2 h`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `0.4 ms`, `310 ms`, `1.2 s`, `18 min 32 s`. */
export function formatMilliseconds(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '–';
  if (ms < 10 && ms % 1 !== 0) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return formatDuration(ms / 1000);
}

/** How long ago, coarse: `just now`, `5 min ago`, `3 h ago`, `2 d ago`. */
export function formatAge(from: Date, now: Date): string {
  const seconds = Math.max(0, (now.getTime() - from.getTime()) / 1000);
  if (seconds < 45) return 'just now';
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86400)} d ago`;
}

// Terminal sequences: CSI (colours, cursor), OSC (titles, links) up to BEL or ST, and two-character escapes.
const escape = String.fromCharCode(0x1b);
const bell = String.fromCharCode(0x07);
const terminalSequences = new RegExp(
  `${escape}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${bell}${escape}]*(?:${bell}|${escape}\\\\)?|[@-Z\\\\^_])`,
  'g',
);
// All control characters but tab and newline, and the bidirectional marks that reorder what is read.
const controlCharacters = /(?![\t\n])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** For the output of tools, where they only dress the text: no terminal sequences, no control characters. */
export function stripControlCharacters(text: string): string {
  return text.replace(terminalSequences, '').replace(controlCharacters, '');
}

/** For data: each control character shows as U+FFFD, so that a value that holds some never looks like one without. */
export function maskControlCharacters(text: string): string {
  return text.replace(controlCharacters, '\ufffd');
}

/**
 * For JSON that a terminal may show: the control characters that JSON.stringify leaves as they are (DEL, C1 and the
 * bidirectional marks) become escapes. The document stays the same one.
 */
export function escapeControlCharacters(json: string): string {
  return json.replace(controlCharacters, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
