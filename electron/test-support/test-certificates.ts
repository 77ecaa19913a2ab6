/** Certificates for TLS tests, made by OpenSSL; valid for 127.0.0.1 and localhost. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TestCertificates {
  /** The authority's certificate. */
  caFile: string;
  /** Server key and certificate. */
  certificateKeyFile: string;
  /** Client key and certificate of the same authority. */
  clientCertificateKeyFile: string;
  /** Another authority, which signed none of these: for tests of mismatches. */
  otherCaFile: string;
}

function openssl(folder: string, args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0] ?? ''} failed: ${stderr}`);
}

function makeAuthority(folder: string, name: string): void {
  const subject = `/O=Lifeboat tests/CN=${name}`;
  openssl(folder, [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    subject,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.pem`,
  ]);
}

function sign(folder: string, authority: string, name: string): string {
  openssl(folder, [
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    `/O=Lifeboat tests/CN=${name}`,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
  ]);
  writeFileSync(join(folder, 'names.cnf'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  openssl(folder, [
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${authority}.pem`,
    '-CAkey',
    `${authority}.key`,
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    'names.cnf',
    '-out',
    `${name}.crt`,
  ]);
  const path = join(folder, `${name}.pem`);
  copyFileSync(join(folder, `${name}.key`), path);
  appendFileSync(path, readFileSync(join(folder, `${name}.crt`)));
  return path;
}

/** Makes them in `folder`; takes about a second. */
export function makeTestCertificates(folder: string): TestCertificates {
  makeAuthority(folder, 'authority');
  makeAuthority(folder, 'other-authority');
  return {
    caFile: join(folder, 'authority.pem'),
    certificateKeyFile: sign(folder, 'authority', 'server'),
    clientCertificateKeyFile: sign(folder, 'authority', 'client'),
    otherCaFile: join(folder, 'other-authority.pem'),
  };
}
