/** Where MongoDB's programs may be, in the order in which they are tried. */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Tool, ToolName } from '../../shared/toolchain';
import { cacheFolder, platformKey } from './cache-folder';

export interface ToolCandidate {
  path: string;
  foundIn: NonNullable<Tool['foundIn']>;
}

/** The variable that names a tool's file. */
export function toolVariable(name: ToolName): string {
  return `LIFEBOAT_${name.toUpperCase()}`;
}

function fileName(name: ToolName): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}

/** Entries of a folder, newest version first; none when it cannot be read. */
function entriesNewestFirst(folder: string): string[] {
  try {
    return readdirSync(folder).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  } catch {
    return [];
  }
}

function matching(parent: string, pattern: RegExp, ...below: string[]): string[] {
  return entriesNewestFirst(parent)
    .filter((name) => pattern.test(name))
    .map((name) => join(parent, name, ...below));
}

/** Folders in which installers and package managers put MongoDB's programs. */
function installFolders(): string[] {
  switch (process.platform) {
    case 'darwin':
      return [
        '/opt/homebrew/bin',
        '/usr/local/bin',
        ...['/opt/homebrew/opt', '/usr/local/opt'].flatMap((parent) => matching(parent, /^mongodb-/, 'bin')),
        '/opt/local/bin',
        ...matching('/usr/local', /^mongodb/, 'bin'),
      ];
    case 'win32':
      return [process.env['PROGRAMFILES'], process.env['PROGRAMFILES(X86)']]
        .filter((root): root is string => Boolean(root))
        .flatMap((root) => [
          ...matching(join(root, 'MongoDB', 'Tools'), /^\d/, 'bin'),
          ...matching(join(root, 'MongoDB', 'Server'), /^\d/, 'bin'),
        ]);
    default:
      return [
        '/usr/bin',
        '/usr/local/bin',
        ...matching('/opt', /^mongodb/, 'bin'),
        ...matching('/usr/local', /^mongodb/, 'bin'),
        '/snap/bin',
        join(homedir(), '.local', 'bin'),
        join(homedir(), 'bin'),
      ];
  }
}

/** Folders filled by set-up; one counts only when its `complete.json` is there. */
function runtimeFolders(name: ToolName): string[] {
  const kind = join(cacheFolder(), name === 'mongod' ? 'mongod' : 'database-tools');
  return entriesNewestFirst(kind)
    .filter((entry) => entry.endsWith(`-${platformKey()}`) && existsSync(join(kind, entry, 'complete.json')))
    .map((entry) => join(kind, entry, 'bin'));
}

/**
 * Files to try for `name`: what settings or the environment name stands alone, whatever is there; otherwise those that
 * exist on PATH, in the usual install folders, and in the runtime folder.
 */
export function toolCandidates(name: ToolName, toolPaths: Partial<Record<ToolName, string>>): ToolCandidate[] {
  const chosen = toolPaths[name];
  if (chosen) return [{ path: chosen, foundIn: 'settings' }];
  const variable = process.env[toolVariable(name)];
  if (variable) return [{ path: variable, foundIn: 'environment' }];
  const file = fileName(name);
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  const candidates: ToolCandidate[] = [
    ...onPath.map((folder): ToolCandidate => ({ path: join(folder, file), foundIn: 'path' })),
    ...installFolders().map((folder): ToolCandidate => ({ path: join(folder, file), foundIn: 'install-folder' })),
    ...runtimeFolders(name).map((folder): ToolCandidate => ({ path: join(folder, file), foundIn: 'runtime-folder' })),
  ];
  const seen = new Set<string>();
  return candidates.filter(({ path }) => {
    if (seen.has(path) || !existsSync(path)) return false;
    seen.add(path);
    return true;
  });
}
