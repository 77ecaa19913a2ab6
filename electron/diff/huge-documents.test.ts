import { serialize } from 'bson';
import { describe, expect, it } from 'vitest';
import { diffDocuments, summariseDocument } from './document-diff';

const raw = (value: object): Buffer => Buffer.from(serialize(value));
const largest = 15 * 1024 * 1024;

function timed<T>(work: () => T): { result: T; seconds: number } {
  const started = process.hrtime.bigint();
  const result = work();
  return { result, seconds: Number(process.hrtime.bigint() - started) / 1e9 };
}

/** A machine under load takes longer; an idle one stays far below one second. */
const patience = 3;

function expectUsable(backup: Buffer, target: Buffer): ReturnType<typeof diffDocuments> {
  const { result, seconds } = timed(() => diffDocuments(backup, target));
  expect(seconds).toBeLessThan(patience);
  expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(2 * 1024 * 1024);
  const { result: summary, seconds: summarised } = timed(() => summariseDocument('changed', backup, target));
  expect(summary.length).toBeLessThan(2000);
  expect(summarised).toBeLessThan(patience);
  return result;
}

describe('documents of 15 MB open quickly, in an answer of a bounded size', () => {
  it('with hundreds of thousands of fields, one of them changed', () => {
    const fields = (changed: number) =>
      raw(
        Object.fromEntries(Array.from({ length: 700_000 }, (_, at) => [`field${at}`, at === 699_999 ? changed : at])),
      );
    const [backup, target] = [fields(1), fields(2)];
    expect(backup.length).toBeGreaterThan(largest * 0.7);
    const { rows } = expectUsable(backup, target);
    expect(rows.filter(({ kind }) => kind === 'changed').map(({ name }) => name)).toEqual(['field699999']);
  });

  it('with all fields changed', () => {
    const fields = (by: number) =>
      raw(Object.fromEntries(Array.from({ length: 700_000 }, (_, at) => [`field${at}`, at + by])));
    expect(expectUsable(fields(0), fields(1)).rowsOmitted).toBeGreaterThan(600_000);
  });

  it('with an array of a hundred thousand elements, turned round', () => {
    const elements = Array.from({ length: 100_000 }, (_, at) => at);
    const { rows } = expectUsable(raw({ list: elements }), raw({ list: [...elements].reverse() }));
    expect(rows.some(({ kind }) => kind === 'move')).toBe(true);
  });

  it('with an array of as many elements as fit, turned round', () => {
    const elements = Array.from({ length: 900_000 }, (_, at) => at);
    const { rowsOmitted } = expectUsable(raw({ list: elements }), raw({ list: [...elements].reverse() }));
    expect(rowsOmitted).toBeGreaterThan(800_000);
  });

  it('with one text of that length, told by its beginning', () => {
    const text = 'x'.repeat(largest);
    const { rows } = expectUsable(raw({ text }), raw({ text: `${text}y` }));
    expect(rows[0]?.backup?.clipped).toBeGreaterThan(largest - 1000);
  });

  it('with long names and deep paths', () => {
    const nested = (depth: number): object =>
      depth === 0 ? { a: 1, b: 2 } : { ['n'.repeat(2000)]: nested(depth - 1) };
    const many = (by: number) =>
      raw(Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`o${at}`, { ...nested(60), by }])));
    expectUsable(many(1), many(2));
    expectUsable(raw({ one: nested(90) }), raw({ other: nested(90) }));
  });
});
