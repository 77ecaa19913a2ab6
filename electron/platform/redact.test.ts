import { describe, expect, it } from 'vitest';
import { redactText, redactValue } from './redact';

describe('redaction of text', () => {
  it.each([
    ['mongodb://ann:secret@db.example.net:27017/shop', 'mongodb://ann:***@db.example.net:27017/shop'],
    ['mongodb+srv://ann:s%40cret@h/?w=majority', 'mongodb+srv://ann:***@h/?w=majority'],
    ['mongodb://ann:p@ss/w?rd#1@h1,h2/db', 'mongodb://ann:***@h1,h2/db'],
    ['mongodb://:secret@h/', 'mongodb://:***@h/'],
    [
      'mongodb://h/?tlsCertificateKeyFilePassword=secret&tls=true',
      'mongodb://h/?tlsCertificateKeyFilePassword=***&tls=true',
    ],
    [
      'mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:secret',
      'mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:***',
    ],
    ['mongodb://u@h/ and mongodb://h:27017/', 'mongodb://u@h/ and mongodb://h:27017/'],
    ['https://user:secret@proxy:3128', 'https://user:***@proxy:3128'],
    ['mongodump --password=secret --host h', 'mongodump --password=*** --host h'],
    ['--sslPEMKeyPassword "my secret" x', '--sslPEMKeyPassword *** x'],
    ['{"user":"ann","password":"se\\"cret"}', '{"user":"ann","password":"***"}'],
    ['password: secret', 'password: ***'],
    ['a line about nothing', 'a line about nothing'],
    ['hosts h1:27017,h2:27017 and mail ann@example.net', 'hosts h1:27017,h2:27017 and mail ann@example.net'],
  ])('%s', (text, expected) => {
    expect(redactText(text)).toBe(expected);
    expect(redactText(redactText(text))).toBe(expected);
  });

  it('masks both of two connection strings', () => {
    expect(redactText('mongodb://a:one@h mongodb://b:two@h')).toBe('mongodb://a:***@h mongodb://b:***@h');
  });

  it('masks known secrets in every spelling', () => {
    expect(redactText('x p@ss"1 y p%40ss%221 z p@ss\\"1', ['p@ss"1', ''])).toBe('x *** y *** z ***');
  });

  it('takes linear time on hostile text', () => {
    // Of the processor, which other work on the machine does not slow down. A quadratic expression takes minutes.
    const before = process.cpuUsage();
    redactText('mongodb://' + 'a:@'.repeat(50_000));
    redactText('password'.repeat(20_000));
    redactText('mongodb://u:'.repeat(5_000));
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(5);
  });
});

describe('redaction of values', () => {
  it('masks what stands under names of secrets, at any depth', () => {
    const clean = redactValue({
      uri: 'mongodb://u:secret@h/',
      password: 'secret',
      nested: [{ authToken: 'secret', tlsKeyPassphrase: 'secret', name: 'kept' }],
      hasPassword: true,
      secrets: { a: 'secret' },
      empty: { password: '' },
    });
    expect(JSON.stringify(clean)).not.toContain('secret@');
    expect(clean).toMatchObject({
      uri: 'mongodb://u:***@h/',
      password: '***',
      nested: [{ authToken: '***', tlsKeyPassphrase: '***', name: 'kept' }],
      hasPassword: true,
      secrets: '***',
      empty: { password: '' },
    });
  });

  it('makes plain objects of errors, dates, bytes and functions', () => {
    const error = Object.assign(new Error('at mongodb://u:secret@h'), { code: 18, password: 'x' });
    expect(redactValue({ error, at: new Date(0), bytes: Buffer.alloc(3), fn: () => 1, big: 1n })).toMatchObject({
      error: { type: 'Error', message: 'at mongodb://u:***@h', code: 18, password: '***' },
      at: '1970-01-01T00:00:00.000Z',
      bytes: '[3 bytes]',
      fn: '[function]',
      big: '1',
    });
  });

  it('ends on circles and keeps strange keys as keys', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(JSON.stringify(redactValue(circle))).toContain('[…]');
    const strange = redactValue(JSON.parse('{"__proto__": {"admin": true}}')) as object;
    expect(Object.keys(strange)).toEqual(['__proto__']);
    expect('admin' in strange).toBe(false);
  });
});
