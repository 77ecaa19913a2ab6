import type { MongoClient } from 'mongodb';
import { parseNamespace } from '../../../shared/namespaces';
import type { UndoRecord } from './undo-record';

/**
 * After an undo has dropped the last view of a database that the restore had made, servers keep an empty `system.views`
 * there, and with it the database. It goes too; a refusal (a missing privilege) leaves it, which harms nobody.
 */
export async function dropEmptyDatabases(client: MongoClient, record: UndoRecord): Promise<void> {
  const databases = new Set(
    record.namespaces.flatMap(({ ns, existed }) => (existed ? [] : (parseNamespace(ns)?.database ?? []))),
  );
  for (const { ns, existed } of record.namespaces) if (existed) databases.delete(parseNamespace(ns)?.database ?? '');
  for (const name of databases) {
    const database = client.db(name);
    try {
      const [first, second] = await database.listCollections({}, { nameOnly: true }).toArray();
      if (second || first?.name !== 'system.views') continue;
      if ((await database.collection('system.views').findOne()) === null)
        await database.command({ drop: 'system.views' });
    } catch {
      continue;
    }
  }
}
