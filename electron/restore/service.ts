/** Previews and restores: the door of this folder. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileDurably } from '../platform/durable-file';
import { toAppError } from '../platform/failures';
import type { DifferingDocument, DocumentDiff } from '../../shared/diff';
import { formatQuantity } from '../../shared/format';
import type { Job } from '../../shared/jobs';
import {
  applyRequestSchema,
  documentsRequestSchema,
  availableModes,
  effectOf,
  restoreResultSchema,
  takesAway,
  previewRequestSchema,
  type ApplyRequest,
  type ApplyRequestInput,
  type DocumentsRequestInput,
  type ExportRequest,
  type Preview,
  type PreviewRequest,
  type PreviewRequestInput,
  type RestoreResult,
} from '../../shared/restore';
import { AppFailure, fail } from '../../shared/result';
import type { Connection, Deployment } from '../../shared/connections';
import { selectNamespaces } from '../diff/metadata-diff';
import { formatNamespace } from '../../shared/namespaces';
import { applyPhases, applyRestore, chooseNamespaces, describeScope } from './apply';
import { cloneNames, cloneRenames } from './clone-names';
import { compare } from './compare';
import type { RestoreDependencies } from './dependencies';
import { orderedList } from './document-order';
import { startExport } from './export/start-export';
import { listDocuments, openDocument, type DocumentSource } from './documents';
import { isLeftOver } from './left-over';
import { maskedMongorestore } from './mongorestore';
import { PreviewStore, type StoredPreview } from './preview-store';

export interface Restores {
  /** A job whose result is a preview's id. Nothing is written to the target. */
  preview(request: PreviewRequestInput): Promise<Job>;
  /** Throws 'not-found' once it was closed. */
  getPreview(previewId: string): Promise<Preview>;
  /** Differing documents of a namespace (by its name in the backup), in pages. */
  documents(request: DocumentsRequestInput): Promise<{ total: number; documents: DifferingDocument[] }>;
  document(input: { previewId: string; ns: string; index: number }): Promise<DocumentDiff>;
  /** A job that writes the preview's diff to a file (absolute `path`); its result is the path. */
  exportDiff(request: ExportRequest & { path: string }): Promise<Job>;
  /** What applying would run, a line each, secrets masked. */
  commands(request: ApplyRequestInput): Promise<string[]>;
  /**
   * A job whose result is a restore's id. Throws 'refused' (read-only, production without the typed name), 'busy' naming
   * who writes to the target, 'not-found', 'unsupported'. The job fails with 'preview-stale' when collections changed.
   */
  apply(request: ApplyRequestInput): Promise<Job>;
  /** Also of restores that failed or were cancelled: what they did until then. */
  result(restoreId: string): Promise<RestoreResult>;
  closePreview(previewId: string): Promise<void>;
  /** For the start of a process: removes the previews of processes that are gone. */
  recover(): Promise<void>;
  /** Removes the previews of this process. */
  close(): Promise<void>;
}

const restorePattern = /^restore-\d{8}T\d{6}Z-[0-9a-f]{8}$/;

