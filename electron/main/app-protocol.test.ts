import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => ({ protocol: {} }));
const { fileOfUrl, isAppUrl } = await import('./app-protocol');
const folder = path.join(path.sep, 'app', 'renderer');

describe('the custom protocol', () => {
  it('serves the page and its assets', () => {
    expect(fileOfUrl('lifeboat://app/', folder)).toBe(path.join(folder, 'index.html'));
    expect(fileOfUrl('lifeboat://app/assets/a.js?x=1#/backups', folder)).toBe(path.join(folder, 'assets', 'a.js'));
  });

  it('never leaves its folder', () => {
    expect(fileOfUrl('lifeboat://app/%2e%2e%2f%2e%2e%2fetc/passwd.json', folder)).toBeNull();
    expect(fileOfUrl('lifeboat://app/..%2f..%2fsecret.json', folder)).toBeNull();
  });

  it('answers no other host, no unknown kind of file and no broken URL', () => {
    expect(fileOfUrl('lifeboat://elsewhere/index.html', folder)).toBeNull();
    expect(fileOfUrl('lifeboat://app/run.sh', folder)).toBeNull();
    expect(fileOfUrl('lifeboat://app/%', folder)).toBeNull();
    expect(fileOfUrl('lifeboat://app/a%00.js', folder)).toBeNull();
  });

  it('knows its own pages from look-alikes', () => {
    expect(isAppUrl('lifeboat://app/index.html#/restore')).toBe(true);
    expect(isAppUrl('lifeboat://app.example/index.html')).toBe(false);
    expect(isAppUrl('https://app/index.html')).toBe(false);
  });
});
