/** The log of a process: JSON lines in the logs folder, without secrets. */
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { redactText, redactValue } from './redact';

interface LogMethod {
  (message: string): void;
  (fields: object, message: string): void;
}

/** Fields and texts are redacted on their way out; an Error may be given as `{ error }`. */
export interface Logger {
  debug: LogMethod;
  info: LogMethod;
  warn: LogMethod;
  error: LogMethod;
  /** A logger whose lines all carry `bindings`. */
  child(bindings: Record<string, unknown>): Logger;
}

const largestFile = 10 * 1024 * 1024;
const keptFiles = 3;

function rotate(file: string): void {
  try {
    if (!existsSync(file) || statSync(file).size <= largestFile) return;
    rmSync(`${file}.${keptFiles}`, { force: true });
    for (let number = keptFiles - 1; number >= 1; number--) {
      if (existsSync(`${file}.${number}`)) renameSync(`${file}.${number}`, `${file}.${number + 1}`);
    }
    renameSync(file, `${file}.1`);
  } catch {
    // Another process has it open (Windows) or rotated it first: the log goes on in the file that is there.
  }
}

export interface LoggerOptions {
  /** The logs folder; made when absent. */
  folder: string;
  /** Name of the file without `.log`: `window`, `cli`. */
  name: string;
  level?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/**
 * Appends to `<folder>/<name>.log`, each line written before the call returns, so that nothing is lost by a crash.
 * A file over 10 MB is renamed at start; three old ones are kept. A folder that cannot be written silences the log:
 * logging never stops the work.
 */
export function createLogger({ folder, name, level = 'info' }: LoggerOptions): Logger {
  const file = join(folder, `${name}.log`);
  let destination: ReturnType<typeof pino.destination>;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    rotate(file);
    destination = pino.destination({ dest: file, sync: true, append: true, mode: 0o600 });
  } catch {
    return createSilentLogger();
  }
  // A full disk makes the stream emit errors: without a listener they would end the process.
  destination.on('error', () => undefined);
  const root = pino(
    {
      level,
      base: { name, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: {},
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redactValue(fields) as Record<string, unknown>,
      },
      hooks: {
        logMethod(inputs, method) {
          const clean = inputs.map((input: unknown) => (typeof input === 'string' ? redactText(input) : input));
          method.apply(this, clean as Parameters<typeof method>);
        },
      },
    },
    destination,
  );
  return withChildren(root);
}

/** Pino writes the bindings of children as they are. */
function withChildren(logger: pino.Logger): Logger {
  return {
    debug: logger.debug.bind(logger),
    info: logger.info.bind(logger),
    warn: logger.warn.bind(logger),
    error: logger.error.bind(logger),
    child: (bindings) => withChildren(logger.child(redactValue(bindings) as Record<string, unknown>)),
  };
}

/** For tests and for callers that have no log. */
export function createSilentLogger(): Logger {
  const nothing = (): void => undefined;
  const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silent };
  return silent;
}
