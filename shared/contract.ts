/**
 * The one typed contract between the window and the services: each request with the schema of its input and the type of
 * its answer, each event with the type of its payload. Main, preload and renderer all infer from here.
 */
import { z } from 'zod';
import { adviceRequestSchema, explainRequestSchema, type Advice, type ExplainedPlan } from './advice';
import { triesRequestSchema, tryRequestSchema, type TryResult, type TrySize } from './tries';
import type { AuditEntry, AuditVerification } from './audit';
import { backupRequestSchema, type BackupDetails, type BackupEstimate, type CatalogueEntry } from './backups';
import { captureRequestSchema, type Capture, type CaptureStarted } from './captures';
import {
  connectionInputSchema,
  type CollectionInfo,
  type Connection,
  type ConnectionTest,
  type SecretStoreStatus,
} from './connections';
import type { DifferingDocument, DocumentDiff } from './diff';
import {
  applyPlanRequestSchema,
  dropIndexSchema,
  indexChangeSchema,
  planRequestSchema,
  validateCollectionSchema,
  type IndexInfo,
  type IndexReview,
  type PlanPreview,
  type PlanResult,
} from './indexes';
import type { Job } from './jobs';
import type { PickedDocuments } from './picks';
import {
  applyRequestSchema,
  carryPicksSchema,
  documentsRequestSchema,
  exportRequestSchema,
  previewRequestSchema,
  type Estimate,
  type Preview,
  type RestoreResult,
  type RestoreSummary,
  type WrittenSince,
} from './restore';
import { channelRequests, type ChannelEvents } from './channel-requests';
import { healthRequests, type HealthEvents } from './health-requests';
import { request, type RequestDefinition, type Started } from './request';
import type { Result } from './result';
import {
  killRequestSchema,
  liveOperationsRequestSchema,
  type KillResult,
  type LiveOperations,
} from './live-operations';
import {
  guardedProfilingRequestSchema,
  profileResizeSchema,
  profilingRequestSchema,
  type ProfileResizePreview,
  type ProfilingPreview,
  type ProfilingStatus,
  type TimeBox,
} from './profiling';
import {
  captureFilteredSchema,
  captureReportRequestSchema,
  captureSummaryRequestSchema,
  compareRequestSchema,
  heatMapRequestSchema,
  operationsRequestSchema,
  pointsRequestSchema,
  shapeRequestSchema,
  shapesRequestSchema,
  type CaptureSummary,
  type CollscanLists,
  type Comparison,
  type HeatMap,
  type OperationsPage,
  type ScatterPoints,
  type ShapeDetails,
  type ShapesPage,
} from './slow-queries';
import { settingsPatchSchema, type Settings, type StoreStatus } from './settings';
import { toolNameSchema, type DemoStatus, type DoctorReport, type Tool } from './toolchain';

const nothing = z.undefined();
const id = z.object({ id: z.string().min(1) });
const restoreId = z.object({ restoreId: z.string().min(1) });
const database = z.object({ connectionId: z.string().min(1), database: z.string().min(1) });
const collection = z.object({ connectionId: z.string().min(1), ns: z.string().min(3) });
/** `connectionId` null: the connection that was restored to, where it still is saved. */
const earlierRestore = restoreId.extend({ connectionId: z.string().nullable().default(null) });

export interface AppInfo {
  version: string;
  dataFolder: string;
  platform: string;
  electron: string;
  /** Started from a checkout: an empty list of connections opens straight on the demo. */
  development: boolean;
}

