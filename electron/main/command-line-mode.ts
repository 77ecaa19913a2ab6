/**
 * The command line inside the main process, without a window: for packages whose Electron may not run as plain Node (macOS,
 * where that would open Lifeboat's keychain items to every program). There `resources/bin/lifeboat` starts the application with
 * `--lifeboat-cli -- <arguments>`.
 */
import { createRequire } from 'node:module';
import { app } from 'electron';

const mark = '--lifeboat-cli';

/** The arguments of the command line, or null when a window is wanted. Chromium parses nothing behind the `--`. */
export function commandLineArguments(argv: readonly string[]): string[] | null {
  const at = argv.indexOf(mark);
  if (at === -1 || argv[at + 1] !== '--') return null;
  return argv.slice(at + 2);
}

/**
 * Runs the bundle of electron/cli/index.ts and ends the application with its exit code. Must be called before anything else
 * is set up: no window, no lock on the only window.
 * @param bundle absolute path of `cli.cjs`, unpacked (not inside an asar)
 */
export async function runCommandLine(bundle: string, parameters: readonly string[]): Promise<void> {
  app.dock?.hide();
  process.argv = [process.execPath, bundle, ...parameters];
  try {
    const commandLine = createRequire(bundle)(bundle) as { finished: Promise<void> };
    await commandLine.finished;
    app.exit(Number(process.exitCode ?? 0));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    app.exit(1);
  }
}
