import { expect, it } from 'vitest';
import { createMemberReader } from './member-reader';

it('a member that nobody listens for is told as such, within the limit, each time', async () => {
  const reader = createMemberReader('127.0.0.1:1', 'mongodb://127.0.0.1:1/?directConnection=true', {
    anonymous: false,
  });
  for (let turn = 0; turn < 2; turn++) {
    const began = Date.now();
    await expect(reader.read(1000)).rejects.toMatchObject({ problem: { code: 'unreachable' } });
    expect(Date.now() - began).toBeLessThan(2500);
  }
  reader.close();
});
