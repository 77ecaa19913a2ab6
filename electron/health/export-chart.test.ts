import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../test-support/temporary-folder';
import { chartFileName, writeChart } from './export-chart';

const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);

it('names the file of a chart by what no file system minds', () => {
  expect(chartFileName('Lag of rs0/127.0.0.1:27017', 'png')).toBe('Lag-of-rs0-127.0.0.1-27017.png');
  expect(chartFileName('../..', 'csv')).toBe('chart.csv');
});

it('writes the bytes of the picture and the text of a table, and nothing that is neither', async () => {
  const folder = temporaryFolder();
  await writeChart(join(folder, 'a.png'), 'png', `data:image/png;base64,${picture.toString('base64')}`);
  expect(readFileSync(join(folder, 'a.png'))).toEqual(picture);
  await writeChart(join(folder, 'a.csv'), 'csv', 'time,lag\r\n1,2\r\n');
  expect(readFileSync(join(folder, 'a.csv'), 'utf8')).toBe('time,lag\r\n1,2\r\n');
  const html = `data:image/png;base64,${Buffer.from('<html>').toString('base64')}`;
  await expect(writeChart(join(folder, 'b.png'), 'png', html)).rejects.toMatchObject({ error: { code: 'usage' } });
  await expect(writeChart(join(folder, 'no', 'a.csv'), 'csv', '')).rejects.toMatchObject({
    error: { code: 'store-unavailable' },
  });
});
