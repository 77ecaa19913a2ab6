import { describe, expect, it } from 'vitest';
import { isTooOld, parseToolVersion } from './tool-version';

const mongodOutput = `db version v6.0.5
Build Info: {
    "version": "6.0.5",
    "gitVersion": "c9a99c120371d4d4c52cbb15dac34a36ce8d3b1d",
    "openSSLVersion": "OpenSSL 3.0.19 27 Jan 2026",
    "modules": []
}
`;
const mongodumpOutput = `mongodump version: 100.7.0
git version: 17946f45f5fabfcdd99f8960b9109f976d370631
Go version: go1.19.3
   os: linux
   arch: amd64
   compiler: gc
`;

describe('the version a tool tells', () => {
  it('is read from what mongod prints', () => {
    expect(parseToolVersion('mongod', mongodOutput)).toBe('6.0.5');
    expect(parseToolVersion('mongod', 'db version v8.0.0-rc4\r\nBuild Info: {}\r\n')).toBe('8.0.0-rc4');
  });

  it('is read from what the database tools print, with the r of old builds', () => {
    expect(parseToolVersion('mongodump', mongodumpOutput)).toBe('100.7.0');
    expect(
      parseToolVersion('mongorestore', 'mongorestore version: r4.2.6\ngit version: 20364840b8f1af16917e4c23'),
    ).toBe('4.2.6');
  });

  it('is unknown when another program answers, or a build without version', () => {
    expect(parseToolVersion('mongodump', mongodOutput)).toBeNull();
    expect(parseToolVersion('mongorestore', mongodumpOutput)).toBeNull();
    expect(parseToolVersion('mongodump', 'mongodump version: built-without-version-string')).toBeNull();
    expect(parseToolVersion('mongod', '')).toBeNull();
  });
});

describe('versions that lose data', () => {
  it('are told apart from those that do not', () => {
    expect(isTooOld('mongodump', '100.4.0')).toBe(true);
    expect(isTooOld('mongodump', '4.2.6')).toBe(true);
    expect(isTooOld('mongodump', '100.5.0')).toBe(false);
    expect(isTooOld('mongod', '4.2.6')).toBe(true);
    expect(isTooOld('mongod', '4.4.2')).toBe(false);
  });
});
