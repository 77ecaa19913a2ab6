/** What a child process may know of our environment: an allow-list, so that no secret in ours ever reaches it. */

const allowed = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'TMP',
  'TEMP',
  'LANG',
  'LANGUAGE',
  'TZ',
  'XDG_RUNTIME_DIR',
  // Certificate stores and Kerberos, which the database tools look up themselves.
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'KRB5_CONFIG',
  'KRB5CCNAME',
  // Windows, where even starting a program or opening a socket needs some of these.
  'SYSTEMROOT',
  'SYSTEMDRIVE',
  'WINDIR',
  'COMSPEC',
  'PATHEXT',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'USERPROFILE',
  'USERNAME',
  'HOMEDRIVE',
  'HOMEPATH',
]);

/** The allow-listed part of this process' environment (with all `LC_*`) and `additions`. */
export function toolEnvironment(additions: Record<string, string> = {}): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    const upperCase = name.toUpperCase();
    if (value !== undefined && (allowed.has(upperCase) || upperCase.startsWith('LC_'))) environment[name] = value;
  }
  return { ...environment, ...additions };
}
