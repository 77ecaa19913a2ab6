import { MongoCompatibilityError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { diagnoseDriverError } from './diagnose';
import { serverSupport } from './server-support';

describe('what is said of a server’s version', () => {
  it('is nothing from 4.4 to 8.0, nor of what is no version', () => {
    for (const version of ['4.4.0', '4.4.2', '5.0.4', '6.0.27', '7.0.14', '8.0.4-rc0', '8.0.13', 'unknown'])
      expect(serverSupport(version)).toEqual({ level: 'full', warning: null, hint: null });
  });

  it('names what older ones lack', () => {
    expect(serverSupport('4.2.6').level).toBe('partial');
    expect(serverSupport('4.2.6').warning).toMatch(/^MongoDB 4\.2\.6 is older than 4\.4 and supported in part: /);
    expect(serverSupport('4.2.6').hint).toContain('4.4');
  });

  it('is that newer ones are not known', () => {
    expect(serverSupport('8.2.1')).toMatchObject({ level: 'unknown' });
    expect(serverSupport('10.0.0').warning).toBe(
      'MongoDB 10.0.0 is newer than 8.0, the newest that this Lifeboat knows.',
    );
  });
});

it('a server too old to be talked to is told as such, with what to do', () => {
  const error = new MongoCompatibilityError(
    'Server at db:27017 reports maximum wire version 7, but this version of the Node.js Driver requires at least 8 (MongoDB 4.2)',
  );
  expect(diagnoseDriverError(error, 'db:27017')).toMatchObject({
    code: 'server-error',
    message: 'db:27017 runs a version of MongoDB that is too old for Lifeboat.',
    hint: 'Lifeboat works with MongoDB 4.4 and newer, and in part with 4.2.',
  });
});
