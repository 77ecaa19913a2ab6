/**
 * Downloads that survive an interruption: what arrived stays in `<target>.part` and the next attempt, in this process or a
 * later one, asks only for the rest. Nothing gets its final name before its SHA-256 was compared.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { proxyConnection } from './http-proxy.mjs';

/** A source that cannot be used at all from here: no retry will help, the next source may. */
export class SourceRefused extends Error {
  /** @override */
  name = 'SourceRefused';
}

/** What arrived is not what was announced. It has been deleted. */
export class ChecksumMismatch extends Error {
  /** @override */
  name = 'ChecksumMismatch';
}

/** The connection broke after it had been answered; asking again may help. */
class Interrupted extends Error {}

const connectTimeoutMs = 6_000;
const idleTimeoutMs = 30_000;
const redirectLimit = 5;

/**
 * @param {string} url
 * @param {string} target absolute path the file gets once it is whole and checked
 * @param {object} [options]
 * @param {string} [options.sha256] hexadecimal; without it the caller has to check
 * @param {number} [options.attempts] how often a broken transfer is taken up again without any progress in between
 * @param {number} [options.pauseMs] wait before taking up a broken transfer
 * @returns {Promise<{ sha256: string }>}
 * @throws {SourceRefused} when there is no answer, or an answer other than the file
 * @throws {ChecksumMismatch}
 */
export async function download(url, target, { sha256, attempts = 4, pauseMs = 1_000 } = {}) {
  await mkdir(dirname(target), { recursive: true });
  let failures = 0;
  let resumedAny = false;
  for (;;) {
    const before = await partialSize(target);
    try {
      const { resumed } = await transfer(url, target);
      resumedAny ||= resumed;
      const actual = await sha256OfFile(`${target}.part`);
      if (sha256 === undefined || actual === sha256.toLowerCase()) {
        await rename(`${target}.part`, target);
        await rm(`${target}.part.json`, { force: true });
        return { sha256: actual };
      }
      await discardPartial(target);
      // A partial file from an earlier run may be of a different upload: one clean attempt decides.
      if (!resumedAny) throw new ChecksumMismatch(`${url}: SHA-256 is ${actual}, expected ${sha256}`);
      resumedAny = false;
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      resumedAny = true;
      failures = (await partialSize(target)) > before ? 1 : failures + 1;
      if (failures >= attempts) throw new SourceRefused(`${url}: ${error.message}`, { cause: error });
      await sleep(pauseMs);
    }
  }
}

/**
 * @param {string} url of a small text, at most 8 MiB
 * @returns {Promise<string>}
 * @throws {SourceRefused}
 */
export async function downloadText(url) {
  const { response } = await request(url, {});
  if (response.statusCode !== 200) {
    response.destroy();
    throw new SourceRefused(`${url}: HTTP ${response.statusCode}`);
  }
  /** @type {Buffer[]} */
  const chunks = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > 8 * 1024 * 1024) throw new Error('the answer is too long');
    }
  } catch (error) {
    throw new SourceRefused(`${url}: ${messageOf(error)}`, { cause: error });
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * @param {string} file
 * @returns {Promise<string>} hexadecimal
 */
export async function sha256OfFile(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}

/**
 * One attempt; appends to what an earlier one left when the server says it is still the same file.
 * @param {string} url
 * @param {string} target
 * @returns {Promise<{ resumed: boolean }>}
 */
async function transfer(url, target) {
  const offset = await partialSize(target);
  const known = await readPartialState(target);
  /** @type {Record<string, string>} */
  const headers = {};
  if (offset > 0 && known !== null && known.url === url) {
    headers['range'] = `bytes=${offset}-`;
    headers['if-range'] = known.validator;
  }
  const { response, finalUrl } = await request(url, headers);
  const status = response.statusCode ?? 0;
  if (status === 416) {
    response.destroy();
    await discardPartial(target);
    throw new Interrupted('the partial file no longer fits');
  }
  const resumed = status === 206;
  if (!resumed && status !== 200) {
    response.destroy();
    throw new SourceRefused(`${finalUrl}: HTTP ${status}`);
  }
  if (resumed && !String(response.headers['content-range'] ?? '').startsWith(`bytes ${offset}-`)) {
    response.destroy();
    await discardPartial(target);
    throw new Interrupted('the server answered with another range');
  }
  const validator = response.headers.etag ?? response.headers['last-modified'];
  if (!resumed) {
    await discardPartial(target);
    // A weak validator promises equal meaning, not equal bytes: such a transfer is begun anew.
    if (validator !== undefined && !validator.startsWith('W/')) {
      await writeFile(`${target}.part.json`, JSON.stringify({ url, validator }));
    }
  }
  const announced = Number(response.headers['content-length'] ?? NaN);
  const expected = Number.isNaN(announced) ? null : announced + (resumed ? offset : 0);
  response.setTimeout(idleTimeoutMs, () =>
    response.destroy(new Error(`nothing arrived for ${idleTimeoutMs / 1000} s`)),
  );
  try {
    await pipeline(response, createWriteStream(`${target}.part`, { flags: resumed ? 'a' : 'w' }));
  } catch (error) {
    throw new Interrupted(messageOf(error));
  }
  const size = await partialSize(target);
  if (expected !== null && size !== expected) throw new Interrupted(`${size} of ${expected} bytes arrived`);
  return { resumed };
}

/**
 * @param {string} url
 * @param {Record<string, string>} headers
 * @param {number} [redirects]
 * @returns {Promise<{ response: http.IncomingMessage, finalUrl: string }>}
 */
async function request(url, headers, redirects = 0) {
  const address = new URL(url);
  /** @type {http.IncomingMessage} */
  const response = await new Promise((done, fail) => {
    const client = address.protocol === 'https:' ? https : http;
    const sent = client.get(address, {
      headers: { 'user-agent': 'lifeboat-setup', ...headers },
      ...proxyConnection(address, connectTimeoutMs),
    });
    sent.setTimeout(connectTimeoutMs, () => sent.destroy(new Error(`no answer in ${connectTimeoutMs / 1000} s`)));
    sent.once('response', done);
    sent.once('error', fail);
  }).catch((error) => {
    throw new SourceRefused(`${address.host}: ${messageOf(error)}`, { cause: error });
  });
  const location = response.headers.location;
  if ([301, 302, 303, 307, 308].includes(response.statusCode ?? 0) && location !== undefined) {
    response.destroy();
    const next = new URL(location, address);
    if (redirects >= redirectLimit) throw new SourceRefused(`${url}: too many redirects`);
    if (address.protocol === 'https:' && next.protocol !== 'https:') {
      throw new SourceRefused(`${url}: redirected to an unencrypted address`);
    }
    return request(next.href, headers, redirects + 1);
  }
  return { response, finalUrl: address.href };
}

/**
 * @param {string} target
 * @returns {Promise<number>} bytes already here
 */
async function partialSize(target) {
  return stat(`${target}.part`).then(
    (information) => information.size,
    () => 0,
  );
}

/**
 * @param {string} target
 * @returns {Promise<{ url: string, validator: string } | null>}
 */
async function readPartialState(target) {
  try {
    return JSON.parse(await readFile(`${target}.part.json`, 'utf8'));
  } catch {
    return null;
  }
}

/** @param {string} target */
async function discardPartial(target) {
  await rm(`${target}.part`, { force: true });
  await rm(`${target}.part.json`, { force: true });
}

/**
 * @param {unknown} error
 * @returns {string}
 */
function messageOf(error) {
  if (!(error instanceof Error)) return String(error);
  // Node reports several refused addresses of one host as an AggregateError without a message of its own.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error.message;
}
