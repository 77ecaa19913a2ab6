import { describe, expect, it } from 'vitest';
import { idText, typedIdText } from './id-text';

describe('an _id in a list', () => {
  it('is read without the braces of Extended JSON', () => {
    expect(idText('{"$oid":"674698a25b0a700003000190"}')).toEqual({
      type: 'ObjectId',
      text: '674698a25b0a700003000190',
    });
    expect(typedIdText('{"$date":{"$numberLong":"0"}}')).toBe('Date 1970-01-01T00:00:00.000Z');
    expect(typedIdText('{"$binary":{"base64":"AAECAwQFBgcICQoLDA0ODw==","subType":"04"}}')).toBe(
      'UUID 00010203-0405-0607-0809-0a0b0c0d0e0f',
    );
    expect(typedIdText('{"$timestamp":{"t":5,"i":1}}')).toBe('Timestamp 5, 1');
  });

  it('tells a string from a number, and the types of numbers apart', () => {
    expect(typedIdText('"7"')).toBe('"7"');
    expect(typedIdText('{"$numberInt":"7"}')).toBe('7');
    expect(typedIdText('{"$numberLong":"7"}')).toBe('Int64 7');
    expect(typedIdText('{"$numberDouble":"7.0"}')).toBe('Double 7.0');
    expect(typedIdText('{"$numberDecimal":"7"}')).toBe('Decimal128 7');
  });

  it('keeps types inside of objects', () => {
    expect(typedIdText('{"shop":{"$numberInt":"1"},"day":{"$numberLong":"2"},"tags":["a",null]}')).toBe(
      '{ shop: 1, day: Int64 2, tags: ["a", null] }',
    );
    expect(typedIdText('{}')).toBe('{}');
  });

  it('is shown as it is where it is no JSON or no type of it', () => {
    expect(typedIdText('{"$oid":"6746…')).toBe('{"$oid":"6746…');
    expect(typedIdText('{"$unheard":"x"}')).toBe('{ $unheard: "x" }');
  });
});
