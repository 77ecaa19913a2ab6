/**
 * `npm start`: set-up, build, and the window. `--screenshot FILE` waits for the first data, writes a PNG of the window, and
 * ends.
 */
import { existsSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { provideDisplay } from './children/display.mjs';
import { endChild, exitCodeOf, spawnOwned } from './children/owned-child.mjs';
import { setUp } from './setup.mjs';
import { runtimeEnvironment } from './setup/resolve-runtime.mjs';
import { sandboxAdvice } from './setup/system-libraries.mjs';

const readyMark = 'LIFEBOAT_READY ';
const screenshotLimitMs = 180_000;

/** What Chromium logs on machines without a desktop session; shown only when the start fails. */
const chromiumLine = /^\[\d+:\d{4}\/\d{6}\.\d+:(ERROR|WARNING|INFO|VERBOSE\d*):/;

/** @returns {Promise<number>} the exit code */
async function start() {
  const { values } = parseArgs({ options: { screenshot: { type: 'string' } } });
  const screenshot = values.screenshot === undefined ? null : resolve(values.screenshot);
  const runtime = await setUp();
  const application = await build();
  const electron = /** @type {string} */ (runtime.electron);
  refuseBrokenSandbox(electron);
  const display = await provideDisplay();
  try {
    return await runWindow(electron, application, display.environment, screenshot);
  } finally {
    await display.end();
  }
}

/**
 * @param {string} electron
 * @param {string} application
 * @param {Record<string, string>} displayEnvironment
 * @param {string | null} screenshot
 * @returns {Promise<number>}
 */
async function runWindow(electron, application, displayEnvironment, screenshot) {
  if (screenshot !== null) rmSync(screenshot, { force: true });
  const launched = Date.now();
  const child = spawnOwned(electron, [...electronSwitches(), application], {
    env: {
      ...process.env,
      ...displayEnvironment,
      ...runtimeEnvironment(),
      LIFEBOAT_ANNOUNCE_READY: '1',
      ...(screenshot === null ? {} : { LIFEBOAT_SCREENSHOT: screenshot }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let ready = false;
  linesOf(child.stdout, (line) => {
    if (!line.startsWith(readyMark)) {
      console.log(line);
      return;
    }
    if (ready) return;
    ready = true;
    console.log(`Lifeboat window showed its first data after ${((Date.now() - launched) / 1000).toFixed(1)} s`);
  });
  /** @type {string[]} */
  const chatter = [];
  linesOf(child.stderr, (line) => {
    if (chromiumLine.test(line)) chatter.push(line);
    else process.stderr.write(`${line}\n`);
  });
  let late = false;
  const limit =
    screenshot === null
      ? null
      : setTimeout(() => {
          late = true;
          void endChild(child);
        }, screenshotLimitMs);
  const code = await exitCodeOf(child);
  if (limit !== null) clearTimeout(limit);
  if (late) process.stderr.write(`No data in the window after ${screenshotLimitMs / 1000} s.\n`);
  if (code !== 0 || late) {
    for (const line of chatter.slice(-20)) process.stderr.write(`${line}\n`);
    return code === 0 ? 1 : code;
  }
  if (screenshot === null) return 0;
  if (!existsSync(screenshot)) {
    process.stderr.write(`The window closed without writing ${screenshot}.\n`);
    return 1;
  }
  console.log(`Screenshot: ${screenshot}`);
  return 0;
}

/**
 * Chromium refuses to run its sandbox as root; everybody else keeps it.
 * @returns {string[]}
 */
function electronSwitches() {
  return process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}

/** @param {string} electron */
function refuseBrokenSandbox(electron) {
  const advice = sandboxAdvice(electron);
  if (advice === null) return;
  const helper = statSync(join(dirname(electron), 'chrome-sandbox'), { throwIfNoEntry: false });
  if (helper !== undefined && helper.uid === 0 && (helper.mode & 0o4000) !== 0) return;
  throw new Error(
    `This system keeps Chromium's sandbox from working. Type this once, then start again:\n\n  ${advice}\n`,
  );
}

/**
 * @param {NodeJS.ReadableStream | null} stream
 * @param {(line: string) => void} take
 */
function linesOf(stream, take) {
  if (stream !== null) createInterface({ input: stream, crlfDelay: Infinity }).on('line', take);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = await start();
  } catch (error) {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
