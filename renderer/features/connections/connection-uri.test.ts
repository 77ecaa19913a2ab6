import { describe, expect, it } from 'vitest';
import { buildUri, optionOf, parseUri, withOption } from './connection-uri';

describe('a connection string', () => {
  it('is taken apart, credentials decoded', () => {
    const parts = parseUri('mongodb://ann:p%40ss%3Aword@a:27017,b:27018/shop?replicaSet=rs0&tls=true');
    expect(parts).toEqual({
      srv: false,
      hosts: 'a:27017,b:27018',
      username: 'ann',
      password: 'p@ss:word',
      database: 'shop',
      options: [
        ['replicaSet', 'rs0'],
        ['tls', 'true'],
      ],
    });
  });

  it('is put together without credentials', () => {
    const parts = parseUri('mongodb+srv://ann:secret@cluster.example/?authSource=admin&tlsCAFile=/etc/my%20ca.pem');
    expect(parts && buildUri(parts)).toBe('mongodb+srv://cluster.example/?authSource=admin&tlsCAFile=/etc/my%20ca.pem');
  });

  it('is refused where it is none', () => {
    expect(parseUri('')).toBeNull();
    expect(parseUri('localhost:27017')).toBeNull();
    expect(parseUri('mongodb://')).toBeNull();
    expect(parseUri('https://host/')).toBeNull();
    expect(parseUri('mongodb://h/?a=%zz')).toBeNull();
  });

  it('keeps IPv6 hosts and sockets as they are written', () => {
    expect(parseUri('mongodb://[::1]:27017')?.hosts).toBe('[::1]:27017');
  });

  it('sets, replaces and removes options without regard to case', () => {
    const parts = parseUri('mongodb://h/?TLS=false');
    if (!parts) throw new Error('not parsed');
    expect(optionOf(parts, 'tls')).toBe('false');
    expect(buildUri(withOption(parts, 'tls', 'true'))).toBe('mongodb://h/?TLS=true');
    expect(buildUri(withOption(parts, 'tls', ''))).toBe('mongodb://h/');
    expect(buildUri(withOption(parts, 'replicaSet', 'rs0'))).toBe('mongodb://h/?TLS=false&replicaSet=rs0');
  });
});
