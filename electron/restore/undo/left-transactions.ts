/** Transactions that a killed restore left open: the server keeps what they wrote locked for a minute, unless told. */
import type { Document, MongoClient } from 'mongodb';

/** The name under which a restore writes, so that what it leaves behind is known as its own. */
export function writerName(restoreId: string): string {
  return `Lifeboat ${restoreId}`;
}

/**
 * Ends the transactions that the restore's killed process left open on the server, and returns how many there were. Only
 * for a restore that runs nowhere any more. Throws what the server refuses; without this it ends them by itself, later.
 */
export async function endLeftTransactions(client: MongoClient, restoreId: string): Promise<number> {
  const admin = client.db('admin');
  const open = await admin
    .aggregate<{ lsid: { id: unknown } }>(
      [
        { $currentOp: { allUsers: false, idleSessions: true } },
        { $match: { appName: writerName(restoreId), transaction: { $exists: true }, 'lsid.id': { $exists: true } } },
        { $project: { lsid: 1 } },
      ],
      { readPreference: 'primary' },
    )
    .toArray();
  if (open.length === 0) return 0;
  const sessions: Document[] = open.map(({ lsid }) => ({ id: lsid.id }));
  await admin.command({ killSessions: sessions });
  return sessions.length;
}
