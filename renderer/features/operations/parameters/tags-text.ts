/** Tags as one line of text: `dc: east, use: reporting`. Pure. */

export function formatTags(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');
}

/** Null where the text is no list of `name: value`, or names a tag twice. */
export function parseTags(text: string): Record<string, string> | null {
  const tags = new Map<string, string>();
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const colon = part.indexOf(':');
    const name = part.slice(0, Math.max(0, colon)).trim();
    const value = part.slice(colon + 1).trim();
    if (name === '' || value === '' || tags.has(name)) return null;
    tags.set(name, value);
  }
  // A Map keeps a tag called `__proto__` an ordinary entry.
  return Object.fromEntries(tags);
}
