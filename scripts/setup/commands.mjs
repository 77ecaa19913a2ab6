/** Running other programs: argument arrays, no shell, a time limit, and the end of what they said when they fail. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * @typedef {object} CommandResult
 * @property {number | null} code null when it was ended by a signal or could not be started
 * @property {string} stdout
 * @property {string} stderr
 * @property {Error | null} failure why it could not be started or finished
 */

/**
 * @param {string} program
 * @param {readonly string[]} parameters
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {number} [options.timeoutMs]
 * @param {boolean} [options.diesWithUs] ends it even when we are killed: for what writes where our successor will
 * @returns {Promise<CommandResult>} never rejects
 */
export function run(program, parameters, { cwd, env = process.env, timeoutMs = 600_000, diesWithUs = false } = {}) {
  return new Promise((done) => {
    const guarded = diesWithUs ? endedWithUs(program, parameters, 'KILL') : { program, parameters };
    const child = spawn(guarded.program, guarded.parameters, {
      ...(cwd === undefined ? {} : { cwd }),
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let stdout = '';
    let stderr = '';
    /** @type {Error | null} */
    let failure = null;
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    const limit = setTimeout(() => {
      failure = new Error(`${program} did not finish in ${Math.round(timeoutMs / 1000)} s`);
      child.kill('SIGKILL');
    }, timeoutMs);
    // A child without us would go on writing into a folder that the next set-up takes for abandoned.
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    const finish = (/** @type {number | null} */ code) => {
      clearTimeout(limit);
      process.off('exit', end);
      done({ code, stdout, stderr, failure });
    };
    child.once('error', (error) => {
      failure = error;
      finish(null);
    });
    child.once('close', (code) => finish(code));
  });
}

/**
 * The same command such that Linux ends it when this process ends, however it ends; unchanged where that cannot be had.
 * @param {string} program
 * @param {readonly string[]} parameters
 * @param {'TERM' | 'KILL'} signal
 * @returns {{ program: string, parameters: string[] }}
 */
export function endedWithUs(program, parameters, signal) {
  const guard = process.platform === 'linux' ? findProgram('setpriv') : null;
  // A missing program must be reported by its own name, not as a failure of the guard.
  if (guard === null || (!program.includes('/') && findProgram(program) === null)) {
    return { program, parameters: [...parameters] };
  }
  return { program: guard, parameters: ['--pdeathsig', signal, program, ...parameters] };
}

/**
 * @param {string} name
 * @returns {string | null} its path, when it is on PATH and executable
 */
export function findProgram(name) {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return null;
}

/**
 * @param {CommandResult} result
 * @returns {string} one line that says why a command failed
 */
export function describeFailure(result) {
  if (result.failure !== null) return result.failure.message;
  const lines = `${result.stdout}\n${result.stderr}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const telling = lines.filter((line) => /error|no module|refused|cannot|failed/i.test(line)).at(-1) ?? lines.at(-1);
  return telling ?? `exit code ${result.code}`;
}

/**
 * The programs set-up starts are found by name here because Windows needs their whole file name.
 * @returns {{ program: string, before: string[] }} how to start npm
 */
export function npmCommand() {
  const script = process.env['npm_execpath'];
  if (script !== undefined && /npm-cli\.c?js$/.test(script)) return { program: process.execPath, before: [script] };
  // Node refuses to spawn .cmd files without a shell; `npm` itself takes no untrusted text here.
  if (process.platform === 'win32') return { program: 'cmd.exe', before: ['/d', '/s', '/c', 'npm.cmd'] };
  return { program: 'npm', before: [] };
}