export function createRestores(dependencies: RestoreDependencies): Restores {
  const previews = new PreviewStore(dependencies.previewsFolder);
  const { connections, catalogue, jobs, audit } = dependencies;

  function resultPath(id: string): string {
    if (!restorePattern.test(id)) fail('not-found', 'There is no such restore.');
    return join(dependencies.restoresFolder, `${id}.json`);
  }

  async function save(result: RestoreResult): Promise<void> {
    await mkdir(dependencies.restoresFolder, { recursive: true, mode: 0o700 });
    await writeFileDurably(resultPath(result.restoreId), JSON.stringify(result, null, 2));
  }

  async function preview(input: PreviewRequestInput): Promise<Job> {
    const request = previewRequestSchema.parse(input);
    requireAvailable(request.mode);
    const manifest = await catalogue.manifest(request.backupId);
    const location = await catalogue.location(manifest.id);
    const connection = await connections.get(request.connectionId);
    selectNamespaces(manifest, request.namespaces);
    const id = previews.newId();
    const title = `Compare ${manifest.id} with ${connection.name}`;
    const phases = ['Reading collections and indexes', 'Comparing', 'Looking for problems'];
    return jobs.start({ kind: 'preview', title, phases, connectionId: connection.id }, async (context) => {
      await context.own(previews.folderOf(id));
      const folder = await previews.create(id);
      const asked = { ...request, backupId: manifest.id, connectionId: connection.id };
      const scope = { manifest, location, request: asked, withExtras: true };
      const { result, plan, digest, span } = await compare(dependencies, scope, folder, context);
      const databases = new Set(selectNamespaces(manifest, request.namespaces).map(({ database }) => database));
      const createdAt = new Date();
      await previews.save({
        preview: {
          id,
          request: asked,
          result,
          createdAt: createdAt.toISOString(),
          cloneNames: cloneNames([...databases], createdAt),
          undoOf: null,
          estimates: {},
        },
        plan,
        digest,
        span: span ?? null,
      });
      context.setResult(id);
    });
  }

  async function sourceOf(previewId: string, ns: string): Promise<DocumentSource> {
    const stored = await previews.load(previewId);
    const namespace = stored.plan.find((candidate) => candidate.ns === ns);
    if (!namespace) fail('not-found', `The preview does not hold ${ns}.`);
    const { request } = stored.preview;
    const previewFolder = previews.folderOf(previewId);
    const { archive, blockIndex } = await catalogue.location(request.backupId);
    const { index, backupNamespace } = namespace;
    return {
      previewFolder,
      archive,
      blockIndex,
      namespace,
      order: (listed) =>
        orderedList(dependencies.tasks, { previewFolder, index, archive, blockIndex, backupNamespace }, listed),
      readPreference: request.readPreference,
      withTarget: (fn) => connections.use(request.connectionId, ({ client }) => fn(client)),
    };
  }

  async function apply(input: ApplyRequestInput): Promise<Job> {
    const request = applyRequestSchema.parse(input);
    const stored = await previews.load(request.previewId);
    const { connectionId, backupId } = stored.preview.request;
    const connection = await connections.get(connectionId);
    const manifest = await catalogue.manifest(backupId);
    const location = await catalogue.location(backupId);
    const chosen = chooseNamespaces(stored, request.namespaces);
    const subject = {
      operation: 'restore.apply',
      target: connection.name,
      category: 'restore' as const,
      parameters: {
        mode: request.mode,
        backupId,
        previewId: request.previewId,
        scope: describeScope(chosen, manifest),
        namespaces: request.namespaces,
        renames: stored.preview.request.renames,
      },
    };
    let job: Job;
    try {
      requireAvailable(request.mode);
      requireAllowed(connection, request);
      const deployment = await connections.use(connectionId, (open) => open.describe(), { write: true });
      const restoreId = newRestoreId();
      const definition = {
        kind: 'restore' as const,
        title: `Restore ${describeScope(chosen, manifest)} to ${connection.name} (${request.mode})`,
        phases: applyPhases,
        connectionId: connection.id,
        lock: lockKeyOf(deployment),
      };
      job = await jobs.start(definition, async (context) => {
        const record = { ...subject, parameters: { ...subject.parameters, restoreId }, jobId: context.jobId };
        await audit.record({ ...record, result: 'started', error: null });
        context.setResult(restoreId);
        let result: RestoreResult;
        try {
          const restore = { restoreId, request, stored, manifest, location };
          result = await applyRestore(dependencies, previews, restore, context, save);
        } catch (error) {
          const { code, message } = toAppError(error);
          const ended = context.signal.aborted ? 'cancelled' : code === 'refused' ? 'refused' : 'failed';
          await audit.record({ ...record, result: ended, error: message });
          throw error;
        }
        const proven =
          result.remaining === null
            ? request.mode !== 'exact' && request.mode !== 'drop'
            : !result.remaining.namespaces.some((after) => isLeftOver(request, chosen, after));
        const clean = proven && result.conflicts.length === 0 && result.failures.length === 0;
        const parameters = { ...record.parameters, effect: result.effect };
        await audit.record({
          ...record,
          parameters,
          result: clean ? 'succeeded' : 'succeeded-with-warnings',
          error: null,
        });
      });
    } catch (error) {
      const refused = error instanceof AppFailure && ['refused', 'busy', 'topology'].includes(error.error.code);
      if (refused) await audit.record({ ...subject, result: 'refused', error: error.message, jobId: null });
      throw error;
    }
    return job;
  }

  return {
    preview,
    getPreview: async (previewId) => (await previews.load(previewId)).preview,
    documents: async (input) => {
      const request = documentsRequestSchema.parse(input);
      return listDocuments(await sourceOf(request.previewId, request.ns), request);
    },
    document: async ({ previewId, ns, index }) => openDocument(await sourceOf(previewId, ns), index),
    exportDiff: (request) => startExport(dependencies, previews, request),
    commands: async (input) => {
      const request = applyRequestSchema.parse(input);
      return describeCommands(await previews.load(request.previewId), request, dependencies);
    },
    apply,
    result: async (restoreId) => {
      const text = await readFile(resultPath(restoreId), 'utf8').catch(() =>
        fail('not-found', 'There is no such restore.'),
      );
      const parsed = restoreResultSchema.safeParse(JSON.parse(text));
      return parsed.success ? parsed.data : fail('stored-file-damaged', `The result ${restoreId} cannot be read.`);
    },
    closePreview: (previewId) => previews.close(previewId),
    recover: () => previews.recover(),
    close: () => previews.closeOwn(),
  };
}

