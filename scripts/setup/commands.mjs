/** Running other programs: argument arrays, no shell, a time limit, and the end of what they said when they fail. */
import { spawn } from 'node:child_process';

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
 * @param {'capture' | 'inherit'} [options.output] `inherit` sends both streams to our stderr
 * @returns {Promise<CommandResult>} never rejects
 */
export function run(program, parameters, { cwd, env = process.env, timeoutMs = 600_000, output = 'capture' } = {}) {
  return new Promise((done) => {
    const capture = output === 'capture';
    const child = spawn(program, parameters, {
      ...(cwd === undefined ? {} : { cwd }),
      env,
      stdio: ['ignore', capture ? 'pipe' : process.stderr, capture ? 'pipe' : process.stderr],
      windowsHide: true,
    });
    let stdout = '';
    let stderr = '';
    /** @type {Error | null} */
    let failure = null;
    child.stdout?.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text) => (stderr += text));
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
