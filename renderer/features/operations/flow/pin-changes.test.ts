import { describe, expect, it } from 'vitest';
import { pinChanges } from './pin-changes';

const pin = { configurationVersion: 3, term: 7, primary: 'a:27017' };

describe('what changed between two previews', () => {
  it('is nothing when both saw the same', () => {
    expect(pinChanges(pin, { ...pin })).toEqual([]);
  });

  it('names the new primary once, and not its term besides', () => {
    expect(pinChanges(pin, { ...pin, term: 8, primary: 'b:27017' })).toEqual(['b:27017 is primary now, not a:27017.']);
  });

  it('says that nobody is primary', () => {
    expect(pinChanges(pin, { ...pin, primary: null })).toEqual(['a:27017 is no longer primary, and nobody else is.']);
  });

  it('tells a reconfiguration and an election that gave the same primary', () => {
    expect(pinChanges(pin, { configurationVersion: 4, term: 8, primary: 'a:27017' })).toEqual([
      'The configuration is version 4 now, not 3.',
      'There was an election: the term is 8 now, not 7.',
    ]);
  });
});