function newRestoreId(): string {
  const stamp = `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  return `restore-${stamp}-${randomBytes(4).toString('hex')}`;
}

function requireAvailable(mode: PreviewRequest['mode']): void {
  if (availableModes.includes(mode)) return;
  fail('unsupported', `The mode ${mode} is not part of this version.`, `Choose one of ${availableModes.join(', ')}.`);
}

function requireAllowed(connection: Connection, request: ApplyRequest): void {
  if (connection.readOnly) {
    fail('refused', `${connection.name} is read-only.`, 'Choose another target, or switch read-only off for it.');
  }
  const guarded = connection.environment === 'production' && takesAway(request.mode, request.metadata);
  if (guarded && request.typedName !== connection.name) {
    fail(
      'refused',
      `${connection.name} is a production target, and ${request.mode} overwrites or deletes there.`,
      `Type the name of the target, ${connection.name}, to go on.`,
    );
  }
}

/** Equal for all connections that lead to the same deployment. */
function lockKeyOf({ setId, setName, members, host }: Deployment): string {
  if (setId !== null) return `deployment:${setId}`;
  const hosts = members.length > 0 ? members.map((member) => member.host).sort() : [host];
  return `deployment:${setName ?? ''}:${hosts.join(',')}`;
}

async function describeCommands(
  stored: StoredPreview,
  request: ApplyRequest,
  { catalogue, settings }: RestoreDependencies,
): Promise<string[]> {
  const { preview } = stored;
  const chosen = chooseNamespaces(stored, request.namespaces);
  if (request.mode === 'clone' || request.mode === 'drop') {
    const manifest = await catalogue.manifest(preview.request.backupId);
    const wanted = request.namespaces.length === 0 ? preview.request.namespaces : request.namespaces;
    const names = chosen.filter(({ diff }) => diff.status !== 'onlyInTarget').map(({ diff }) => diff.ns);
    const selected = selectNamespaces(manifest, wanted.length === 0 ? [] : names);
    const renames =
      request.mode === 'clone' ? cloneRenames(preview.cloneNames, preview.request.renames) : preview.request.renames;
    const line = maskedMongorestore({
      archive: '',
      namespaces: selected.map(({ database, collection, type }) => ({
        database,
        collection,
        timeseries: type === 'timeseries',
      })),
      renames: renames.filter(({ from }) =>
        selected.some((namespace) => namespace.database === from || formatNamespace(namespace) === from),
      ),
      drop: request.mode === 'drop',
      parallelCollections: (await settings.get()).parallelCollections,
    });
    return [line];
  }
  return chosen.flatMap(({ diff }) => {
    const { insert, replace, delete: remove } = effectOf(request.mode, diff);
    const steps: string[] = [];
    const exact = request.mode === 'exact';
    if (diff.status === 'onlyInBackup') steps.push(`create ${diff.targetNs} with the backup's options`);
    if (exact)
      for (const { name } of [...diff.indexes.remove, ...diff.indexes.change])
        steps.push(`dropIndexes ${diff.targetNs} ${name}`);
    if (remove > 0)
      steps.push(
        `delete ${formatQuantity(remove, 'document')} of ${diff.targetNs}, each only if it is as in the preview`,
      );
    if (replace > 0)
      steps.push(
        `update ${formatQuantity(replace, 'document')} of ${diff.targetNs}, each only if it is as in the preview`,
      );
    if (insert > 0) steps.push(`insert ${formatQuantity(insert, 'document')} into ${diff.targetNs}`);
    if (exact && !diff.options.same && diff.status === 'differs') steps.push(`collMod ${diff.targetNs}`);
    const built = exact ? [...diff.indexes.add, ...diff.indexes.change] : diff.indexes.add;
    for (const { name } of built) steps.push(`createIndexes ${diff.targetNs} ${name}`);
    if (exact && diff.status === 'onlyInTarget') steps.push(`drop ${diff.targetNs}`);
    return steps;
  });
}
