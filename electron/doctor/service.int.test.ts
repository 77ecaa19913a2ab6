import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoctorCheck, DoctorReport } from '../../shared/toolchain';
import { createMemorySecretStore, type SecretStore } from '../connections/secret-store';
import { createConnections, type Connections } from '../connections/service';
import { prepareDataFolder, resolveDataFolder, type DataFolder } from '../platform/data-folder';
import { createSilentLogger } from '../platform/logger';
import { createSandboxes } from '../sandbox/service';
import { createSettings, type SettingsService } from '../settings/service';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { createToolchain } from '../toolchain/service';
import { createDoctor, type Doctor } from './service';

const logger = createSilentLogger();
const audit = { record: () => Promise.resolve() };

describe('the doctor', () => {
  let folder: DataFolder;
  let settings: SettingsService;
  let connections: Connections;

  function doctor(secrets: Pick<SecretStore, 'place' | 'status'> = createMemorySecretStore()): Doctor {
    const toolchain = createToolchain({ settings });
    const sandboxes = createSandboxes({ folder: folder.sandboxesFolder, toolchain, logger, audit });
    return createDoctor({ dataFolder: folder, toolchain, settings, connections, sandboxes, secrets });
  }

  function find(report: DoctorReport, id: string): DoctorCheck | undefined {
    return report.checks.find((check) => check.id.startsWith(id));
  }

  beforeEach(async () => {
    folder = resolveDataFolder(temporaryFolder('lifeboat-doctor'));
    await prepareDataFolder(folder);
    settings = createSettings({ file: folder.settingsFile, folder });
    const secrets = createMemorySecretStore();
    connections = createConnections({ file: folder.connectionsFile, secrets, logger, audit });
  });

  afterEach(async () => {
    settings.close();
    await connections.close();
    removeTemporaryFolder(folder.root);
  });

  it('finds nothing to mend where everything is well', async () => {
    const report = await doctor().report();
    expect(report.tools.map(({ name }) => name)).toEqual(['mongodump', 'mongorestore', 'mongod']);
    expect(find(report, 'tool-mongod')).toMatchObject({ status: 'ok' });
    expect(find(report, 'data-folder')).toMatchObject({
      status: 'ok',
      summary: expect.stringContaining(folder.root) as string,
    });
    expect(find(report, 'store-')).toMatchObject({ status: 'ok' });
    expect(find(report, 'connections')?.summary).toBe('0 connections');
    expect(find(report, 'sandboxes')?.summary).toBe('0 sandboxes running');
  });

  it('says which tool is broken, and is not healthy then', async () => {
    const tool = join(folder.root, 'mongodump');
    writeFileSync(tool, '#!/bin/sh\necho "mongodump version: 100.4.0"\n');
    chmodSync(tool, 0o755);
    await settings.update({ toolPaths: { mongodump: tool } });
    const report = await doctor().report();
    expect(report.healthy).toBe(false);
    expect(find(report, 'tool-mongodump')).toMatchObject({
      status: 'failed',
      hint: expect.stringContaining('100.5.0') as string,
    });
  });

  it('says that no keychain keeps passwords, as a warning', async () => {
    const status = () => ({ keychain: false, reason: 'no keyring is running (basic_text)' });
    const report = await doctor({ place: 'keychain', status }).report();
    expect(find(report, 'secrets')).toMatchObject({
      status: 'warning',
      summary: expect.stringContaining('basic_text') as string,
    });
    expect(
      (await doctor({ place: 'passphrase', status }).report()).checks.find(({ id }) => id === 'secrets')?.status,
    ).toBe('ok');
  });

  it('opens no connection unless it is asked to', async () => {
    await connections.add({
      name: 'Gone',
      colour: 'gray',
      environment: 'development',
      readOnly: false,
      uri: 'mongodb://127.0.0.1:1/',
      username: null,
      secretPlace: 'none',
    });
    expect((await doctor().report()).checks.some(({ id }) => id.startsWith('connection-'))).toBe(false);
    const report = await doctor().report({ testConnections: true });
    expect(find(report, 'connection-')).toMatchObject({ status: 'failed', title: 'Connection Gone' });
  });

  it('tells of a damaged file of connections instead of failing', async () => {
    writeFileSync(folder.connectionsFile, '{"formatVersion":1,');
    expect(find(await doctor().report(), 'connections')).toMatchObject({
      status: 'failed',
      summary: expect.stringContaining('damaged') as string,
    });
  });
});
