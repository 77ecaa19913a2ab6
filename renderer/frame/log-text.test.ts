import { expect, it } from 'vitest';
import { readableLogLine } from './log-text';

it('a line of a log begins with the local time of day, told once', () => {
  const line = '2026-11-21T03:11:44.935Z 2026-11-21T03:11:44.934+0000\twriting shop.stores to archive on stdout';
  expect(readableLogLine(line)).toMatch(/^\d\d:\d\d:44\.935 {2}writing shop\.stores to archive on stdout$/);
  expect(readableLogLine('2026-11-21T03:11:44.935Z Compared 3 namespaces')).toMatch(/935 {2}Compared 3 namespaces$/);
});

it('a line without time stays as it is', () => {
  expect(readableLogLine('Stopped by the user')).toBe('Stopped by the user');
});
