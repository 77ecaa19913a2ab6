import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../test-support/temporary-folder';
import { DigestSpool } from './digest-spool';

async function contents(spool: DigestSpool, namespaceId: number): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of spool.records(namespaceId)) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe('the digest spool', () => {
  it('keeps the order of each namespace whatever goes to the disk in between, and leaves nothing behind', async () => {
    const path = join(temporaryFolder('spool'), 'spool');
    const spool = new DigestSpool(path, 10);
    const expected = ['', '', ''];
    for (let i = 0; i < 200; i++) {
      const namespaceId = (i * 7) % 3;
      const text = `${i}.`;
      spool.append(namespaceId, Buffer.from(text));
      expected[namespaceId] += text;
      if (i % 4 === 0) await spool.relieve();
    }
    expect(existsSync(path)).toBe(true);
    for (const [id, text] of expected.entries()) expect(await contents(spool, id)).toBe(text);
    expect(await contents(spool, 9)).toBe('');
    await spool.close();
    expect(existsSync(path)).toBe(false);
  });

  it('needs no disk below its budget', async () => {
    const path = join(temporaryFolder('spool'), 'spool');
    const spool = new DigestSpool(path);
    spool.append(0, Buffer.from('abc'));
    await spool.relieve();
    expect(existsSync(path)).toBe(false);
    expect(await contents(spool, 0)).toBe('abc');
    await spool.close();
  });
});
