import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { removeTemporaryFolder, temporaryFolder } from '../electron/test-support/temporary-folder';
import { expect, test } from './fixtures';
import { Frame } from './pages/frame';
import { SlowQueriesPage } from './pages/slow-queries-page';

const jsonLine = (second: number, email: string): string =>
  JSON.stringify({
    t: { $date: new Date(Date.UTC(2026, 10, 20, 10, 0, second)).toISOString().replace('Z', '+00:00') },
    ...{ s: 'I', c: 'COMMAND', id: 51803, ctx: 'conn7', msg: 'Slow query' },
    attr: {
      ...{ type: 'command', ns: 'shop.orders', command: { find: 'orders', filter: { email }, $db: 'shop' } },
      ...{ planSummary: 'COLLSCAN', docsExamined: 500, nreturned: 1, durationMillis: 120 + second },
    },
  });
const textLine = (second: number): string =>
  `2026-11-20T10:01:${String(second).padStart(2, '0')}.000+0000 I  COMMAND  [conn3] command shop.users command: find { find: "users", filter: { name: "x" }, $db: "shop" } planSummary: COLLSCAN keysExamined:0 docsExamined:900 cursorExhausted:1 numYields:7 nreturned:1 reslen:120 locks:{} protocol:op_msg 210ms`;

/** Lets go of files over the middle of the page, as a file manager does: with paths, so only through DevTools. */
async function dropFiles(window: Page, files: string[]): Promise<void> {
  const devtools = await window.context().newCDPSession(window);
  const [width, height] = await window.evaluate((): [number, number] => [innerWidth, innerHeight]);
  const event = { x: width / 2, y: height / 2, data: { items: [], files, dragOperationsMask: 1 } };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, ...event });
  await devtools.detach();
}

test.describe('logs dropped onto the window', () => {
  test.use({ start: { installed: true } });
  let folder: string;

  test.beforeAll(() => {
    folder = temporaryFolder('logs');
  });
  test.afterAll(() => removeTemporaryFolder(folder));

  test('are read with what is damaged told: cut lines, text of 4.2 among JSON, cut gzip, an empty file, a folder', async ({
    lifeboat,
    window,
  }) => {
    const mixed = join(folder, 'mixed.log');
    const lines = [jsonLine(1, 'a@x'), jsonLine(2, 'b@x'), textLine(3), textLine(4), 'Killed by the operator'];
    writeFileSync(mixed, `${lines.join('\n')}\n`);
    // The disk was full in the middle of a line.
    appendFileSync(mixed, jsonLine(5, 'c@x').slice(0, 150));
    const rotated = join(folder, 'rotated');
    mkdirSync(rotated);
    const whole = gzipSync(Array.from({ length: 3000 }, (_, at) => jsonLine(at % 60, `${Math.random()}`)).join('\n'));
    writeFileSync(join(rotated, 'mongod.log.gz'), whole.subarray(0, Math.floor(whole.length / 2)));
    writeFileSync(join(rotated, 'empty.log'), '');
    writeFileSync(join(rotated, 'notes.pdf'), '%PDF-1.7 about the incident');
    const frame = new Frame(window);
    const page = new SlowQueriesPage(window);
    await frame.open('Slow queries');
    await expect(window.getByText('Find out what is slow')).toBeVisible();
    await dropFiles(window, [mixed, rotated]);

    await page.isGathered();
    await expect(page.shape('{ filter: { email: ? } }')).toHaveCount(1);
    await expect(page.shape('{ filter: { name: ? } }').getByRole('cell').nth(1)).toHaveText('2');
    await expect(window.getByRole('note').filter({ hasText: 'was not read to its end' })).toContainText(
      'mongod.log.gz',
    );
    const left = window.getByRole('note').filter({ hasText: 'could not be read and are left out' });
    await left.getByRole('button', { name: 'Show them' }).click();
    const drawer = window.getByRole('dialog', { name: 'Lines that were not read' });
    await expect(drawer).toContainText('begins like a log line, but its JSON is broken');
    await expect(drawer).toContainText('no line of a mongod or mongos');
    const unread = drawer.getByRole('table', { name: 'Unreadable lines' });
    await expect(unread.getByRole('row').filter({ hasText: 'Killed by the operator' })).toContainText('5');
    const cut = unread.getByRole('row').filter({ hasText: '"Slow query"' });
    await expect(cut.filter({ hasText: 'mixed.log' })).toHaveCount(1);
    await expect(cut.filter({ hasText: 'mongod.log.gz' })).toHaveCount(1);
    await expect(drawer.getByRole('listitem').filter({ hasText: 'notes.pdf' })).toHaveCount(1);
    await window.keyboard.press('Escape');
    await expect(drawer).toBeHidden();
    expect((await lifeboat.request('captures.list')).map(({ source, status }) => [source, status])).toEqual([
      ['log-files', 'complete'],
    ]);
  });
});
