import { describe, expect, it } from 'vitest';
import { emptyDraft, inputOf, secretPlaceOf, withUri } from './connection-draft';

describe('the connection form', () => {
  it('takes credentials out of a pasted connection string', () => {
    const draft = withUri(emptyDraft, 'mongodb://ann:s%20ecret@db.example:27017/?authSource=admin');
    expect(draft.uri).toBe('mongodb://db.example:27017/?authSource=admin');
    expect(draft.username).toBe('ann');
    expect(draft.password).toBe('s ecret');
    expect(draft.passwordTouched).toBe(true);
  });

  it('keeps a half-typed string as it is', () => {
    expect(withUri(emptyDraft, 'mongodb:/').uri).toBe('mongodb:/');
  });

  it('keeps passwords in the keychain where there is one, else asks', () => {
    const draft = { ...emptyDraft, username: 'ann' };
    expect(secretPlaceOf(draft, true)).toBe('keychain');
    expect(secretPlaceOf(draft, false)).toBe('ask');
    expect(secretPlaceOf(emptyDraft, true)).toBe('none');
  });

  it('sends a password only when it was typed', () => {
    const draft = { ...emptyDraft, name: 'shop', username: 'ann', secretPlace: 'keychain' as const };
    expect(inputOf(draft, true).input).not.toHaveProperty('password');
    expect(inputOf({ ...draft, password: 'x', passwordTouched: true }, true).input?.password).toBe('x');
  });

  it('says which field is wrong', () => {
    expect(inputOf({ ...emptyDraft, uri: 'nowhere' }, true).errors).toEqual({
      name: 'Give the connection a name',
      uri: expect.stringContaining('mongodb://'),
    });
  });
});
