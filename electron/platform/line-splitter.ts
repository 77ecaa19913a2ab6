/** Splits the output of tools into lines of clean text. */
import { StringDecoder } from 'node:string_decoder';
import { stripControlCharacters } from '../../shared/format';

const longestLine = 64 * 1024;

export interface LineSplitter {
  push(chunk: Uint8Array): void;
  /** Hands over what followed the last line end. */
  end(): void;
}

/**
 * Calls `onLine` for each line of UTF-8 text without its end (`\n`, `\r\n`, or the `\r` of progress bars), control
 * characters stripped; empty lines are left out, lines over 64 Ki characters are cut into several.
 */
export function createLineSplitter(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const emit = (line: string): void => {
    const clean = stripControlCharacters(line).trimEnd();
    if (clean !== '') onLine(clean);
  };
  const take = (text: string): void => {
    const lines = (rest + text).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    lines.forEach(emit);
    while (rest.length > longestLine) {
      emit(rest.slice(0, longestLine));
      rest = rest.slice(longestLine);
    }
  };
  return {
    push: (chunk) => take(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
    end: () => {
      take(decoder.end());
      emit(rest);
      rest = '';
    },
  };
}
