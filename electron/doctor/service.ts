/** Looks over everything Lifeboat needs and says what to do about what is not well. */
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes, formatQuantity } from '../../shared/format';
import type { StoreStatus } from '../../shared/settings';
import type { DoctorCheck, DoctorReport, Tool } from '../../shared/toolchain';
import type { SecretStore } from '../connections/secret-store';
import { serverSupport } from '../connections/server-support';
import type { Connections } from '../connections/service';
import type { DataFolder } from '../platform/data-folder';
import { toAppError, toStoreFailure } from '../platform/failures';
import type { Sandboxes } from '../sandbox/service';
import { freeBytes } from '../settings/disk-space';
import type { SettingsService } from '../settings/service';
import type { Toolchain } from '../toolchain/service';

export interface Doctor {
  /** Opens no network connection unless `testConnections` is set. Never throws for what it finds. */
  report(options?: { testConnections?: boolean }): Promise<DoctorReport>;
}

export interface DoctorOptions {
  dataFolder: DataFolder;
  toolchain: Pick<Toolchain, 'list'>;
  settings: Pick<SettingsService, 'stores'>;
  connections: Pick<Connections, 'list' | 'test'>;
  sandboxes: Pick<Sandboxes, 'list'>;
  secrets: Pick<SecretStore, 'place' | 'status'>;
}

/** Bytes below which a disk is called nearly full. */
const littleSpace = 2 * 1024 ** 3;

type Finding = Pick<DoctorCheck, 'status' | 'summary'> & { hint?: string | null };

export function createDoctor(options: DoctorOptions): Doctor {
  const { dataFolder, toolchain, settings, connections, sandboxes, secrets } = options;

  async function check(id: string, title: string, look: () => Promise<Finding>): Promise<DoctorCheck> {
    try {
      const { status, summary, hint = null } = await look();
      return { id, title, status, summary, hint };
    } catch (error) {
      const { message, hint = null } = toAppError(error);
      return { id, title, status: 'failed', summary: message, hint };
    }
  }

  async function checkDataFolder(): Promise<Finding> {
    const probe = join(dataFolder.root, `.doctor-${randomBytes(4).toString('hex')}.tmp`);
    try {
      await writeFile(probe, 'x', { mode: 0o600 });
    } catch (error) {
      throw toStoreFailure(error, dataFolder.root);
    } finally {
      await rm(probe, { force: true }).catch(() => undefined);
    }
    const free = await freeBytes(dataFolder.root);
    const space = free === null ? 'free space unknown' : `${formatBytes(free)} free`;
    if (free !== null && free < littleSpace)
      return {
        status: 'warning',
        summary: `${dataFolder.root}: only ${space}`,
        hint: 'Free some space, or move the data folder with --data-dir or LIFEBOAT_HOME.',
      };
    return { status: 'ok', summary: `${dataFolder.root}, writable, ${space}` };
  }

  function checkSecrets(): Promise<Finding> {
    const { keychain, reason } = secrets.status();
    if (secrets.place === 'passphrase')
      return Promise.resolve({ status: 'ok', summary: 'Passwords are encrypted with your passphrase.' });
    if (keychain) return Promise.resolve({ status: 'ok', summary: 'Passwords are encrypted by the operating system.' });
    return Promise.resolve({
      status: 'warning',
      summary: `Passwords cannot be kept. ${reason ?? 'No keychain was found'}.`,
      hint: 'Choose "ask each time" for connections, or start a keyring (GNOME Keyring, KWallet).',
    });
  }

  async function checkConnections(testThem: boolean): Promise<DoctorCheck[]> {
    const summary = await check('connections', 'Connections', async () => {
      const saved = await connections.list();
      return { status: 'ok', summary: formatQuantity(saved.length, 'connection') };
    });
    if (!testThem || summary.status !== 'ok') return [summary];
    const tests = (await connections.list()).map(({ id, name }) =>
      check(`connection-${id}`, `Connection ${name}`, async () => {
        const { error, deployment, elapsedMs } = await connections.test(id);
        if (error) return { status: 'failed', summary: error.message, hint: error.hint ?? null };
        const what = deployment ? `MongoDB ${deployment.serverVersion}, ${deployment.topology}` : 'reachable';
        const summary = `${what}, answered in ${elapsedMs} ms`;
        const { warning, hint } = serverSupport(deployment?.serverVersion ?? '');
        return warning === null
          ? { status: 'ok', summary }
          : { status: 'warning', summary: `${summary}. ${warning}`, ...(hint === null ? {} : { hint }) };
      }),
    );
    return [summary, ...(await Promise.all(tests))];
  }

  async function checkSandboxes(): Promise<Finding> {
    const running = await sandboxes.list();
    const staying = running.filter(({ ownerProcessId }) => ownerProcessId === 0);
    if (staying.length === 0)
      return { status: 'ok', summary: `${formatQuantity(running.length, 'sandbox', 'sandboxes')} running` };
    return {
      status: 'warning',
      summary: `${formatQuantity(staying.length, 'sandbox', 'sandboxes')} started from the command line still running: ${staying.map(({ id }) => id).join(', ')}`,
      hint: 'Stop them with: lifeboat sandbox stop --all',
    };
  }

  async function storeChecks(): Promise<DoctorCheck[]> {
    try {
      return (await settings.stores()).filter(({ temporary }) => !temporary).map(checkOfStore);
    } catch (error) {
      const { message, hint = null } = toAppError(error);
      return [{ id: 'stores', title: 'Stores', status: 'failed', summary: message, hint }];
    }
  }

  async function tools(): Promise<{ tools: Tool[]; checks: DoctorCheck[] }> {
    try {
      const list = await toolchain.list();
      return { tools: list, checks: list.map(checkOfTool) };
    } catch (error) {
      const { message, hint = null } = toAppError(error);
      return { tools: [], checks: [{ id: 'tools', title: 'Tools', status: 'failed', summary: message, hint }] };
    }
  }

  return {
    report: async ({ testConnections = false } = {}) => {
      const [found, folder, keychain, stores, known, running] = await Promise.all([
        tools(),
        check('data-folder', 'Data folder', checkDataFolder),
        check('secrets', 'Passwords', checkSecrets),
        storeChecks(),
        checkConnections(testConnections),
        check('sandboxes', 'Sandboxes', checkSandboxes),
      ]);
      const checks = [...found.checks, folder, keychain, ...stores, ...known, running];
      return { healthy: checks.every(({ status }) => status !== 'failed'), tools: found.tools, checks };
    },
  };
}

