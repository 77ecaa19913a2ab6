import { MongoServerError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { commitFailureOf, isPassing } from './server-errors';

describe('a commit that fails', () => {
  it('is tried again where the driver stumbled and no server said what became of it', () => {
    const stumbled = new TypeError('error.hasErrorLabel is not a function');
    expect(isPassing(stumbled)).toBe(false);
    expect(isPassing(commitFailureOf(stumbled))).toBe(true);
    expect(commitFailureOf(stumbled)).toMatchObject({ message: stumbled.message });
  });

  it('is what the server said, where it said something', () => {
    const refused = new MongoServerError({ message: 'not authorized', code: 13 });
    expect(commitFailureOf(refused)).toBe(refused);
    expect(isPassing(commitFailureOf(refused))).toBe(false);
    const unknown = new MongoServerError({ message: 'who knows', errorLabels: ['UnknownTransactionCommitResult'] });
    expect(isPassing(commitFailureOf(unknown))).toBe(true);
  });
});
