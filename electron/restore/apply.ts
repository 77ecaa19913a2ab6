/** One restore from its guards to its proof. */
import { hello, isSecondaryAlone } from '../connections/deployment';
import type { OpenDeployment } from '../connections/service';
import type { JobContext } from '../jobs/runner';
import { toAppError } from '../platform/failures';
import type { BackupLocation } from '../catalogue/backup-location';
import type { Manifest } from '../../shared/backups';
import type { DiffResult } from '../../shared/diff';
import { formatNamespace } from '../../shared/namespaces';
import {
  defaultMetadata,
  effectOf,
  effectOfPicks,
  problemsOf,
  sumEffects,
  type ApplyRequest,
  type PreviewRequest,
  type Rename,
  type RestoreResult,
} from '../../shared/restore';
import { AppFailure, fail } from '../../shared/result';
import { applyByDriver } from './apply-by-driver';
import { applyByTool } from './apply-by-tool';
import type { CheckPicksInput, CheckPicksOutput } from './check-picks-task';
import type { CheckTaskInput } from './check-task';
import { cloneRenames } from './clone-names';
import { compare, pairWithTarget, type ComparisonScope } from './compare';
import type { RestoreDependencies } from './dependencies';
import { renameNamespace, selectNamespaces } from '../diff/metadata-diff';
import { isLeftOver } from './left-over';
import { isDriverMode, planWrites, writeChoiceOf, type ChosenNamespace, type WriteChoice } from './plan-writes';
import type { PreviewStore, StoredPreview } from './preview-store';
import { predictProblems } from './problems';
import { requireSameCollections, requireUnwritten } from './stale-guard';
import { RestoreTally } from './tally';

export interface ApplyInput {
  restoreId: string;
  request: ApplyRequest;
  stored: StoredPreview;
  manifest: Manifest;
  location: BackupLocation;
}

export const applyPhases = ['Checking', 'Preparing collections', 'Writing', 'Building indexes', 'Proof'];

/** The namespaces to apply; throws 'not-found' for one that the preview does not hold. */
export function chooseNamespaces(stored: StoredPreview, wanted: readonly string[]): ChosenNamespace[] {
  const all = stored.preview.result.namespaces.flatMap((diff, index) => {
    const plan = stored.plan[index];
    return plan ? [{ diff, plan }] : [];
  });
  for (const name of wanted) {
    if (!all.some(({ diff }) => diff.ns === name)) fail('not-found', `The preview does not hold ${name}.`);
  }
  return wanted.length === 0 ? all : all.filter(({ diff }) => wanted.includes(diff.ns));
}

/** Runs the restore; the result is complete also when it throws (`save` is called with what was done by then). */
export async function applyRestore(
  dependencies: RestoreDependencies,
  previews: PreviewStore,
  input: ApplyInput,
  context: JobContext,
  save: (result: RestoreResult) => Promise<void>,
): Promise<RestoreResult> {
  const { request, stored } = input;
  const startedAt = Date.now();
  const chosen = chooseNamespaces(stored, request.namespaces);
  const tally = new RestoreTally();
  const result: RestoreResult = {
    restoreId: input.restoreId,
    undoId: null,
    previewId: request.previewId,
    backupId: input.manifest.id,
    target: stored.preview.result.target,
    mode: request.mode,
    startedAt: new Date(startedAt).toISOString(),
    elapsedMs: 0,
    predicted: predict(request, chosen),
    effect: tally.effect,
    indexesBuilt: 0,
    indexesDropped: 0,
    optionsChanged: 0,
    collectionsCreated: 0,
    collectionsDropped: 0,
    remaining: null,
    conflicts: tally.conflicts,
    problems: problemsOf(request.mode, stored.preview.result.problems),
    failures: [],
    estimatedSeconds: null,
    undoOf: null,
  };
  try {
    await dependencies.connections.use(
      stored.preview.request.connectionId,
      (deployment) => run(dependencies, previews, input, chosen, deployment, tally, result, context),
      { write: true, signal: context.signal },
    );
  } catch (error) {
    const { message } = toAppError(error);
    tally.fail('', null, context.signal.aborted ? 'It was cancelled before its end.' : message);
    throw error;
  } finally {
    result.failures = tally.failures;
    result.effect = keptOf(chosen, tally);
    result.elapsedMs = Date.now() - startedAt;
    await save(result);
  }
  warnOf(result, request, chosen, context);
  return result;
}

function predict(request: ApplyRequest, chosen: readonly ChosenNamespace[]): RestoreResult['predicted'] {
  const diffs = chosen.map(({ diff }) => diff);
  if (request.mode === 'pick') return effectOfPicks(request.picks, diffs);
  return sumEffects(diffs.map((diff) => effectOf(request.mode, diff, request.metadata)));
}

