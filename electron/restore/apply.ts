/** One restore from its guards to its proof. */
import { join } from 'node:path';
import type { MongoClient } from 'mongodb';
import { hello, isSecondaryAlone } from '../connections/deployment';
import type { OpenDeployment } from '../connections/service';
import type { ComparedNamespace } from '../diff/metadata-diff';
import type { JobContext } from '../jobs/runner';
import { toAppError } from '../platform/failures';
import { identifyProcess } from '../platform/process-identity';
import type { Manifest } from '../../shared/backups';
import type { Problem } from '../../shared/diff';
import {
  defaultMetadata,
  problemsOf,
  type ApplyRequest,
  type PreviewRequest,
  type RestoreResult,
} from '../../shared/restore';
import { fail } from '../../shared/result';
import type { ApplyInput } from './apply-input';
import { applyByDriver, sameNamedDatabases } from './apply-by-driver';
import { applyWhole } from './apply-whole';
import { checkPicks, requireGoodArchive } from './guards/check-before';
import { chooseNamespaces } from './chosen-namespaces';
import { cloneRenames } from './preview/clone-names';
import { pairWithTarget, type ComparisonScope } from './preview/compare';
import type { RestoreDependencies } from './dependencies';
import { isLeftOver } from './left-over';
import { isDriverMode, isSkipped, writeChoiceOf, type ChosenNamespace } from './writing/plan-writes';
import type { PreviewStore } from './preview/preview-store';
import type { DocumentsToForesee } from './foresight/foresee';
import { predictProblems } from './preview/problems';
import { beginEstimate, predictEffect } from './preview/timed-restore';
import { proofRequestOf, prove, proveUndo, requireNothingThere } from './prove';
import { requireSameCollections, requireUntouched } from './guards/stale-guard';
import { listed, RestoreTally } from './writing/tally';
import { beginWriting } from './undo/before-writing';
import { dropEmptyDatabases } from './undo/empty-databases';
import { noteLateWrites, type DroppedCollection } from './undo/late-writes';
import { clearAsides } from './undo/left-asides';
import { endLeftTransactions } from './undo/left-transactions';
import { undoAuthorizations } from './undo/undo-authorizations';
import { readUndoConflicts, readUndoPairs } from './undo/undo-preview';

export const applyPhases = [
  'Checking',
  'Saving what will be overwritten',
  'Preparing collections',
  'Writing',
  'Building indexes',
  'Proof',
];

/** Runs the restore; the result is complete also when it throws (`save` is called with what was done by then). */
export async function applyRestore(
  dependencies: RestoreDependencies,
  previews: PreviewStore,
  input: ApplyInput,
  context: JobContext,
  save: (result: RestoreResult) => Promise<void>,
): Promise<RestoreResult> {
  const { request, stored, journal } = input;
  const begunAt = Date.now();
  const chosen = chooseNamespaces(stored, request.namespaces);
  const tally = new RestoreTally();
  const result: RestoreResult = {
    restoreId: input.restoreId,
    undoId: null,
    previewId: request.previewId,
    backupId: input.manifest.id,
    target: stored.preview.result.target,
    mode: request.mode,
    startedAt: journal.current.startedAt,
    elapsedMs: 0,
    predicted: journal.current.predicted ?? predictEffect(input, chosen),
    effect: tally.effect,
    indexesBuilt: 0,
    indexesDropped: 0,
    optionsChanged: 0,
    collectionsCreated: 0,
    collectionsDropped: 0,
    remaining: null,
    conflicts: tally.conflicts,
    problems: problemsOf(request.mode, stored.preview.result.problems, request.metadata),
    failures: [],
    estimatedSeconds: null,
    undoOf: stored.preview.undoOf,
    leftOver: null,
  };
  const estimated = await beginEstimate(dependencies, input, chosen, result);
  const timed: JobContext = {
    jobId: context.jobId,
    signal: context.signal,
    report: (update) => {
      estimated.clock.note(update.phase);
      context.report(update);
    },
    log: (line) => context.log(line),
    warn: (message) => context.warn(message),
    own: (path) => context.own(path),
    disown: (path) => context.disown(path),
    setResult: (id) => context.setResult(id),
  };
  try {
    await dependencies.connections.use(
      stored.preview.request.connectionId,
      (deployment) => run(dependencies, previews, input, chosen, deployment, tally, result, timed),
      { write: true, signal: context.signal },
    );
  } catch (error) {
    const { message } = toAppError(error);
    tally.fail('', null, context.signal.aborted ? 'It was cancelled before its end.' : message);
    throw error;
  } finally {
    result.undoId = journal.current.undoId;
    result.failures = tally.failures;
    result.effect = keptOf(chosen, tally);
    result.elapsedMs = Date.now() - begunAt;
    await save(result);
  }
  if (!input.resumed) await estimated.record(result);
  warnOf(result, context);
  return result;
}

/** Everything of a whole deployment, under its own names: only then its users belong to the restore, too. */
function isWhole({ type }: Manifest, { namespaces }: ApplyRequest, previewed: PreviewRequest): boolean {
  return type === 'full' && namespaces.length + previewed.namespaces.length + previewed.renames.length === 0;
}

