/**
 * Long-running children that never outlive us: each gets a process group of its own, is ended by its id, politely first, and
 * with it everything it started that stayed in the group.
 */
import { spawn } from 'node:child_process';

const grouped = process.platform !== 'win32';
const graceMs = 10_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const living = new Set();
let handling = false;

/**
 * @param {string} program
 * @param {readonly string[]} parameters
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {import('node:child_process').ChildProcess}
 */
export function spawnOwned(program, parameters, options) {
  handleSignals();
  const child = spawn(program, parameters, { windowsHide: true, ...options, detached: grouped });
  living.add(child);
  const forget = () => living.delete(child);
  child.once('exit', forget);
  child.once('error', forget);
  return child;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} [signal] what is tried first
 * @returns {Promise<void>} when it has ended
 */
export async function endChild(child, signal = 'SIGTERM') {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  sendSignal(child, signal);
  const limit = setTimeout(() => sendSignal(child, 'SIGKILL'), graceMs);
  await ended;
  clearTimeout(limit);
  // What the child left in its group (a mongod of an interrupted test) goes with it.
  sendSignal(child, 'SIGKILL');
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>} its exit code, 128 + n when signal n ended it, 127 when it could not be started
 */
export function exitCodeOf(child) {
  return new Promise((done) => {
    child.once('error', (error) => {
      process.stderr.write(`${error.message}\n`);
      done(127);
    });
    child.once('close', (code, signal) => done(code ?? 128 + signalNumber(signal)));
  });
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function sendSignal(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(grouped ? -child.pid : child.pid, signal);
  } catch {
    // It has gone already.
  }
}

/**
 * @param {NodeJS.Signals | null} signal
 * @returns {number}
 */
function signalNumber(signal) {
  return { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[String(signal)] ?? 1;
}

function handleSignals() {
  if (handling) return;
  handling = true;
  let interrupted = false;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      const first = !interrupted;
      interrupted = true;
      const ends = [...living].reverse().map((child) => endChild(child, first ? signal : 'SIGKILL'));
      Promise.all(ends).then(() => process.exit(128 + signalNumber(signal)));
    });
  }
  process.on('exit', () => {
    for (const child of living) sendSignal(child, 'SIGKILL');
  });
}