const places: Readonly<Record<NonNullable<Tool['foundIn']>, string>> = {
  settings: 'chosen in Settings',
  environment: 'named by the environment',
  path: 'on PATH',
  'install-folder': 'in an install folder',
  'runtime-folder': "in Lifeboat's cache folder",
};

function checkOfTool({ name, path, version, foundIn, problem }: Tool): DoctorCheck {
  const id = `tool-${name}`;
  if (problem) return { id, title: name, status: 'failed', summary: problem.message, hint: problem.hint ?? null };
  const place = foundIn === null ? '' : `, ${places[foundIn]}`;
  return { id, title: name, status: 'ok', summary: `${version ?? ''} at ${path ?? ''}${place}`, hint: null };
}

function checkOfStore({ id, name, path, available, writable, freeBytes: free, problem }: StoreStatus): DoctorCheck {
  const base = { id: `store-${id}`, title: `Store ${name}` };
  const space = free === null ? '' : `, ${formatBytes(free)} free`;
  if (!available)
    return {
      ...base,
      status: 'failed',
      summary: problem ?? `${path} is not there.`,
      hint: 'Connect its disk, or remove the store in Settings.',
    };
  if (!writable)
    return {
      ...base,
      status: 'warning',
      summary: problem ?? `${path} is read-only.`,
      hint: 'Backups in it can be restored, new ones cannot be made.',
    };
  if (free !== null && free < littleSpace)
    return {
      ...base,
      status: 'warning',
      summary: `${path}: only ${formatBytes(free)} free`,
      hint: 'Free some space before the next backup.',
    };
  return { ...base, status: 'ok', summary: `${path}${space}`, hint: null };
}