/** What a run that was killed still has locked: of this restore, or of the one that is undone. */
async function releaseDocuments(client: MongoClient, { stored, restoreId, resumed }: ApplyInput, context: JobContext) {
  const killed = resumed ? restoreId : stored.preview.undoOf;
  if (killed === null) return;
  try {
    const ended = await endLeftTransactions(client, killed);
    if (ended > 0) context.log(`${ended} transactions that ${killed} had left open were ended.`);
  } catch (error) {
    context.log(`Transactions that ${killed} may have left open end by themselves: ${toAppError(error).message}`);
  }
}

/** What the target still has untouched: all it had, less what was replaced, deleted or in conflict. */
function keptOf(chosen: ChosenNamespace[], tally: RestoreTally): RestoreResult['effect'] {
  const had = chosen.reduce((sum, { diff }) => sum + (diff.type === 'view' ? 0 : diff.documents.inTarget), 0);
  const { effect } = tally;
  return { ...effect, keep: Math.max(had - effect.replace - effect.delete - tally.conflictsOfLive, 0) };
}

function warnOf(result: RestoreResult, context: JobContext): void {
  if (result.effect.conflict > 0) {
    const since = result.undoOf === null ? 'the preview' : 'the restore';
    context.warn(`${result.effect.conflict} documents were changed by someone else since ${since} and left alone.`);
  }
  if (result.failures.length > 0) context.warn(`${result.failures.length} steps failed; the result lists them.`);
  const left = result.leftOver ?? [];
  if (left.length > 0) context.warn(`The diff after it is not empty: ${left.join(', ')}.`);
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
  const { request, stored, manifest, location, undoing, resumed, previewFolder, journal } = input;
  const { preview } = stored;
  const { client } = deployment;
  const scope: ComparisonScope = { manifest, location, request: preview.request, withExtras: true };
  const choice = isDriverMode(request.mode) ? writeChoiceOf(request.mode, request, chosen) : null;
  const mongorestore = choice ? '' : (await dependencies.toolchain.require('mongorestore')).path;

  context.report({ phase: 'Checking' });
  const answer = await hello(client);
  if (isSecondaryAlone(answer) && client.options.directConnection) {
    fail('topology', `${preview.result.target} is a secondary: nothing can be written there.`);
  }
  const replicated = typeof answer['setName'] === 'string' || answer['msg'] === 'isdbgrid';
  await releaseDocuments(client, input, context);
  await requireGoodArchive(dependencies, manifest, location, context);
  if (undoing && preview.undoOf !== null && !resumed) {
    const options = { replicated, signal: context.signal, log: (line: string) => context.log(line) };
    await clearAsides(client, preview.undoOf, undoing.record, options, tally);
  }
  const { pairs } = undoing ? await readUndoPairs(undoing, deployment) : await pairWithTarget(scope, deployment);
  const renames =
    request.mode === 'clone' ? cloneRenames(preview.cloneNames, preview.request.renames) : preview.request.renames;
  const proofRequest = proofRequestOf(preview.request, request, chosen, renames);
  // What a run before has begun to write is not as previewed any more.
  if (!resumed) {
    if (request.mode === 'clone') await requireNothingThere({ ...scope, request: proofRequest }, deployment);
    else requireSameCollections(chosen, pairs, manifest.type !== 'imported');
    const documents = foresightOf(dependencies, input, chosen, deployment, context);
    await requireNoBlocks(input, deployment, pairs, result, documents);
  }
  if (choice?.mode === 'pick' && !resumed) {
    const uri = deployment.toolUri();
    const unchanged = await checkPicks(dependencies, location, previewFolder, chosen, choice, uri, context);
    const { replace, keep } = result.predicted;
    result.predicted = { ...result.predicted, replace: replace - unchanged, keep: keep + unchanged };
  }
  const recheck = async (): Promise<void> => {
    const whole = request.mode === 'drop' ? chosen : chosen.filter(({ plan }) => plan.rebuild === 'anew');
    if (whole.length === 0) return;
    const counts = new Map(pairs.map(({ targetNs, target }) => [targetNs, target?.documents ?? null]));
    await requireUntouched(client, stored, whole, counts);
  };
  if (!resumed) await recheck();
  const userDatabases = isWhole(manifest, request, preview.request)
    ? null
    : sameNamedDatabases(chosen.filter((namespace) => !isSkipped(namespace)));
  const { predicted } = result;
  const before = { chosen, choice, renames, pairs, deployment, predicted, userDatabases, recheck };
  const ready = await beginWriting(dependencies, input, before, context);
  if (undoing) await noteChangedSince(previewFolder, chosen, tally);
  const noted = setInterval(() => journal.note(tally.effect), 500);
  try {
    if (choice) {
      const metadata = await applyByDriver(
        dependencies,
        {
          restoreId: input.restoreId,
          choice,
          namespaces: chosen,
          clusterTime: preview.result.clusterTime,
          previewFolder,
          archive: location.archive,
          blockIndex: location.blockIndex,
          client,
          uri: deployment.toolUri(),
          replicated,
          heldBack: ready.heldBack,
          resumed,
          userDatabases,
        },
        tally,
        context,
      );
      const { indexesBuilt, indexesDropped, optionsChanged, collectionsCreated, collectionsDropped } = metadata.tally;
      Object.assign(result, { indexesBuilt, indexesDropped, optionsChanged, collectionsCreated, collectionsDropped });
    } else {
      const mode = request.mode === 'drop' ? 'drop' : 'clone';
      const resumeFolder = resumed ? join(previewFolder, 'resumed') : null;
      const order = {
        manifest,
        location,
        request: proofRequest,
        chosen,
        renames,
        deployment,
        mongorestore,
        replicated,
      };
      const onStarted = (pid: number): Promise<void> => journal.update({ tool: identifyProcess(pid) });
      const whole = { ...order, restoreId: input.restoreId, mode, resumeFolder, onStarted } as const;
      const done = await applyWhole(dependencies, whole, tally, context);
      Object.assign(result, done);
      if (mode === 'drop') await noteLateWrites(client, ready.clusterTime, droppedOf(chosen), tally, context);
    }
  } finally {
    clearInterval(noted);
  }
  if (context.signal.aborted) fail('cancelled', 'Cancelled.');
  if (undoing) {
    const { authorizations: record } = undoing.record;
    if (record) await undoAuthorizations({ client, record, ...location, replicated }, tally, context);
    await dropEmptyDatabases(client, undoing.record);
  }
  await journal.update({ step: 'proof', effect: { ...tally.effect } });
  result.remaining = undoing
    ? await proveUndo(dependencies, previews, undoing, context)
    : await prove(dependencies, previews, { ...scope, request: proofRequest }, input, chosen, context);
  result.leftOver =
    result.remaining?.namespaces
      .filter((after) => isLeftOver(request, chosen, after))
      .map(({ targetNs }) => targetNs) ?? null;
}

