import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a program to its end, which is also ours. Throws unless it ends with 0. @param {string} program @param {string[]} parameters */
export async function runProgram(program, parameters) {
  const child = spawn(program, parameters, { stdio: 'ignore' });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  try {
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`${program} ended with ${code}`);
  } finally {
    process.off('exit', end);
  }
}
