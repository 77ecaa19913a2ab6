import type { ClientSession, MongoClient } from 'mongodb';
import { commitFailureOf } from './server-errors';

/**
 * `work` in a transaction that reads one snapshot and commits to a majority; done again, with its commit, while the server
 * says that it passes. Throws what `work` throws, and what came of the commit: see {@link commitFailureOf}.
 */
export async function inTransaction(
  client: MongoClient,
  work: (session: ClientSession) => Promise<void>,
): Promise<void> {
  const session = client.startSession();
  let isCommitting = false;
  const whole = async (): Promise<void> => {
    isCommitting = false;
    await work(session);
    isCommitting = true;
  };
  try {
    await session.withTransaction(whole, {
      readConcern: { level: 'snapshot' },
      writeConcern: { w: 'majority' },
      readPreference: 'primary',
    });
  } catch (error) {
    throw isCommitting ? commitFailureOf(error) : error;
  } finally {
    await session.endSession();
  }
}
