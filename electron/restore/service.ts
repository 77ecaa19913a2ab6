/** Previews and restores: the door of this folder. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileDurably } from '../platform/durable-file';
import type { DifferingDocument, DocumentDiff } from '../../shared/diff';
import type { Job } from '../../shared/jobs';
import {
  applyRequestSchema,
  documentsRequestSchema,
  restoreResultSchema,
  previewRequestSchema,
  type ApplyRequestInput,
  type CarryPicks,
  type DocumentsRequest,
  type DocumentsRequestInput,
  type Estimate,
  type ExportRequest,
  type Preview,
  type PreviewRequest,
  type PreviewRequestInput,
  type RestoreResult,
  type WrittenSince,
} from '../../shared/restore';
import { picksByNamespace } from '../../shared/picks';
import { fail } from '../../shared/result';
import { selectNamespaces } from '../diff/metadata-diff';
import { carryPicks, type CarriedPicks } from './documents/carry-picks';
import { chooseNamespaces } from './chosen-namespaces';
import { cloneNames } from './preview/clone-names';
import { withMember } from './preview/chosen-member';
import { compare } from './preview/compare';
import type { RestoreDependencies } from './dependencies';
import { describeCommands } from './preview/describe-commands';
import { orderedList } from './documents/document-order';
import { estimatesOf, readTimings } from './preview/estimate';
import { startExport } from './export/start-export';
import { listDocuments, listPositions, openDocument, type DocumentSource } from './documents/documents';
import { findDifferingDocuments, type FoundDocument } from './documents/find-documents';
import type { EarlierComparison } from './preview/oplog-way';
import { PreviewStore } from './preview/preview-store';
import { requireAvailable, startRestore, type RestoreStores } from './start-restore';
import { createUndoDoors, type UndoDoors } from './undo/doors';
import { JournalStore } from './undo/journal';
import { recoverRestores } from './undo/recovery';
import { estimateRestore } from './preview/timed-restore';
import { writtenSince } from './guards/written-since';

export interface Restores extends UndoDoors {
  /** A job whose result is a preview's id. Nothing is written to the target. */
  preview(request: PreviewRequestInput): Promise<Job>;
  /**
   * A job whose result is the id of a new preview of the same request, as the target is now; what was not written since
   * the old one is taken over from it where the oplog tells. The old preview stays. Throws 'not-found', 'unsupported' for
   * the preview of an undo.
   */
  refresh(previewId: string): Promise<Job>;
  /** Throws 'not-found' once it was closed. */
  getPreview(previewId: string): Promise<Preview>;
  /** Whether anybody wrote to what the preview shows since it was read. Throws 'not-found' once it was closed. */
  writtenSince(previewId: string): Promise<WrittenSince>;
  /** Differing documents of a namespace (by its name in the backup), in pages. */
  documents(request: DocumentsRequestInput): Promise<{ total: number; documents: DifferingDocument[] }>;
  /** The same list as positions of the whole list: what picks name documents by. Any `limit`. */
  positions(request: DocumentsRequest): Promise<{ total: number; positions: number[] }>;
  document(input: { previewId: string; ns: string; index: number }): Promise<DocumentDiff>;
  /** A job that writes the preview's diff to a file (absolute `path`); its result is the path. */
  exportDiff(request: ExportRequest & { path: string }): Promise<Job>;
  /**
   * Places of differing documents by their `_id`s (Extended JSON), in that order: null for those that do not differ,
   * undefined for what is no Extended JSON.
   */
  find(input: { previewId: string; ns: string; ids: readonly string[] }): Promise<(FoundDocument | null | undefined)[]>;
  /**
   * The picks of one preview as another one of the same backup tells them. Documents that do not differ any more or were
   * changed again are left out. Throws 'not-found', 'usage' for previews of different backups.
   */
  carryPicks(input: CarryPicks): Promise<CarriedPicks>;
  /** How long applying would take, by what restores of this target took; also of picks and undos. */
  estimate(request: ApplyRequestInput): Promise<Estimate>;
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
  /**
   * For the start of a process: removes the previews of processes that are gone, marks their restores as interrupted, and
   * deletes what undoes a restore once its time is over.
   */
  recover(): Promise<void>;
  /** Removes the previews of this process. */
  close(): Promise<void>;
}

const restorePattern = /^restore-\d{8}T\d{6}Z-[0-9a-f]{8}$/;

