import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { proxyFor } from './http-proxy.mjs';
import { distribution, findInManifest } from './mongodb.mjs';
import { dependenciesMatch } from './node-modules.mjs';
import { parseMissingLibraries } from './system-libraries.mjs';

test('libraries that the loader does not find are named', () => {
  const output = [
    '\tlinux-vdso.so.1 (0x00007ffd)',
    '\tlibgtk-3.so.0 => not found',
    '\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)',
    '\tlibasound.so.2 => not found',
  ].join('\n');
  expect(parseMissingLibraries(output)).toEqual(['libgtk-3.so.0', 'libasound.so.2']);
  expect(parseMissingLibraries('\tstatically linked')).toEqual([]);
});

test.each([
  [{ ID: 'ubuntu', VERSION_ID: '24.04' }, 'ubuntu2204'],
  [{ ID: 'ubuntu', VERSION_ID: '20.04' }, 'ubuntu2004'],
  [{ ID: 'debian', VERSION_ID: '12' }, 'ubuntu2204'],
  [{ ID: 'rocky', ID_LIKE: 'rhel centos fedora', VERSION_ID: '9.4' }, 'rhel90'],
  [{ ID: 'almalinux', ID_LIKE: 'rhel centos fedora', VERSION_ID: '8.9' }, 'rhel80'],
  [{ ID: 'fedora', VERSION_ID: '41' }, 'rhel90'],
  [{ ID: 'arch' }, 'ubuntu2204'],
])('%j takes the build for %s', (release, expected) => {
  expect(distribution(release)).toBe(expected);
});

test("the tools' checksum comes from the publisher's list, or there is none", () => {
  const archive = { url: 'https://example.org/tools-ubuntu2204-x86_64-100.7.0.tgz', sha256: 'a'.repeat(64) };
  const manifest = { versions: [{ version: '100.7.0', downloads: [{}, { archive }] }] };
  expect(findInManifest(manifest, '100.7.0', 'tools-ubuntu2204-x86_64-100.7.0.tgz')).toEqual(archive);
  expect(() => findInManifest(manifest, '100.8.0', 'tools-ubuntu2204-x86_64-100.7.0.tgz')).toThrow(/no checksum/);
  expect(() => findInManifest({}, '100.7.0', 'x')).toThrow(/no checksum/);
});

test('proxies are chosen as curl chooses them', () => {
  const address = new URL('https://download.example.org/file');
  expect(proxyFor(address, {})).toBeNull();
  expect(proxyFor(address, { HTTPS_PROXY: 'http://proxy:3128' })?.host).toBe('proxy:3128');
  expect(proxyFor(address, { https_proxy: 'proxy:3128' })?.host).toBe('proxy:3128');
  expect(proxyFor(address, { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'localhost,.example.org' })).toBeNull();
  expect(proxyFor(address, { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'other.org' })).not.toBeNull();
  expect(proxyFor(new URL('http://download.example.org'), { HTTPS_PROXY: 'http://proxy:3128' })).toBeNull();
});

describe('dependencies', () => {
  /**
   * @param {Record<string, object>} wanted
   * @param {Record<string, object> | null} present
   * @returns {boolean}
   */
  function match(wanted, present) {
    const repository = mkdtempSync(join(tmpdir(), 'lifeboat-dependencies-'));
    try {
      writeFileSync(join(repository, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...wanted } }));
      mkdirSync(join(repository, 'node_modules'));
      if (present !== null) {
        const file = join(repository, 'node_modules', '.package-lock.json');
        writeFileSync(file, JSON.stringify({ packages: present }));
      }
      return dependenciesMatch(repository);
    } finally {
      rmSync(repository, { recursive: true });
    }
  }

  const one = { 'node_modules/one': { version: '1.0.0', integrity: 'sha512-a' } };

  test('are in place when each has the version and the content of the lock file', () => {
    expect(match(one, one)).toBe(true);
    expect(match(one, { ...one, 'node_modules/more': { version: '1.0.0' } })).toBe(true);
  });

  test('are not in place after an interrupted installation, an update, or an exchange', () => {
    expect(match(one, null)).toBe(false);
    expect(match(one, {})).toBe(false);
    expect(match(one, { 'node_modules/one': { version: '0.9.0', integrity: 'sha512-a' } })).toBe(false);
    expect(match(one, { 'node_modules/one': { version: '1.0.0', integrity: 'sha512-b' } })).toBe(false);
  });

  test('of other platforms may be absent', () => {
    expect(match({ ...one, 'node_modules/two': { version: '1.0.0', optional: true } }, one)).toBe(true);
  });
});
