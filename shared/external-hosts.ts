/** Hosts that an https link of ours may open in the user's browser. A link to any other is text to copy. */
export const externalHosts: ReadonlySet<string> = new Set(['www.mongodb.com']);
