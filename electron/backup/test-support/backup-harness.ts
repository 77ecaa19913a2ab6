/** All services over a temporary data folder, for tests of backups and of the catalogue. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { createTestServices, type TestServices } from '../../test-support/test-services';

export interface BackupHarness extends TestServices {
  client: MongoClient;
  /** Everything below the default store but the stores' own folders, as relative paths. */
  leftInStore(): Promise<string[]>;
  /** All text that Lifeboat wrote anywhere below its data folder. */
  writtenText(): Promise<string>;
}

export interface HarnessOptions {
  uri: string;
  /** Run in place of the one that would be found. */
  mongodump?: string;
}

export async function createHarness({ uri, mongodump }: HarnessOptions): Promise<BackupHarness> {
  const services = await createTestServices(uri, { name: 'Test set' });
  const { dataFolder, toolchain } = services;
  // The toolchain would pass over a file that is no good and find the next: here it is to be run.
  if (mongodump !== undefined) toolchain.require = () => Promise.resolve({ path: mongodump, version: '100.7.0' });
  const client = await new MongoClient(uri, { serverSelectionTimeoutMS: 5000 }).connect();
  return {
    ...services,
    client,
    leftInStore: () => listFiles(dataFolder.defaultStoreFolder),
    writtenText: async () => {
      const files = (await listFiles(dataFolder.root)).filter((name) => !/\.(gz|bin)$/.test(name));
      const texts = await Promise.all(
        files.map((name) => readFile(join(dataFolder.root, name), 'utf8').catch(() => '')),
      );
      return texts.join('\n');
    },
    close: async () => {
      await client.close();
      await services.close();
    },
  };
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = await Promise.all(
    entries.map(async (entry) => {
      if (!entry.isDirectory()) return [entry.name];
      const inside = await listFiles(join(folder, entry.name));
      return [`${entry.name}/`, ...inside.map((name) => `${entry.name}/${name}`)];
    }),
  );
  return nested.flat();
}