export const requests = {
  'app.info': request(nothing).answers<AppInfo>(),
  /** The window shows its first data. */
  'app.ready': request(z.object({ page: z.string() })).answers<null>(),
  'app.doctor': request(nothing).answers<DoctorReport>(),

  'settings.get': request(nothing).answers<Settings>(),
  'settings.update': request(settingsPatchSchema).answers<Settings>(),
  'stores.list': request(nothing).answers<StoreStatus[]>(),
  'stores.add': request(z.object({ name: z.string().min(1), path: z.string().min(1) })).answers<StoreStatus>(),
  /** Forgets the store; its files stay. */
  'stores.remove': request(id).answers<null>(),

  'tools.list': request(nothing).answers<Tool[]>(),
  'tools.set-path': request(z.object({ name: toolNameSchema, path: z.string().nullable() })).answers<Tool[]>(),

  'dialogs.choose-file': request(z.object({ title: z.string(), extensions: z.array(z.string()).optional() })).answers<
    string | null
  >(),
  'dialogs.choose-folder': request(z.object({ title: z.string() })).answers<string | null>(),
  /** A dump: a file, or a folder where `folder` is set. */
  'dialogs.choose-backup': request(z.object({ folder: z.boolean() })).answers<string | null>(),

  'connections.list': request(nothing).answers<Connection[]>(),
  'connections.secret-store': request(nothing).answers<SecretStoreStatus>(),
  'connections.add': request(connectionInputSchema).answers<Connection>(),
  'connections.update': request(id.extend({ input: connectionInputSchema })).answers<Connection>(),
  'connections.remove': request(id).answers<null>(),
  'connections.test': request(id).answers<ConnectionTest>(),
  'connections.test-input': request(
    z.object({ input: connectionInputSchema, existingId: z.string().nullable() }),
  ).answers<ConnectionTest>(),
  /** Keeps a password of an `ask` connection in the main process' memory until Lifeboat ends. */
  'connections.unlock': request(id.extend({ password: z.string() })).answers<null>(),
  'connections.collections': request(id).answers<CollectionInfo[]>(),

  'demo.status': request(nothing).answers<DemoStatus>(),
  'demo.start': request(nothing).answers<Started>(),
  'demo.stop': request(nothing).answers<null>(),
  'demo.set-workload': request(z.object({ running: z.boolean() })).answers<DemoStatus>(),

  'jobs.list': request(nothing).answers<Job[]>(),
  'jobs.cancel': request(id).answers<null>(),
  /** The last lines of the job's log. */
  'jobs.log': request(id).answers<string>(),
  /** Removes finished jobs from the list. */
  'jobs.clear-finished': request(nothing).answers<null>(),

  'backups.list': request(nothing).answers<CatalogueEntry[]>(),
  'backups.show': request(id).answers<BackupDetails>(),
  'backups.estimate': request(backupRequestSchema).answers<BackupEstimate>(),
  'backups.run': request(backupRequestSchema).answers<Started>(),
  'backups.verify': request(id.extend({ level: z.union([z.literal(1), z.literal(2)]) })).answers<Started>(),
  /** `storeId` null: into the temporary store of opened files. */
  'backups.import': request(z.object({ path: z.string().min(1), storeId: z.string().nullable() })).answers<Started>(),
  'backups.set-pinned': request(id.extend({ pinned: z.boolean() })).answers<CatalogueEntry>(),
  /** `typedId` is asked for pinned backups and for the last verified one of its source. */
  'backups.delete': request(id.extend({ typedId: z.string().nullable() })).answers<null>(),
  'backups.reveal': request(id).answers<null>(),

  'restore.preview': request(previewRequestSchema).answers<Started>(),
  /** A job whose result is the id of a new preview of the same request; only what was touched since is compared again. */
  'restore.refresh-preview': request(z.object({ previewId: z.string() })).answers<Started>(),
  'restore.preview-result': request(z.object({ previewId: z.string() })).answers<Preview>(),
  /** Whether anybody wrote to what the preview shows since it was read. */
  'restore.written-since': request(z.object({ previewId: z.string() })).answers<WrittenSince>(),
  'restore.documents': request(documentsRequestSchema).answers<{ total: number; documents: DifferingDocument[] }>(),
  /** The same list as positions of the whole one, which is what picks name documents by. */
  'restore.document-positions': request(
    documentsRequestSchema.extend({ limit: z.number().int().min(1).max(100_000) }),
  ).answers<{ total: number; positions: number[] }>(),
  'restore.document': request(
    z.object({ previewId: z.string(), ns: z.string(), index: z.number().int().min(0) }),
  ).answers<DocumentDiff>(),
  /** Into a file that the user chooses in a dialog. A job whose result is its path; null when the dialog was dismissed. */
  'restore.export': request(exportRequestSchema.omit({ path: true })).answers<Started | null>(),
  /** What was ticked before a preview was refreshed, as ticks of the new one; `lost`: documents that are left out. */
  'restore.carry-picks': request(carryPicksSchema).answers<{ picks: PickedDocuments[]; lost: number }>(),
  'restore.commands': request(applyRequestSchema).answers<string[]>(),
  /** By what earlier restores of the target took; of picks and undos too. */
  'restore.estimate': request(applyRequestSchema).answers<Estimate>(),
  'restore.apply': request(applyRequestSchema).answers<Started>(),
  'restore.result': request(z.object({ restoreId: z.string() })).answers<RestoreResult>(),
  /** Newest first. */
  'restore.list': request(nothing).answers<RestoreSummary[]>(),
  /** A job whose result is a preview's id; applying that with mode `exact` undoes the restore. */
  'restore.undo-preview': request(earlierRestore).answers<Started>(),
  /** Goes on with a restore that did not reach its end; the job's result is the restore's id. */
  'restore.continue': request(earlierRestore.extend({ typedName: z.string().nullable() })).answers<Started>(),
  /** The target stays as an interrupted restore left it. */
  'restore.leave': request(restoreId).answers<RestoreSummary>(),
  'restore.close-preview': request(z.object({ previewId: z.string() })).answers<null>(),

  /** Members that cannot be asked have an `error`. */
  'profiling.status': request(z.object({ connectionId: z.string().min(1) })).answers<ProfilingStatus>(),
  'profiling.preview': request(profilingRequestSchema).answers<ProfilingPreview>(),
  /** What is in an open time-box keeps its first former settings. */
  'profiling.start': request(guardedProfilingRequestSchema).answers<TimeBox>(),
  /** Puts everything back now; a member that cannot be reached leaves the box `waiting`. */
  'profiling.stop': request(z.object({ boxId: z.string().min(1) })).answers<TimeBox>(),
  'profiling.resize-preview': request(profileResizeSchema).answers<ProfileResizePreview>(),
  'profiling.resize': request(profileResizeSchema.extend({ typedName: z.string().nullable() })).answers<null>(),

  /** Newest first. */
  'captures.list': request(nothing).answers<Capture[]>(),
  /** A job; what has been gathered can be asked for at once. */
  'captures.start': request(captureRequestSchema).answers<CaptureStarted>(),
  /** Ends the gathering and keeps what there is; `jobs.cancel` does the same. */
  'captures.stop': request(id).answers<Capture>(),
  'captures.delete': request(id).answers<null>(),
  'captures.summary': request(captureSummaryRequestSchema).answers<CaptureSummary>(),
  'captures.shapes': request(shapesRequestSchema).answers<ShapesPage>(),
  'captures.points': request(pointsRequestSchema).answers<ScatterPoints>(),
  'captures.heat-map': request(heatMapRequestSchema).answers<HeatMap>(),
  'captures.collscans': request(captureFilteredSchema).answers<CollscanLists>(),
  'captures.operations': request(operationsRequestSchema).answers<OperationsPage>(),
  'captures.shape': request(shapeRequestSchema).answers<ShapeDetails>(),
  'captures.compare': request(compareRequestSchema).answers<Comparison>(),
  /** Null when the dialog was dismissed. */
  'captures.report': request(captureReportRequestSchema).answers<{ path: string } | null>(),
  /** Log files, or a folder of them where `folder` is set; null when dismissed. */
  'dialogs.choose-logs': request(z.object({ folder: z.boolean() })).answers<string[] | null>(),

  'live-operations.list': request(liveOperationsRequestSchema).answers<LiveOperations>(),
  'live-operations.kill': request(killRequestSchema).answers<KillResult>(),

  /** Runs within its time limit on the member asked for; writes are explained and never carried out. */
  'explain.run': request(explainRequestSchema).answers<ExplainedPlan>(),
  /** With uses of every member. */
  'indexes.of-collection': request(collection).answers<IndexInfo[]>(),
  'indexes.review': request(database).answers<IndexReview>(),
  /** The text of a plan file that says what exists. */
  'indexes.export-plan': request(database).answers<string>(),
  'indexes.preview-plan': request(planRequestSchema).answers<PlanPreview>(),
  /** A job whose result is the id of what became of the steps, also when one of them failed. */
  'indexes.apply-plan': request(applyPlanRequestSchema).answers<Started>(),
  'indexes.plan-result': request(id).answers<PlanResult>(),
  'indexes.hide': request(indexChangeSchema).answers<null>(),
  'indexes.unhide': request(indexChangeSchema).answers<null>(),
  /** Answers what was dropped. */
  'indexes.drop': request(dropIndexSchema).answers<IndexInfo>(),
  'indexes.rebuild': request(indexChangeSchema).answers<Started>(),
  'indexes.validate': request(validateCollectionSchema).answers<Started>(),
  /** Of a shape or a few, at once. */
  'advice.shape': request(adviceRequestSchema).answers<Advice>(),
  /** Of many shapes: a job whose result is the advice's id. */
  'advice.shapes': request(adviceRequestSchema).answers<Started>(),
  'advice.result': request(z.object({ adviceId: z.string().min(1) })).answers<Advice>(),
  'advice.try-size': request(collection).answers<TrySize>(),
  /** A job in a sandbox of its own, which is gone with it; its result is the try's id. */
  'advice.try': request(tryRequestSchema).answers<Started>(),
  'advice.try-result': request(z.object({ tryId: z.string().min(1) })).answers<TryResult>(),
  /** Kept ones, the newest first. */
  'advice.tries': request(triesRequestSchema).answers<TryResult[]>(),
  'advice.delete-try': request(z.object({ tryId: z.string().min(1) })).answers<null>(),

  'audit.list': request(
    z.object({ offset: z.number().int().min(0), limit: z.number().int().min(1).max(1000) }),
  ).answers<{ total: number; entries: AuditEntry[] }>(),
  'audit.verify': request(nothing).answers<AuditVerification>(),

  ...healthRequests,
  ...channelRequests,
} as const;

