/** What of a connection string must never be shown. */

/** The password, as written in the string and decoded, and the values of options that are secrets. */
export function secretsOf(uri: string): string[] {
  const secrets = new Set<string>();
  const add = (text: string | undefined): void => {
    if (text === undefined || text === '') return;
    secrets.add(text);
    try {
      secrets.add(decodeURIComponent(text));
    } catch {
      // Not percent-encoded: as it stands.
    }
  };
  add(/^mongodb(?:\+srv)?:\/\/[^:@/]*:([^@/]*)@/.exec(uri)?.[1]);
  for (const match of uri.matchAll(/[?&](?:tlsCertificateKeyFilePassword|sslPEMKeyPassword|proxyPassword)=([^&]*)/gi)) {
    add(match[1]);
  }
  return [...secrets];
}
