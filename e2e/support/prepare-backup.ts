/** A connection and a backup to start from, asked for through the window's own bridge: stories that are about neither. */
import { expect } from '@playwright/test';
import { isFinished } from '../../shared/jobs';
import type { LifeboatApplication } from '../fixtures';

const backupMs = 600_000;

/** Returns the connection's id. */
export async function addConnection(lifeboat: LifeboatApplication, name: string, uri: string): Promise<string> {
  const { id } = await lifeboat.request('connections.add', {
    name,
    uri,
    colour: 'blue',
    environment: 'development',
    readOnly: false,
    username: null,
    secretPlace: 'none',
  });
  return id;
}

/** A verified backup of one database; returns its id. */
export async function backUp(lifeboat: LifeboatApplication, connectionId: string, database: string): Promise<string> {
  const { jobId } = await lifeboat.request('backups.run', {
    connectionId,
    scope: { kind: 'databases', databases: [database] },
    storeId: null,
    oplog: null,
    readPreference: 'primary',
    compressionLevel: 1,
    parallelCollections: 2,
    usersAndRoles: false,
    digest: true,
    category: 'operational',
    pinned: false,
    note: '',
    plan: null,
  });
  return jobResult(lifeboat, jobId);
}

/** Waits for a job to end well; returns its result's id. */
export async function jobResult(lifeboat: LifeboatApplication, jobId: string): Promise<string> {
  const find = async () => (await lifeboat.request('jobs.list')).find(({ id }) => id === jobId) ?? null;
  await expect.poll(async () => isFinished((await find())?.status ?? 'queued'), { timeout: backupMs }).toBe(true);
  const job = await find();
  expect(job?.error ?? null).toBeNull();
  return job?.resultId ?? '';
}