/** What the target still has untouched: all it had, less what was replaced, deleted or in conflict. */
function keptOf(chosen: ChosenNamespace[], tally: RestoreTally): RestoreResult['effect'] {
  const had = chosen.reduce((sum, { diff }) => sum + (diff.type === 'view' ? 0 : diff.documents.inTarget), 0);
  const { effect } = tally;
  return { ...effect, keep: Math.max(had - effect.replace - effect.delete - tally.conflictsOfLive, 0) };
}

function warnOf(
  result: RestoreResult,
  request: ApplyRequest,
  chosen: readonly ChosenNamespace[],
  context: JobContext,
): void {
  if (result.effect.conflict > 0) {
    context.warn(`${result.effect.conflict} documents were changed by someone else since the preview and left alone.`);
  }
  if (result.failures.length > 0) context.warn(`${result.failures.length} steps failed; the result lists them.`);
  const left = result.remaining?.namespaces.filter((after) => isLeftOver(request, chosen, after)) ?? [];
  if (left.length > 0)
    context.warn(`The diff after it is not empty: ${left.map(({ targetNs }) => targetNs).join(', ')}.`);
}

async function run(
  dependencies: RestoreDependencies,
  previews: PreviewStore,
  input: ApplyInput,
  chosen: ChosenNamespace[],
  deployment: OpenDeployment,
  tally: RestoreTally,
  result: RestoreResult,
  context: JobContext,
): Promise<void> {
  const { request, stored, manifest, location } = input;
  const preview = stored.preview;
  const scope: ComparisonScope = { manifest, location, request: preview.request, withExtras: true };
  const byTool = request.mode === 'clone' || request.mode === 'drop';
  const choice = isDriverMode(request.mode) ? writeChoiceOf(request.mode, request, chosen) : null;
  const mongorestore = byTool ? (await dependencies.toolchain.require('mongorestore')).path : '';

  context.report({ phase: 'Checking' });
  const answer = await hello(deployment.client);
  if (isSecondaryAlone(answer) && deployment.client.options.directConnection) {
    fail('topology', `${preview.result.target} is a secondary: nothing can be written there.`);
  }
  const replicated = typeof answer['setName'] === 'string' || answer['msg'] === 'isdbgrid';
  await requireGoodArchive(dependencies, input, context);
  const live = await pairWithTarget(scope, deployment);
  if (request.mode !== 'clone') requireSameCollections(chosen, live.pairs, input.manifest.type !== 'imported');
  if (request.mode === 'drop') {
    const counts = new Map(live.pairs.map(({ targetNs, target }) => [targetNs, target?.documents ?? null]));
    await requireUnwritten(deployment.client, preview.result.clusterTime, chosen, counts);
  }
  const namespaces = preview.result.namespaces;
  const pairs = live.pairs;
  result.problems = problemsOf(request.mode, await predictProblems({ deployment, manifest, pairs, namespaces }));
  const blocking = result.problems.find(({ severity }) => severity === 'blocking');
  if (blocking) fail('refused', blocking.message, blocking.hint ?? undefined);

  if (choice?.mode === 'pick') {
    const unchanged = await checkPicks(dependencies, previews, input, chosen, choice, deployment.toolUri(), context);
    const { replace, keep } = result.predicted;
    result.predicted = { ...result.predicted, replace: replace - unchanged, keep: keep + unchanged };
  }

  const renames =
    request.mode === 'clone' ? cloneRenames(preview.cloneNames, preview.request.renames) : preview.request.renames;
  const proofRequest = proofRequestOf(preview.request, request, chosen, renames);
  if (byTool) {
    if (request.mode === 'clone') await requireNothingThere(scope, proofRequest, deployment);
    const chosenBackups = selectNamespaces(manifest, proofRequest.namespaces);
    const done = await applyByTool(
      {
        mongorestore,
        temporaryFolder: dependencies.temporaryFolder,
        uri: deployment.toolUri(),
        namespaces: chosenBackups,
        dropped: new Map(
          chosen.flatMap(({ diff, plan }) => (plan.target ? [[diff.targetNs, diff.documents.inTarget] as const] : [])),
        ),
        targetOf: (ns) => renameNamespace(ns, renames),
        run: {
          archive: location.archive,
          namespaces: chosenBackups.map(({ database, collection, type }) => ({
            database,
            collection,
            timeseries: type === 'timeseries',
          })),
          renames,
          drop: request.mode === 'drop',
          parallelCollections: (await dependencies.settings.get()).parallelCollections,
        },
      },
      tally,
      context,
    );
    Object.assign(result, done);
  } else if (choice) {
    const metadata = await applyByDriver(
      dependencies,
      {
        choice,
        namespaces: chosen,
        clusterTime: preview.result.clusterTime,
        previewFolder: previews.folderOf(request.previewId),
        archive: location.archive,
        blockIndex: location.blockIndex,
        client: deployment.client,
        uri: deployment.toolUri(),
        replicated,
        heldBack: new Map(),
        resumed: false,
      },
      tally,
      context,
    );
    const { indexesBuilt, indexesDropped, optionsChanged, collectionsCreated, collectionsDropped } = metadata.tally;
    Object.assign(result, { indexesBuilt, indexesDropped, optionsChanged, collectionsCreated, collectionsDropped });
  }
  if (context.signal.aborted) fail('cancelled', 'Cancelled.');
  result.remaining = await prove(dependencies, previews, { ...scope, request: proofRequest }, request, chosen, context);
}

