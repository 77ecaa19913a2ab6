/** Finds mongodump, mongorestore and mongod, and tells what is wrong with what it found. */
import { statSync } from 'node:fs';
import type { Settings } from '../../shared/settings';
import { toolNames, type Tool, type ToolName } from '../../shared/toolchain';
import { AppFailure, type AppError } from '../../shared/result';
import { runTool } from '../platform/spawn-tool';
import { toolCandidates, toolVariable, type ToolCandidate } from './find-tools';
import { isTooOld, minimumVersions, parseToolVersion } from './tool-version';

export interface Toolchain {
  /** All tools, each with its problem if it has one; never throws because of a tool. */
  list(): Promise<Tool[]>;
  /** A tool fit for use; throws 'tool-missing', 'tool-unusable' or 'tool-too-old' saying what to do. */
  require(name: ToolName): Promise<{ path: string; version: string }>;
}

export interface ToolchainOptions {
  settings: { get(): Promise<Pick<Settings, 'toolPaths'>> };
  /** Milliseconds that `--version` may take; 10,000 by default. */
  versionTimeoutMs?: number;
}

const packages: Readonly<Record<ToolName, string>> = {
  mongodump: 'the MongoDB Database Tools',
  mongorestore: 'the MongoDB Database Tools',
  mongod: 'the MongoDB server',
};

function wayOut(name: ToolName): string {
  return `Install ${packages[name]} (${minimumVersions[name]} or newer), or choose the file under Settings, Tools or with ${toolVariable(name)}.`;
}

export function createToolchain({ settings, versionTimeoutMs = 10_000 }: ToolchainOptions): Toolchain {
  const known = new Map<string, Promise<Tool>>();

  async function probe(name: ToolName, { path, foundIn }: ToolCandidate): Promise<Tool> {
    const found = (version: string | null, problem: AppError | null): Tool => ({
      name,
      path,
      version,
      foundIn,
      problem,
    });
    const unusable = (reason: string, details?: string): Tool =>
      found(null, {
        code: 'tool-unusable',
        message: `${path} cannot be used as ${name}: ${reason}.`,
        hint: wayOut(name),
        ...(details ? { details } : {}),
      });
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), versionTimeoutMs);
    try {
      const exit = await runTool({ path, args: ['--version'], signal: limit.signal, killAfterMs: 500 });
      if (limit.signal.aborted) return unusable(`it did not tell its version within ${versionTimeoutMs / 1000} s`);
      const version = parseToolVersion(name, exit.stdout);
      if (version === null) {
        const end = exit.code === 0 ? 'it does not tell its version' : `it ends with ${exit.code ?? exit.signal}`;
        return unusable(end, `${exit.stdout}${exit.stderrTail}`.slice(0, 2000));
      }
      if (!isTooOld(name, version)) return found(version, null);
      return found(version, {
        code: 'tool-too-old',
        message: `${path} is ${name} ${version}; Lifeboat needs ${minimumVersions[name]} or newer.`,
        hint: wayOut(name),
      });
    } catch (error) {
      if (!(error instanceof AppFailure)) throw error;
      return found(null, { ...error.error, hint: wayOut(name) });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Remembered by path and change of the file, except where it hung: that may have been the machine. */
  async function look(name: ToolName, candidate: ToolCandidate): Promise<Tool> {
    let key: string;
    try {
      const { mtimeMs, size, mode } = statSync(candidate.path);
      key = JSON.stringify([name, candidate, mtimeMs, size, mode]);
    } catch {
      return probe(name, candidate);
    }
    const remembered = known.get(key);
    if (remembered) return remembered;
    const answer = probe(name, candidate);
    known.set(key, answer);
    try {
      const tool = await answer;
      if (tool.problem?.code === 'tool-unusable') known.delete(key);
      return tool;
    } catch (error) {
      known.delete(key);
      throw error;
    }
  }

  async function find(name: ToolName): Promise<Tool> {
    const { toolPaths } = await settings.get();
    let firstWithProblem: Tool | null = null;
    for (const candidate of toolCandidates(name, toolPaths)) {
      const tool = await look(name, candidate);
      if (tool.problem === null) return tool;
      firstWithProblem ??= tool;
    }
    if (firstWithProblem) return firstWithProblem;
    const problem: AppError = { code: 'tool-missing', message: `${name} was not found.`, hint: wayOut(name) };
    return { name, path: null, version: null, foundIn: null, problem };
  }

  return {
    list: () => Promise.all(toolNames.map(find)),
    require: async (name) => {
      const { path, version, problem } = await find(name);
      if (problem) throw new AppFailure(problem);
      if (path === null || version === null) throw new Error(`${name} without path or problem`);
      return { path, version };
    },
  };
}
