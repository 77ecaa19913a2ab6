/** `database.collection`: a database name holds no dot, a collection name may. */
export interface Namespace {
  database: string;
  collection: string;
}

/** Splits at the first dot. Returns null when either part is empty. */
export function parseNamespace(text: string): Namespace | null {
  const dot = text.indexOf('.');
  if (dot <= 0 || dot === text.length - 1) return null;
  return { database: text.slice(0, dot), collection: text.slice(dot + 1) };
}

export function formatNamespace({ database, collection }: Namespace): string {
  return `${database}.${collection}`;
}
