import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../shared/result';
import {
  checkWithDriver,
  hostsOf,
  joinConnectionString,
  noSecrets,
  splitConnectionString,
  toolConnectionString,
  usesTls,
} from './connection-string';

function problemOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof AppFailure) return `${error.error.code}: ${error.error.message} ${error.error.hint ?? ''}`;
    throw error;
  }
  return 'no problem';
}

describe('taking a connection string apart', () => {
  it('moves user name and password out, percent codes decoded', () => {
    expect(splitConnectionString('mongodb://ann%40home:p%40ss%2Fw%3Ard@a:27017,b/shop?replicaSet=rs0')).toEqual({
      uri: 'mongodb://a:27017,b/shop?replicaSet=rs0',
      username: 'ann@home',
      secrets: { password: 'p@ss/w:rd', options: {} },
    });
  });

  it('moves options whose values are secret out', () => {
    const split = splitConnectionString(
      'mongodb://a/?tls=true&tlsCertificateKeyFile=/key.pem&tlsCertificateKeyFilePassword=hush',
    );
    expect(split.uri).not.toContain('hush');
    expect(split.uri).toContain('tlsCertificateKeyFile=');
    expect(split.secrets).toEqual({ password: null, options: { tlsCertificateKeyFilePassword: 'hush' } });
    const aws = splitConnectionString(
      'mongodb://a/?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:hush',
    );
    expect(aws.uri).not.toContain('hush');
  });

  it('gives back what it took, whatever the password holds', () => {
    for (const password of ['p@ss/w:rd?#[]%', 'ü 😀', '\'"\\', '%41']) {
      const secrets = { password, options: {} };
      const full = joinConnectionString('mongodb://a:1/', 'user@x', secrets);
      expect(() => checkWithDriver(full, secrets)).not.toThrow();
      expect(splitConnectionString(full)).toEqual({ uri: 'mongodb://a:1/', username: 'user@x', secrets });
    }
  });

  it('names the hosts with their ports', () => {
    expect(hostsOf('mongodb://a,b:27018,[::1]:27019/?replicaSet=rs0')).toEqual(['a:27017', 'b:27018', '[::1]:27019']);
    expect(hostsOf('mongodb+srv://cluster.example.net/')).toEqual(['cluster.example.net']);
  });

  it('knows whether TLS is asked for', () => {
    expect(usesTls('mongodb://a/')).toBe(false);
    expect(usesTls('mongodb://a/?ssl=true')).toBe(true);
    expect(usesTls('mongodb+srv://a.b.c/')).toBe(true);
    expect(usesTls('mongodb+srv://a.b.c/?tls=false')).toBe(false);
  });
});

describe('a connection string that is not right', () => {
  it.each([
    ['localhost:27017', /begins with mongodb:\/\//],
    ['http://localhost', /begins with mongodb:\/\//],
    ['mongodb://', /names no host/],
    ['mongodb:///shop', /names no host/],
    ['mongodb://a,,b', /names no host/],
    ['mongodb://user:secretword@', /names no host/],
    ['mongodb://my host', /holds a blank/],
    ['mongodb://a:port', /"port" is no port/],
    ['mongodb://a:70000', /"70000" is no port/],
    ['mongodb://::1:27017', /is no host.*brackets/],
    ['mongodb+srv://a.b.c:27017', /takes no port/],
    ['mongodb+srv://a.b.c,d.e.f', /names one host/],
    ['mongodb://user:secretword@x@host', /unescaped.*%40/],
    ['mongodb://user:secretword/x@host', /unescaped.*%2F/],
    ['mongodb://user:secretword:x@host', /unescaped.*%3A/],
    ['mongodb://user:secretword?x@host', /unescaped.*%3F/],
    ['mongodb://user:x@secretword:/w?rd@host:1/?authSource=admin', /unescaped.*%40.*%3F/],
    ['mongodb://user:x@y:secretword?a=b@host', /unescaped.*%40/],
    ['mongodb://user:secretword%x@host', /bare %.*%25/],
    ['mongodb://:secretword@host', /no user name/],
  ])('says what is wrong with %s, without the password', (uri, problem) => {
    const said = problemOf(() => splitConnectionString(uri));
    expect(said).toMatch(/^usage: /);
    expect(said).toMatch(problem);
    expect(said).not.toContain('secretword');
  });

  it('says what the driver does not accept', () => {
    expect(problemOf(() => checkWithDriver('mongodb://a/?noSuchOption=1', noSecrets))).toMatch(/nosuchoption/i);
    expect(problemOf(() => checkWithDriver('mongodb://a,b/?directConnection=true', noSecrets))).toMatch(/direct/i);
  });
});

describe('the connection string for the tools', () => {
  it('names one member alone, with the credentials', () => {
    const full = 'mongodb://u:p%40@a:1,b:2/shop?replicaSet=rs0&authSource=admin&tls=true';
    const parsed = new URL(toolConnectionString(full, { host: 'b:2', readPreference: 'nearest' }));
    expect(parsed.href.startsWith('mongodb://u:p%40@b:2/shop?')).toBe(true);
    expect(Object.fromEntries(parsed.searchParams)).toEqual({
      authSource: 'admin',
      tls: 'true',
      readPreference: 'nearest',
      directConnection: 'true',
    });
  });

  it('turns a DNS name into one member with what the name implied', () => {
    const direct = toolConnectionString('mongodb+srv://u:p@cluster.example.net/?retryWrites=true', {
      host: 'm1.example.net:27017',
      resolved: { tls: true, authSource: 'admin' },
    });
    expect(direct).toMatch(/^mongodb:\/\/u:p@m1\.example\.net:27017\/\?/);
    expect(direct).toContain('tls=true');
    expect(direct).toContain('authSource=admin');
  });
});
