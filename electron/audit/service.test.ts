import { appendFileSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../shared/audit';
import { createSilentLogger } from '../platform/logger';
import { startChild } from '../test-support/child-process';
import { temporaryFolder } from '../test-support/temporary-folder';
import { canonicalJson } from './chain';
import { createAudit, type Audit } from './service';

const recordOf = (target: string, more: Partial<AuditRecord> = {}): AuditRecord => ({
  operation: 'backup.run',
  target,
  category: 'backup',
  parameters: { scope: 'shop', level: 2 },
  result: 'succeeded',
  error: null,
  jobId: null,
  ...more,
});

function newAudit(): { audit: Audit; file: string; lines(): string[]; rewrite(lines: string[]): void } {
  const file = join(temporaryFolder(), 'audit.jsonl');
  const audit = createAudit({ file, origin: 'window', logger: createSilentLogger() });
  return {
    audit,
    file,
    lines: () => readFileSync(file, 'utf8').trimEnd().split('\n'),
    rewrite: (lines) => writeFileSync(file, `${lines.join('\n')}\n`),
  };
}

async function filled(count: number): Promise<ReturnType<typeof newAudit>> {
  const made = newAudit();
  for (let number = 1; number <= count; number++) await made.audit.record(recordOf(`target ${number}`));
  return made;
}

describe('the audit', () => {
  it('is intact as written, and says who did what', async () => {
    const { audit, file } = newAudit();
    expect(await audit.verify()).toEqual({ intact: true, entries: 0, brokenAtLine: null, reason: null });
    const entry = await audit.record(recordOf('production', { jobId: 'j1' }));
    expect(entry).toMatchObject({ sequence: 1, origin: 'window', jobId: 'j1', previousHash: '0'.repeat(64) });
    expect(entry.user).not.toBe('');
    await audit.record(recordOf('production'));
    expect(await audit.verify()).toEqual({ intact: true, entries: 2, brokenAtLine: null, reason: null });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('holds no secret', async () => {
    const { audit, file } = newAudit();
    await audit.record(
      recordOf('mongodb://u:hunter2@h/', {
        error: 'cannot reach mongodb://u:hunter2@h/',
        parameters: {
          password: 'hunter2',
          uri: 'mongodb://u:hunter2@h/',
          nested: { token: 'hunter2' },
          at: new Date(0),
        },
      }),
    );
    expect(readFileSync(file, 'utf8')).not.toContain('hunter2');
    expect((await audit.verify()).intact).toBe(true);
  });

  it('is one chain for processes that write at the same time', async () => {
    const { audit, file } = newAudit();
    const children = await Promise.all([1, 2].map(() => startChild('write-audit', file, '25')));
    await Promise.all(Array.from({ length: 25 }, (_, turn) => audit.record(recordOf(`mine ${turn}`))));
    for (const child of children) expect(await child.ended).toEqual({ code: 0, stderr: '' });
    expect(await audit.verify()).toEqual({ intact: true, entries: 75, brokenAtLine: null, reason: null });
    expect(readdirSync(join(file, '..')).sort()).toEqual(['audit.jsonl', 'audit.jsonl.head']);
  });

  it('keeps every recorded entry and stays intact when its writer is killed', async () => {
    const { audit, file } = newAudit();
    for (let round = 0; round < 3; round++) {
      const before = (await audit.verify()).entries;
      const child = await startChild('write-audit', file, '1000000');
      await child.line('recorded 3');
      await new Promise((resolve) => setTimeout(resolve, round * 7));
      await child.kill();
      await audit.record(recordOf('after the crash'));
      const { intact, entries } = await audit.verify();
      expect(intact).toBe(true);
      expect(entries).toBeGreaterThanOrEqual(before + 4);
    }
  });

  it('lists newest first, in pages, also what others wrote since', async () => {
    const { audit, file } = await filled(5);
    const targets = async (offset: number, limit: number): Promise<string[]> =>
      (await audit.list({ offset, limit })).entries.map(({ target }) => target);
    expect(await targets(0, 2)).toEqual(['target 5', 'target 4']);
    expect(await targets(3, 10)).toEqual(['target 2', 'target 1']);
    expect(await targets(9, 10)).toEqual([]);
    const other = createAudit({ file, origin: 'cli', logger: createSilentLogger() });
    await other.record(recordOf('ü'));
    await other.record(recordOf('target 7'));
    expect(await targets(0, 3)).toEqual(['target 7', 'ü', 'target 5']);
    expect((await audit.list({ offset: 0, limit: 1 })).total).toBe(7);
  });
});

describe('verifying finds', () => {
  it('a changed entry', async () => {
    const { audit, lines, rewrite } = await filled(4);
    rewrite(lines().map((line, index) => (index === 1 ? line.replace('target 2', 'target X') : line)));
    expect(await audit.verify()).toMatchObject({
      intact: false,
      brokenAtLine: 2,
      reason: 'Entry 2 was changed after it was written.',
    });
  });

  it('a changed entry whose own hash was made to fit', async () => {
    const { audit, lines, rewrite } = await filled(4);
    const forged = await filled(0);
    rewrite(
      await Promise.all(
        lines().map(async (line, index) => {
          if (index !== 1) return line;
          await forged.audit.record(recordOf('x'));
          const second = await forged.audit.record(recordOf('forged'));
          return canonicalJson(second);
        }),
      ),
    );
    const { brokenAtLine, intact } = await audit.verify();
    expect(intact).toBe(false);
    expect(brokenAtLine).toBe(2);
  });

  it('a line written anew with other blanks', async () => {
    const { audit, lines, rewrite } = await filled(3);
    rewrite(
      lines().map((line, index) =>
        index === 2 ? JSON.stringify(JSON.parse(line), null, 1).replaceAll('\n', '') : line,
      ),
    );
    expect(await audit.verify()).toMatchObject({ intact: false, brokenAtLine: 3 });
  });

  it('removed entries: in the middle, at the start, at the end, all', async () => {
    const middle = await filled(5);
    middle.rewrite(middle.lines().filter((_, index) => index !== 1 && index !== 2));
    expect(await middle.audit.verify()).toMatchObject({
      brokenAtLine: 2,
      reason: 'Entries 2 to 3 before this line were removed.',
    });
    const start = await filled(3);
    start.rewrite(start.lines().slice(1));
    expect(await start.audit.verify()).toMatchObject({
      brokenAtLine: 1,
      reason: 'Entry 1 before this line was removed.',
    });
    const end = await filled(3);
    end.rewrite(end.lines().slice(0, 2));
    expect(await end.audit.verify()).toMatchObject({
      intact: false,
      brokenAtLine: 3,
      reason: 'Entry 3 was removed from the end.',
    });
    const all = await filled(3);
    rmSync(all.file);
    expect(await all.audit.verify()).toMatchObject({ intact: false, brokenAtLine: 1 });
  });

  it('removed entries also after new ones were written', async () => {
    const { audit, lines, rewrite } = await filled(4);
    rewrite(lines().slice(0, 2));
    await audit.record(recordOf('later'));
    expect(await audit.verify()).toMatchObject({
      intact: false,
      brokenAtLine: 3,
      reason: 'Entries 3 to 4 before this line were removed.',
    });
  });

  it('reordered and repeated entries', async () => {
    const swapped = await filled(4);
    const [one = '', two = '', three = '', four = ''] = swapped.lines();
    swapped.rewrite([one, three, two, four]);
    expect(await swapped.audit.verify()).toMatchObject({
      brokenAtLine: 2,
      reason: expect.stringContaining('reordered') as string,
    });
    swapped.rewrite([one, two, two, three, four]);
    expect(await swapped.audit.verify()).toMatchObject({ brokenAtLine: 3 });
  });

  it('lines that are no entries', async () => {
    const { audit, lines, rewrite } = await filled(3);
    rewrite(lines().map((line, index) => (index === 1 ? 'nothing' : line)));
    expect(await audit.verify()).toMatchObject({ intact: false, brokenAtLine: 2 });
    rewrite([...lines().slice(0, 1), '', ...lines().slice(1)]);
    expect(await audit.verify()).toMatchObject({ intact: false, brokenAtLine: 2 });
  });

  it('that the memory of the last entry is gone', async () => {
    const { audit, file } = await filled(3);
    rmSync(`${file}.head`);
    expect(await audit.verify()).toMatchObject({ intact: false, brokenAtLine: 3 });
  });
});

describe('a crash in the middle of a write', () => {
  it('leaves a torn line that the next entry accounts for', async () => {
    const { audit, file, lines } = await filled(2);
    appendFileSync(file, '{"category":"backup","err');
    expect((await audit.verify()).intact).toBe(true);
    const entry = await audit.record(recordOf('after'));
    expect(entry.sequence).toBe(4);
    expect(lines()).toHaveLength(5);
    expect(await audit.verify()).toMatchObject({ intact: true, entries: 4 });
    const { entries } = await audit.list({ offset: 0, limit: 10 });
    expect(entries.map(({ operation }) => operation)).toEqual([
      'backup.run',
      'audit.repair',
      'backup.run',
      'backup.run',
    ]);
  });

  it('that cost only the line end loses nothing', async () => {
    const { audit, file } = await filled(2);
    truncateSync(file, statSync(file).size - 1);
    expect((await audit.record(recordOf('after'))).sequence).toBe(3);
    expect(await audit.verify()).toMatchObject({ intact: true, entries: 3 });
  });

  it('before the last entry was remembered is no tampering', async () => {
    const { audit, file } = await filled(2);
    const head = readFileSync(`${file}.head`, 'utf8');
    await audit.record(recordOf('third'));
    writeFileSync(`${file}.head`, head);
    expect(await audit.verify()).toMatchObject({ intact: true, entries: 3 });
  });

  it('does not excuse a torn line that is changed later', async () => {
    const { audit, file, lines, rewrite } = await filled(1);
    appendFileSync(file, '{"torn');
    await audit.record(recordOf('after'));
    rewrite(lines().map((line) => (line === '{"torn' ? '{"other' : line)));
    expect(await audit.verify()).toMatchObject({ intact: false, brokenAtLine: 2 });
  });
});

describe('export', () => {
  it('writes JSON that any program reads', async () => {
    const { audit, file } = await filled(3);
    const path = join(file, '..', 'out.json');
    expect(await audit.export('json', path)).toBe(3);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject([{ sequence: 1 }, { sequence: 2 }, { sequence: 3 }]);
  });

  it('writes CSV whose cells no spreadsheet runs', async () => {
    const { audit, file } = newAudit();
    for (const target of ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', ' =x', 'say "hi", all'])
      await audit.record(recordOf(target));
    const path = join(file, '..', 'out.csv');
    expect(await audit.export('csv', path)).toBe(7);
    const rows = readFileSync(path, 'utf8').trimEnd().split('\r\n');
    expect(rows[0]).toMatch(/^"sequence","time","user"/);
    for (const cell of [`"'=1+1"`, `"'+1"`, `"'-1"`, `"'@SUM(A1)"`, `"'\tx"`, `"' =x"`, '"say ""hi"", all"']) {
      expect(rows.slice(1).some((row) => row.includes(`,${cell},`))).toBe(true);
    }
  });

  it('into a folder that is gone says so', async () => {
    const { audit } = await filled(1);
    await expect(audit.export('csv', '/nowhere/x.csv')).rejects.toMatchObject({ error: { code: 'store-unavailable' } });
  });
});

it('canonical JSON does not depend on the order of keys', () => {
  expect(canonicalJson({ b: [1, { d: null, c: undefined }], a: 'ü' })).toBe('{"a":"ü","b":[1,{"d":null}]}');
  expect(canonicalJson(JSON.parse('{"10":1,"9":2,"__proto__":3}'))).toBe('{"10":1,"9":2,"__proto__":3}');
});