/** The documents are asked again for what is chosen now; null: nothing to ask. */
function foresightOf(
  { tasks }: RestoreDependencies,
  { request, stored, location, undoing, previewFolder }: ApplyInput,
  chosen: readonly ChosenNamespace[],
  deployment: OpenDeployment,
  context: JobContext,
): DocumentsToForesee | null {
  if (undoing) return null;
  const { mode, metadata } = request;
  const picks = isDriverMode(mode) ? writeChoiceOf(mode, request, chosen).picks : new Map<string, never>();
  return {
    tasks,
    plan: chosen.map(({ plan }) => plan),
    folder: previewFolder,
    location,
    uri: deployment.toolUri(),
    readPreference: stored.preview.request.readPreference,
    applying: { mode, metadata: metadata ?? defaultMetadata(mode), picks },
    signal: context.signal,
    report: (update) => context.report(update),
    log: (line) => context.log(line),
  };
}

/** What only the preview of an undo tells, once. */
const undoProblems: ReadonlySet<Problem['code']> = new Set([
  'changed-since-restore',
  'rebuilt-whole',
  'other-uuid',
  'users-and-roles',
]);

async function requireNoBlocks(
  { request, stored, manifest }: ApplyInput,
  deployment: OpenDeployment,
  pairs: ComparedNamespace[],
  result: RestoreResult,
  documents: DocumentsToForesee | null,
): Promise<void> {
  const { namespaces } = stored.preview.result;
  const rebuilt = new Set(stored.plan.flatMap(({ targetNs, rebuild }) => (rebuild === null ? [] : [targetNs])));
  const asked = { deployment, manifest, pairs, namespaces, rebuilt, ...(documents ? { documents } : {}) };
  const ofUndo = stored.preview.result.problems.filter(({ code }) => undoProblems.has(code));
  result.problems = problemsOf(request.mode, [...(await predictProblems(asked)), ...ofUndo], request.metadata);
  const blocking = result.problems.find(({ severity }) => severity === 'blocking');
  if (blocking) fail('refused', blocking.message, blocking.hint ?? undefined);
}

/** What the preview of an undo found changed by someone else is no part of what is written. */
async function noteChangedSince(
  previewFolder: string,
  chosen: readonly ChosenNamespace[],
  tally: RestoreTally,
): Promise<void> {
  const names = new Set(chosen.map(({ diff }) => diff.targetNs));
  tally.effect.conflict += chosen.reduce((sum, { diff }) => sum + diff.effect.conflict, 0);
  for (const conflict of await readUndoConflicts(previewFolder)) {
    if (names.has(conflict.ns) && tally.conflicts.length < listed) tally.conflicts.push(conflict);
  }
}

function droppedOf(chosen: readonly ChosenNamespace[]): DroppedCollection[] {
  return chosen.flatMap(({ diff, plan }) =>
    plan.target?.uuid && diff.status !== 'onlyInTarget' ? [{ ns: diff.targetNs, uuid: plan.target.uuid }] : [],
  );
}
