/** Secrets for MongoDB's tools: a `--config` file of mode 0600 instead of arguments or environment. */
import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toStoreFailure } from './failures';
import { identifyProcess, processIdentity } from './process-identity';

/** What the tools read from their configuration file. */
export interface ToolConfig {
  uri?: string;
  password?: string;
  /** Of the client's key file. */
  sslPEMKeyPassword?: string;
}

const filePattern = /^tool-config\.(\d+)\.([0-9a-f]{12})\.[0-9a-f]{16}\.yaml$/;
const present = new Set<string>();
let exitHandled = false;

function fingerprint(startedAt: string): string {
  return createHash('sha256').update(startedAt).digest('hex').slice(0, 12);
}

function removeAtExit(): void {
  if (exitHandled) return;
  exitHandled = true;
  process.once('exit', () => {
    for (const path of present) rmSync(path, { force: true });
  });
}

/**
 * Writes `config` as YAML into a file of mode 0600 in `folder`, calls `fn` with its path and removes it when `fn` has
 * settled (also when this process exits). What a killed process left is removed by {@link removeLeftoverToolConfigs}.
 */
export async function withToolConfig<T>(
  config: ToolConfig,
  folder: string,
  fn: (configPath: string) => Promise<T>,
): Promise<T> {
  const { pid, startedAt } = processIdentity();
  const path = join(folder, `tool-config.${pid}.${fingerprint(startedAt)}.${randomBytes(8).toString('hex')}.yaml`);
  // A JSON string is a YAML double-quoted scalar, whatever characters the secret holds.
  const lines = Object.entries(config).flatMap(([name, value]) =>
    typeof value === 'string' ? [`${name}: ${JSON.stringify(value)}\n`] : [],
  );
  removeAtExit();
  present.add(path);
  try {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = await open(path, 'wx', 0o600);
      try {
        await file.writeFile(lines.join(''));
      } finally {
        await file.close();
      }
    } catch (error) {
      throw toStoreFailure(error, folder);
    }
    return await fn(path);
  } finally {
    await rm(path, { force: true });
    present.delete(path);
  }
}

/** Removes configuration files of processes that no longer run. Returns how many. */
export async function removeLeftoverToolConfigs(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  let removed = 0;
  for (const name of names) {
    const match = filePattern.exec(name);
    if (!match) continue;
    const owner = identifyProcess(Number(match[1]));
    if (owner && fingerprint(owner.startedAt) === match[2]) continue;
    await rm(join(folder, name), { force: true });
    removed++;
  }
  return removed;
}
