const two = (value: number) => String(value).padStart(2, '0');

/** `2026-11-20 23:30` in local time; `seconds` adds `:05`. */
export function formatLocal(date: Date, seconds = false): string {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}${seconds ? `:${two(date.getSeconds())}` : ''}`;
  return `${day} ${time}`;
}

/** `2026-11-20T23:30:05` in local time, as `datetime-local` fields take it. */
export function dateFieldText(time: number): string {
  return formatLocal(new Date(time), true).replace(' ', 'T');
}

/** `2026-11-20 23:30:05 UTC`. */
export function formatUtc(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Null where the text is no date. */
export function parseDate(text: string | null): Date | null {
  if (text === null) return null;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : date;
}