export type Requests = typeof requests;
export type RequestName = keyof Requests;
export type RequestInput<Name extends RequestName> = z.input<Requests[Name]['input']>;
export type ParsedInput<Name extends RequestName> = z.output<Requests[Name]['input']>;
export type RequestOutput<Name extends RequestName> =
  Requests[Name] extends RequestDefinition<z.ZodType, infer Output> ? Output : never;

/** What main implements: one handler a request; it throws AppFailure, the boundary makes results. */
export type RequestHandlers = {
  [Name in RequestName]: (input: ParsedInput<Name>) => Promise<RequestOutput<Name>>;
};

export interface Events extends HealthEvents, ChannelEvents {
  'job.changed': Job;
  'job.log': { jobId: string; lines: string[] };
  'catalogue.changed': null;
  'connections.changed': null;
  'demo.changed': DemoStatus;
  'settings.changed': Settings;
  /** A time-box was opened, closed or could not be closed yet. */
  'profiling.changed': null;
  /** At most once a second while it is running. */
  'capture.changed': Capture;
  'capture.removed': { id: string };
  /** Asked from the menu or a shortcut of the operating system: open this page. */
  navigate: { path: string };
}
export type EventName = keyof Events;

/** What the preload puts on `window.lifeboat`: the contract's names, nothing else. */
export interface LifeboatBridge {
  request<Name extends RequestName>(name: Name, input: RequestInput<Name>): Promise<Result<RequestOutput<Name>>>;
  subscribe<Name extends EventName>(name: Name, listener: (payload: Events[Name]) => void): () => void;
  /** The real path of a file dropped on the window. */
  pathOfFile(file: unknown): string | null;
}
