/** The task 'catalogue.verify': re-reads a backup and reports everything that is wrong with it. */
import type { Manifest, ManifestNamespace, Verification } from '../../shared/backups';
import { formatBytes, formatCount, formatQuantity } from '../../shared/format';
import { formatNamespace } from '../../shared/namespaces';
import { AppFailure } from '../../shared/result';
import { BlockIndex } from '../archive/block-index';
import { inspectArchive, type FoundDamage, type InspectionReport } from '../archive/inspect-archive';
import { hashFile, rebuildIndex } from '../archive/rebuild-index';
import type { TaskContext } from '../jobs/task';
import { toStoreFailure } from '../platform/failures';
import { manifestNamespaces } from './manifest-namespaces';
import type { VerifyInput } from './verification';

type Problem = Verification['problems'][number];

/** Damage reported one by one; more is summed up. */
const mostProblems = 100;

function problem(message: string, more: Partial<Problem> = {}): Problem {
  return { message, block: null, namespaces: [], documentsLost: null, documentsSaved: null, ...more };
}

/** Never throws for what is wrong with the backup; 'cancelled', 'store-unavailable' and the like do throw. */
export async function verifyTask(input: VerifyInput, context: TaskContext): Promise<Verification> {
  const started = Date.now();
  const file = await verifyFile(input, context);
  const problems = input.level === 1 ? file : [...(await verifyStructure(input, context)), ...file];
  if (problems.length === 0) problems.push(...(await mendCompanions(input, context)));
  return {
    level: input.level,
    ok: problems.length === 0,
    at: new Date().toISOString(),
    elapsedMs: Date.now() - started,
    problems: cut(problems),
  };
}

function cut(problems: Problem[]): Problem[] {
  if (problems.length <= mostProblems) return problems;
  const rest = problems.length - mostProblems;
  return [...problems.slice(0, mostProblems), problem(`${formatQuantity(rest, 'further problem')} of the same kinds.`)];
}

/** Level 1: size and SHA-256 of the archive. */
async function verifyFile({ location, manifest }: VerifyInput, context: TaskContext): Promise<Problem[]> {
  const { file } = manifest;
  const found = await hashed(location.archive, context, (bytesDone) => {
    context.report({ phase: 'Verifying file', bytesDone, bytesTotal: file.bytes });
  });
  if (!found) return [problem(`The archive ${location.archive} is missing.`)];
  if (found.bytes !== file.bytes) {
    return [
      problem(`The archive has ${formatCount(found.bytes)} bytes; its manifest says ${formatCount(file.bytes)}.`),
    ];
  }
  if (found.sha256 === file.sha256) return [];
  return [problem('The archive was changed: its SHA-256 is not the one in the manifest.')];
}

