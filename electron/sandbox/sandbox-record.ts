/** What is known of a sandbox on disk, so that whoever comes later can end it and remove its files. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppFailure } from '../../shared/result';
import type { Sandbox } from '../../shared/toolchain';
import { readJsonFile, writeJsonFile } from '../platform/json-file';
import { processIdentitySchema } from '../platform/process-identity';

const recordSchema = z.object({
  formatVersion: z.literal(1),
  id: z.string(),
  purpose: z.enum(['demo', 'scratch']),
  setName: z.string(),
  /** The process it ends with; null: it stays until it is stopped. */
  owner: processIdentitySchema.nullable(),
  startedAt: z.string(),
  /** True once it takes writes. */
  ready: z.boolean(),
  members: z.array(z.object({ port: z.number().int(), pid: z.number().int().nullable() })),
});
export type SandboxRecord = z.infer<typeof recordSchema>;

const recordName = 'sandbox.json';
const folderPattern = /^sandbox-[0-9a-f]{8}$/;

export function folderOf(sandboxesFolder: string, id: string): string {
  return join(sandboxesFolder, id);
}

/** Durable when it resolves. */
export async function writeRecord(sandboxesFolder: string, record: SandboxRecord): Promise<void> {
  await writeJsonFile(join(folderOf(sandboxesFolder, record.id), recordName), record);
}

export interface FoundSandbox {
  id: string;
  folder: string;
  /** Null when it was never written, or is damaged. */
  record: SandboxRecord | null;
}

export async function findSandboxes(sandboxesFolder: string): Promise<FoundSandbox[]> {
  const names = await readdir(sandboxesFolder).catch(() => []);
  return Promise.all(
    names
      .filter((name) => folderPattern.test(name))
      .map(async (id) => ({
        id,
        folder: folderOf(sandboxesFolder, id),
        record: await readRecord(sandboxesFolder, id),
      })),
  );
}

async function readRecord(sandboxesFolder: string, id: string): Promise<SandboxRecord | null> {
  try {
    const path = join(folderOf(sandboxesFolder, id), recordName);
    const record = await readJsonFile<SandboxRecord | null>(path, recordSchema, { absent: () => null });
    return record?.id === id ? record : null;
  } catch (error) {
    if (error instanceof AppFailure) return null;
    throw error;
  }
}

export function toSandbox(sandboxesFolder: string, record: SandboxRecord): Sandbox {
  const hosts = record.members.map(({ port }) => `127.0.0.1:${port}`);
  return {
    id: record.id,
    purpose: record.purpose,
    uri: `mongodb://${hosts.join(',')}/?replicaSet=${record.setName}`,
    members: record.members.map(({ pid }, index) => ({ host: hosts[index] ?? '', pid: pid ?? 0 })),
    folder: folderOf(sandboxesFolder, record.id),
    startedAt: record.startedAt,
    ownerProcessId: record.owner?.pid ?? 0,
  };
}
