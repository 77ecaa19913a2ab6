import type { MongoClient } from 'mongodb';

const ofTheServer = new Set(['admin', 'config', 'local']);

/** Databases the user may list, but those of the server itself. Throws the driver's errors. */
export async function userDatabases(client: MongoClient): Promise<string[]> {
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true, authorizedDatabases: true });
  return databases.map(({ name }) => name).filter((name) => !ofTheServer.has(name));
}