async function hashed(path: string, { signal }: TaskContext, onProgress: (bytes: number) => void = () => undefined) {
  try {
    return await hashFile(path, signal, onProgress);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw toStoreFailure(error, path);
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === 'ENOENT';
}

/** Level 2: every block, every document, counts, checksums, content hashes. */
async function verifyStructure({ location, manifest }: VerifyInput, context: TaskContext): Promise<Problem[]> {
  const documentsTotal = manifest.namespaces.reduce(
    (sum, { documents }) => sum + documents,
    manifest.oplog?.entries ?? 0,
  );
  const index = await BlockIndex.read(location.blockIndex).catch(() => null);
  let report: InspectionReport;
  try {
    report = await inspectArchive(location.archive, {
      // An index of another archive would call every block damaged.
      index: index?.content.archive.sha256 === manifest.file.sha256 ? index : null,
      signal: context.signal,
      onProgress: (bytesDone, documentsDone) => {
        const bytesTotal = manifest.file.uncompressedBytes;
        context.report({ phase: 'Verifying structure', bytesDone, bytesTotal, documentsDone, documentsTotal });
      },
    });
  } catch (error) {
    if (isAbsent(error)) return [];
    throw toStoreFailure(error, location.archive);
  }
  return [...report.damages.map(describeDamage), ...compareContents(report, manifest)];
}

function describeDamage(damage: FoundDamage): Problem {
  const { message, block, namespaces, documentsLost, documentsSaved } = damage;
  return { message, block, namespaces, documentsLost, documentsSaved };
}

/** Where the archive reads well and still is not what the manifest describes. */
function compareContents(report: InspectionReport, manifest: Manifest): Problem[] {
  const { summary } = report;
  const explained = new Set(report.damages.flatMap(({ namespaces }) => namespaces));
  const found = new Map(manifestNamespaces(summary).map((each) => [formatNamespace(each), each]));
  const problems: Problem[] = [];
  for (const expected of manifest.namespaces) {
    const name = formatNamespace(expected);
    const actual = found.get(name);
    found.delete(name);
    if (isExplained(expected, explained)) continue;
    const difference = actual ? differenceOf(expected, actual) : `${name} is not in the archive.`;
    if (difference !== null) problems.push(problem(difference, { namespaces: [name] }));
  }
  if (report.damages.length > 0) return problems;
  for (const name of found.keys()) {
    problems.push(problem(`${name} is in the archive but not in the manifest.`, { namespaces: [name] }));
  }
  const entries = summary.oplog?.entries ?? 0;
  if (entries !== (manifest.oplog?.entries ?? 0)) {
    problems.push(
      problem(
        `The archive holds ${formatCount(entries)} oplog entries; its manifest says ${formatCount(manifest.oplog?.entries ?? 0)}.`,
      ),
    );
  }
  if (summary.archiveBytes !== manifest.file.uncompressedBytes) {
    const [actual, expected] = [summary.archiveBytes, manifest.file.uncompressedBytes].map(formatBytes);
    problems.push(problem(`The archive holds ${actual ?? ''} uncompressed; its manifest says ${expected ?? ''}.`));
  }
  return problems;
}

function isExplained({ database, collection }: ManifestNamespace, explained: ReadonlySet<string>): boolean {
  return explained.has(`${database}.${collection}`) || explained.has(`${database}.system.buckets.${collection}`);
}

function differenceOf(expected: ManifestNamespace, actual: ManifestNamespace): string | null {
  const name = formatNamespace(expected);
  if (expected.documents !== actual.documents) {
    return `${name} has ${formatQuantity(actual.documents, 'document')}; its manifest says ${formatCount(expected.documents)}.`;
  }
  if (expected.contentHash !== actual.contentHash || expected.bytes !== actual.bytes) {
    return `The documents of ${name} are not those the manifest describes (another content hash).`;
  }
  if (expected.crc64 !== actual.crc64) return `The checksum of ${name} is not the one in the manifest.`;
  if (expected.type !== actual.type) return `${name} is a ${actual.type}; its manifest says ${expected.type}.`;
  return null;
}

/** Digest and block index can be made anew from a good archive: only where that fails, something is wrong. */
async function mendCompanions({ location, manifest }: VerifyInput, context: TaskContext): Promise<Problem[]> {
  const bad: { name: string; path: string; sha256: string }[] = [];
  for (const [described, path] of [
    [manifest.digest, location.digest],
    [manifest.blockIndex, location.blockIndex],
  ] as const) {
    if (!described) continue;
    const found = await hashed(path, context);
    if (found?.sha256 !== described.sha256) bad.push({ name: described.name, path, sha256: described.sha256 });
  }
  if (bad.length === 0) return [];
  const names = bad.map(({ name }) => name).join(' and ');
  context.log(`${names} missing or changed: made anew from the archive.`);
  try {
    const rebuilt = await rebuildIndex({
      archivePath: location.archive,
      digestPath: manifest.digest ? location.digest : null,
      blocksPath: manifest.blockIndex ? location.blockIndex : null,
      signal: context.signal,
    });
    const good =
      (!manifest.digest || rebuilt.digest?.sha256 === manifest.digest.sha256) &&
      (!manifest.blockIndex || rebuilt.blockIndex?.sha256 === manifest.blockIndex.sha256);
    return good ? [] : [problem(`${names} made anew from the archive differ from what the manifest says.`)];
  } catch (error) {
    if (error instanceof AppFailure && error.error.code === 'cancelled') throw error;
    const why = error instanceof Error ? error.message : String(error);
    return [problem(`${names} missing or changed, and could not be made anew: ${why}`)];
  }
}
