/** A virtual display for machines without one: an Xvfb that belongs to us and ends with us. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../setup/cache.mjs';
import { endedWithUs } from '../setup/commands.mjs';
import { hasDisplay } from '../setup/system-libraries.mjs';
import { endChild, spawnOwned } from './owned-child.mjs';

const folderPrefix = 'lifeboat-display-';
const startLimitMs = 15_000;

/**
 * @typedef {object} Display
 * @property {Record<string, string>} environment what a program needs to draw on it; empty when there was one already
 * @property {() => Promise<void>} end
 */

/**
 * @param {Record<string, string | undefined>} [environment]
 * @returns {Promise<Display>}
 */
export async function provideDisplay(environment = process.env) {
  if (hasDisplay(environment)) return { environment: {}, end: async () => {} };
  await removeAbandoned();
  const folder = await mkdtemp(join(tmpdir(), `${folderPrefix}${process.pid}-`));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  const authority = join(folder, 'authority');
  await writeFile(authority, authorityFile(), { mode: 0o600 });
  const parameters = [
    '-displayfd',
    '3',
    '-screen',
    '0',
    '2048x1280x24',
    '-nolisten',
    'tcp',
    '-noreset',
    '-auth',
    authority,
  ];
  const guarded = endedWithUs('Xvfb', parameters, 'TERM');
  const child = spawnOwned(guarded.program, guarded.parameters, {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const end = async () => {
    await endChild(child);
    removeFolder();
    process.off('exit', removeFolder);
  };
  try {
    const number = await displayNumber(child);
    return { environment: { DISPLAY: `:${number}`, XAUTHORITY: authority }, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Removes the folders of those who were killed before they could do it. */
async function removeAbandoned() {
  for (const entry of await readdir(tmpdir())) {
    const owner = new RegExp(`^${folderPrefix}(\\d+)-`).exec(entry)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    await rm(join(tmpdir(), entry), { recursive: true, force: true }).catch(() => {});
  }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
function displayNumber(child) {
  return new Promise((done, fail) => {
    let said = '';
    let number = '';
    const limit = setTimeout(() => fail(new Error(`Xvfb is not ready after ${startLimitMs / 1000} s`)), startLimitMs);
    child.stderr?.on('data', (text) => (said += text));
    child.stdio[3]?.on('data', (text) => {
      number += text;
      if (!number.includes('\n')) return;
      clearTimeout(limit);
      done(Number.parseInt(number, 10));
    });
    child.once('error', fail);
    child.once('exit', (code) => {
      clearTimeout(limit);
      fail(new Error(`Xvfb ended with exit code ${code}: ${said.trim().split('\n').at(-1)}`));
    });
  });
}

/**
 * One entry in the format of .Xauthority: family (any host), address, display number (any), name, key; each but the first
 * preceded by its length, all numbers 16 bits big-endian.
 * @returns {Buffer}
 */
function authorityFile() {
  const fields = [Buffer.alloc(0), Buffer.alloc(0), Buffer.from('MIT-MAGIC-COOKIE-1'), randomBytes(16)];
  const anyHost = Buffer.from([0xff, 0xff]);
  return Buffer.concat([
    anyHost,
    ...fields.flatMap((field) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(field.length);
      return [length, field];
    }),
  ]);
}
