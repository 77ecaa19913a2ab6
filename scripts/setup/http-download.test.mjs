import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ChecksumMismatch, SourceRefused, download, downloadText } from './http-download.mjs';

const content = randomBytes(600_000);
const sha256 = createHash('sha256').update(content).digest('hex');

/** @type {string} */
let folder;
/** @type {http.Server} */
let server;
/** @type {string} */
let address;
/** @type {(request: http.IncomingMessage, response: http.ServerResponse) => void} */
let answer;
/** @type {(string | undefined)[]} the Range header of each request */
let ranges;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifeboat-download-'));
  ranges = [];
  server = http.createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  address = `http://127.0.0.1:${bound.port}/file.tgz`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await rm(folder, { recursive: true, force: true });
});

/**
 * Serves the file, whole or from the asked byte on, and breaks the connection after `most` bytes.
 * @param {Buffer} body
 * @param {string} etag
 * @param {() => number} most
 */
function serve(body, etag, most = () => Infinity) {
  answer = (request, response) => {
    const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    const resumed = from !== undefined && request.headers['if-range'] === etag;
    const start = resumed ? Number(from) : 0;
    const rest = body.subarray(start);
    response.writeHead(resumed ? 206 : 200, {
      etag,
      'content-length': rest.length,
      ...(resumed ? { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` } : {}),
    });
    const limit = most();
    if (limit >= rest.length) response.end(rest);
    else response.write(rest.subarray(0, limit), () => setTimeout(() => response.destroy(), 20));
  };
}

const target = () => join(folder, 'file.tgz');

describe('a download', () => {
  test('arrives whole under its final name only', async () => {
    serve(content, '"a"');
    expect(await download(address, target(), { sha256 })).toEqual({ sha256 });
    expect((await readFile(target())).equals(content)).toBe(true);
    expect(existsSync(`${target()}.part`)).toBe(false);
  });

  test('asks only for the rest after its connection broke', async () => {
    const limits = [200_000, 100_000, Infinity];
    serve(content, '"a"', () => limits.shift() ?? Infinity);
    await download(address, target(), { sha256, pauseMs: 1 });
    expect((await readFile(target())).equals(content)).toBe(true);
    expect(ranges).toEqual([undefined, 'bytes=200000-', 'bytes=300000-']);
  });

  test('is taken up by a later process where an earlier one was killed', async () => {
    await writeFile(`${target()}.part`, content.subarray(0, 250_000));
    await writeFile(`${target()}.part.json`, JSON.stringify({ url: address, validator: '"a"' }));
    serve(content, '"a"');
    await download(address, target(), { sha256 });
    expect(ranges).toEqual(['bytes=250000-']);
    expect((await readFile(target())).equals(content)).toBe(true);
  });

  test('begins anew when the file changed on the server meanwhile', async () => {
    await writeFile(`${target()}.part`, randomBytes(250_000));
    await writeFile(`${target()}.part.json`, JSON.stringify({ url: address, validator: '"old"' }));
    serve(content, '"a"');
    await download(address, target(), { sha256 });
    expect((await readFile(target())).equals(content)).toBe(true);
  });

  test('begins anew when the part it found proves to be damaged', async () => {
    await writeFile(`${target()}.part`, randomBytes(250_000));
    await writeFile(`${target()}.part.json`, JSON.stringify({ url: address, validator: '"a"' }));
    serve(content, '"a"');
    await download(address, target(), { sha256 });
    expect(ranges).toEqual(['bytes=250000-', undefined]);
    expect((await readFile(target())).equals(content)).toBe(true);
  });

  test('with another checksum is refused and leaves nothing behind', async () => {
    serve(randomBytes(1000), '"a"');
    await expect(download(address, target(), { sha256 })).rejects.toThrow(ChecksumMismatch);
    expect(existsSync(target())).toBe(false);
    expect(existsSync(`${target()}.part`)).toBe(false);
  });

  test('gives up when the connection breaks again and again, and keeps what arrived', async () => {
    serve(content, '"a"', () => 0);
    await writeFile(`${target()}.part`, content.subarray(0, 1000));
    await writeFile(`${target()}.part.json`, JSON.stringify({ url: address, validator: '"a"' }));
    await expect(download(address, target(), { sha256, attempts: 3, pauseMs: 1 })).rejects.toThrow(SourceRefused);
    expect(ranges).toHaveLength(3);
    expect((await readFile(`${target()}.part`)).length).toBe(1000);
  });

  test('is refused at once where there is no such file', async () => {
    answer = (_request, response) => response.writeHead(404).end('no');
    await expect(download(address, target(), { sha256 })).rejects.toThrow(/HTTP 404/);
    expect(ranges).toHaveLength(1);
  });

  test('is refused at once where nobody listens', async () => {
    await new Promise((done) => server.close(done));
    const started = Date.now();
    await expect(download(address, target(), { sha256 })).rejects.toThrow(SourceRefused);
    expect(Date.now() - started).toBeLessThan(2_000);
    server.listen(0);
  });

  test('follows a redirect', async () => {
    serve(content, '"a"');
    const direct = answer;
    answer = (request, response) => {
      if (request.url === '/file.tgz') response.writeHead(302, { location: '/elsewhere' }).end();
      else direct(request, response);
    };
    await download(address, target(), { sha256 });
    expect((await readFile(target())).equals(content)).toBe(true);
  });
});

test('a small text is read whole, and an error page is not taken for it', async () => {
  answer = (_request, response) => response.end('abc');
  expect(await downloadText(address)).toBe('abc');
  answer = (_request, response) => response.writeHead(403).end('<html>');
  await expect(downloadText(address)).rejects.toThrow(/HTTP 403/);
});

test('a proxy of the environment carries the download', async () => {
  serve(content, '"a"');
  /** @type {string[]} */
  const tunnels = [];
  const proxy = http.createServer();
  proxy.on('connect', (request, socket) => {
    tunnels.push(String(request.url));
    const port = Number(new URL(address).port);
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
  });
  await new Promise((done) => proxy.listen(0, '127.0.0.1', () => done(undefined)));
  const bound = proxy.address();
  if (bound === null || typeof bound === 'string') throw new Error('the proxy has no port');
  process.env['http_proxy'] = `http://127.0.0.1:${bound.port}`;
  try {
    const through = address.replace('127.0.0.1', 'download.example');
    await download(through, target(), { sha256 });
    expect(tunnels).toEqual([`download.example:${new URL(address).port}`]);
    expect((await readFile(target())).equals(content)).toBe(true);
  } finally {
    delete process.env['http_proxy'];
    proxy.closeAllConnections();
    proxy.close();
  }
});