/** Throws 'usage' for fields that cannot be put back by themselves; returns how many documents they would not change. */
async function checkPicks(
  dependencies: RestoreDependencies,
  previews: PreviewStore,
  { request, location }: ApplyInput,
  chosen: readonly ChosenNamespace[],
  choice: WriteChoice,
  uri: string,
  context: JobContext,
): Promise<number> {
  const namespaces = planWrites(choice, chosen);
  const byFields = namespaces.filter(({ picks }) => picks?.some(({ fields }) => fields.length > 0));
  if (byFields.length === 0) return 0;
  const check: CheckPicksInput = {
    uri,
    previewFolder: previews.folderOf(request.previewId),
    archive: location.archive,
    blockIndex: location.blockIndex,
    namespaces: byFields,
  };
  context.report({ phase: 'Checking picked fields' });
  const output = await dependencies.tasks.run<CheckPicksInput, CheckPicksOutput>('restore.check-picks', check, {
    signal: context.signal,
    log: (line) => context.log(line),
  });
  return output.unchanged;
}

async function requireGoodArchive(
  dependencies: RestoreDependencies,
  input: ApplyInput,
  context: JobContext,
): Promise<void> {
  const { bytes, sha256 } = input.manifest.file;
  const check: CheckTaskInput = { archive: input.location.archive, bytes, sha256 };
  await dependencies.tasks.run<CheckTaskInput, null>('restore.check-archive', check, {
    signal: context.signal,
    report: (update) => context.report(update),
  });
}

/** The comparison after it: the same scope, under the names that were written to. */
function proofRequestOf(
  previewed: PreviewRequest,
  request: ApplyRequest,
  chosen: readonly ChosenNamespace[],
  renames: readonly Rename[],
): PreviewRequest {
  const inBackup = chosen.filter(({ diff }) => diff.status !== 'onlyInTarget').map(({ diff }) => diff.ns);
  return {
    ...previewed,
    mode: request.mode,
    // What merge leaves is told by reading what still differs.
    details: request.mode === 'merge' ? 'always' : 'where-needed',
    namespaces: request.namespaces.length === 0 ? previewed.namespaces : inBackup,
    renames: [...renames],
    readPreference: 'primary',
  };
}

async function requireNothingThere(
  scope: ComparisonScope,
  request: PreviewRequest,
  deployment: OpenDeployment,
): Promise<void> {
  const { pairs } = await pairWithTarget({ ...scope, request, withExtras: false }, deployment);
  const there = pairs.find(({ target }) => target !== null);
  if (there) fail('refused', `${there.targetNs} exists: a clone never writes into what is there.`, 'Compare again.');
}

async function prove(
  dependencies: RestoreDependencies,
  previews: PreviewStore,
  scope: ComparisonScope,
  request: ApplyRequest,
  chosen: readonly ChosenNamespace[],
  context: JobContext,
): Promise<DiffResult | null> {
  const onlyExtras = request.namespaces.length > 0 && chosen.every(({ diff }) => diff.status === 'onlyInTarget');
  if (onlyExtras) return null;
  const id = previews.newId();
  await context.own(previews.folderOf(id));
  const folder = await previews.create(id);
  try {
    const { extraNamespaces } = request.metadata ?? defaultMetadata(request.mode);
    const withExtras = extraNamespaces && request.namespaces.length === 0;
    const { result } = await compare(dependencies, { ...scope, withExtras }, folder, {
      signal: context.signal,
      log: (line) => context.log(line),
      report: (update) => context.report({ ...update, phase: `Proof: ${update.phase}` }),
    });
    return { ...result, problems: problemsOf(request.mode, result.problems) };
  } catch (error) {
    // What was written is written: that it could not be proven is told beside it.
    if (context.signal.aborted || !(error instanceof AppFailure)) throw error;
    context.warn(`The proof could not be made: ${error.message}`);
    return null;
  } finally {
    await previews.close(id);
    await context.disown(previews.folderOf(id));
  }
}

export function describeScope(chosen: readonly ChosenNamespace[], manifest: Manifest): string {
  if (chosen.length === 1 && chosen[0]) return chosen[0].diff.ns;
  const databases = new Set(chosen.map(({ diff }) => diff.ns.split('.')[0]));
  const whole = manifest.namespaces.every((namespace) =>
    chosen.some(({ diff }) => diff.ns === formatNamespace(namespace)),
  );
  return databases.size === 1 && whole ? ([...databases][0] ?? '') : `${chosen.length} collections`;
}
