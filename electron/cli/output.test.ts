import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { noProgress } from '../jobs/progress';
import { createOutput, describeFailure, describeProgress, formatTable } from './output';

const unknown = noProgress('Dumping shop.orders');

function captured(json: boolean) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const output = createOutput({ json, progress: 'none', stdout, stderr });
  return { output, read: () => ({ stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') }) };
}

describe('what the command line prints', () => {
  it('prints one JSON document on stdout and nothing else there', () => {
    const { output, read } = captured(true);
    output.note('working');
    output.answer({ same: true }, () => 'same');
    const { stdout, stderr } = read();
    expect(JSON.parse(stdout)).toEqual({ same: true });
    expect(stderr).toBe('working\n');
  });

  it('tells a failure to people on stderr and to scripts on stdout', () => {
    const { output, read } = captured(true);
    output.failure({ code: 'busy', message: 'shop is being restored', hint: 'Wait for it.' });
    const { stdout, stderr } = read();
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'busy', message: 'shop is being restored', hint: 'Wait for it.' },
    });
    expect(stderr).toBe('error: shop is being restored\nhint: Wait for it.\n');
  });

  it('lets no control sequence of a server reach the terminal', () => {
    const { output, read } = captured(false);
    output.answer({}, () => 'evil \u001b]0;title\u0007 text');
    expect(read().stdout).toBe('evil \ufffd]0;title\ufffd text\n');
    expect(describeFailure({ code: 'internal', message: 'x', details: 'a\nb' })).toContain('  a\n  b');
  });

  it('lets none reach it in JSON either, and keeps the document the same', () => {
    const { output, read } = captured(true);
    const value = { name: 'a\u009b31m\u007f\u202eb', text: 'tab\tnewline\n' };
    output.answer(value, () => '');
    output.line(value, () => '');
    const { stdout } = read();
    expect(stdout).toContain('\\u009b31m\\u007f\\u202eb');
    expect(JSON.parse(stdout.slice(0, stdout.indexOf('}') + 1))).toEqual(value);
    expect(JSON.parse(stdout.slice(stdout.indexOf('}') + 1))).toEqual(value);
  });

  it('keeps stderr JSON lines where they were asked for', () => {
    const stderr = new PassThrough();
    const output = createOutput({ json: false, progress: 'json', stdout: new PassThrough(), stderr });
    output.note('warning: a\nb');
    output.phase('Reading');
    output.failure({ code: 'busy', message: 'shop is being restored' });
    const lines = String(stderr.read()).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { note: 'warning: a\nb' },
      { phase: 'Reading' },
      { error: { code: 'busy', message: 'shop is being restored' } },
    ]);
  });

  it('shows no percentage and no time left while the total is unknown', () => {
    expect(describeProgress({ ...unknown, bytesDone: 2 * 1024 * 1024 })).toBe('Dumping shop.orders  2.00 MiB');
  });

  it('shows percentage, rate and time left when they are known', () => {
    expect(
      describeProgress({
        ...unknown,
        bytesDone: 610 * 1024 * 1024,
        bytesTotal: 1000 * 1024 * 1024,
        bytesPerSecond: 84 * 1024 * 1024,
        secondsLeft: 12,
      }),
    ).toBe('Dumping shop.orders  61 %  610 MiB of 0.98 GiB · 84.0 MiB/s · 12 s left');
  });

  it('aligns columns, numbers to the right', () => {
    expect(
      formatTable(
        ['ns', 'count'],
        [
          ['shop.orders', '9'],
          ['a.b', '1,204'],
        ],
        [1],
      ),
    ).toBe(['ns           count', 'shop.orders      9', 'a.b          1,204'].join('\n'));
  });
});