export function createRestores(dependencies: RestoreDependencies): Restores {
  const previews = new PreviewStore(dependencies.previewsFolder);
  const journals = new JournalStore(dependencies.restoresFolder);
  const stores: RestoreStores = { previews, journals, saveResult: save };
  const { connections, catalogue, jobs } = dependencies;

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
    return startPreview(request, null);
  }

  async function refresh(previewId: string): Promise<Job> {
    const stored = await previews.load(previewId);
    if (stored.preview.undoOf !== null) fail('unsupported', 'The preview of an undo is made anew instead.');
    return startPreview(stored.preview.request, { stored, folder: previews.folderOf(previewId) });
  }

  async function startPreview(request: PreviewRequest, earlier: EarlierComparison | null): Promise<Job> {
    const manifest = await catalogue.manifest(request.backupId);
    const location = await catalogue.location(manifest.id);
    const connection = await connections.get(request.connectionId);
    selectNamespaces(manifest, request.namespaces);
    const id = previews.newId();
    const title = `Compare ${manifest.id} with ${connection.name}`;
    const phases = ['Reading collections and indexes', 'Comparing', 'Looking for problems'];
    return jobs.start({ kind: 'preview', title, phases, connectionId: connection.id }, async (context) => {
      // It loads while the collections' metadata is read.
      dependencies.tasks.prepare();
      await context.own(previews.folderOf(id));
      const folder = await previews.create(id);
      const asked = { ...request, backupId: manifest.id, connectionId: connection.id };
      const scope = { manifest, location, request: asked, withExtras: true, earlier };
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
          estimates: estimatesOf(await readTimings(dependencies.restoresFolder, connection.id), result, manifest),
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
      tasks: dependencies.tasks,
      readPreference: request.readPreference,
      withTarget: (fn) =>
        connections.use(request.connectionId, (deployment) => withMember(deployment, request.member, fn)),
    };
  }

  async function apply(input: ApplyRequestInput): Promise<Job> {
    const request = applyRequestSchema.parse(input);
    const stored = await previews.load(request.previewId);
    return startRestore(dependencies, stores, { request, stored, resume: null });
  }

  return {
    preview,
    refresh,
    getPreview: async (previewId) => (await previews.load(previewId)).preview,
    writtenSince: async (previewId) => {
      const stored = await previews.load(previewId);
      return connections.use(stored.preview.request.connectionId, ({ client }) => writtenSince(client, stored));
    },
    documents: async (input) => {
      const request = documentsRequestSchema.parse(input);
      return listDocuments(await sourceOf(request.previewId, request.ns), request);
    },
    positions: async (request) => listPositions(await sourceOf(request.previewId, request.ns), request),
    document: async ({ previewId, ns, index }) => openDocument(await sourceOf(previewId, ns), index),
    exportDiff: (request) => startExport(dependencies, previews, request),
    find: async ({ previewId, ns, ids }) => findDifferingDocuments(await sourceOf(previewId, ns), ids),
    carryPicks: async ({ from, to, picks }) => {
      const [earlier, later] = await Promise.all([previews.load(from), previews.load(to)]);
      if (earlier.preview.request.backupId !== later.preview.request.backupId) {
        fail('usage', 'The previews are of different backups.');
      }
      const carried: CarriedPicks = { picks: [], lost: 0 };
      for (const [ns, own] of picksByNamespace(
        picks,
        earlier.plan.map((namespace) => namespace.ns),
      )) {
        const source = await sourceOf(from, ns);
        const target = later.plan.some((namespace) => namespace.ns === ns) ? await sourceOf(to, ns) : null;
        const { pick, lost } = await carryPicks(ns, own, { from: source, to: target });
        carried.picks.push(pick);
        carried.lost += lost;
      }
      return carried;
    },
    commands: async (input) => {
      const request = applyRequestSchema.parse(input);
      return describeCommands(await previews.load(request.previewId), request, dependencies);
    },
    estimate: async (input) => {
      const request = applyRequestSchema.parse(input);
      const stored = await previews.load(request.previewId);
      const manifest = await catalogue.manifest(stored.preview.request.backupId);
      return estimateRestore(dependencies, { request, stored, manifest }, chooseNamespaces(stored, request.namespaces));
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
    ...createUndoDoors(dependencies, stores),
    recover: async () => {
      await previews.recover();
      await recoverRestores(dependencies, journals);
    },
    close: () => previews.closeOwn(),
  };
}
