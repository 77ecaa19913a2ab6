/** What monitoring systems are told of: deployments as they are now, their backups, their alerts, the stores. */
import type { Incident, Severity } from '../../shared/alerts';
import { severities } from '../../shared/alerts';
import { backupCategories, type BackupCategory, type BackupStatus, type CatalogueEntry } from '../../shared/backups';
import type { Environment } from '../../shared/connections';
import type { DeploymentSample } from '../../shared/health';
import type { Job } from '../../shared/jobs';
import type { StoreStatus } from '../../shared/settings';
import type { Catalogue } from '../catalogue/service';
import type { Connections } from '../connections/service';
import type { Health } from '../health/service';
import type { SettingsService } from '../settings/service';

const week = 7 * 86_400_000;
/** Deployments that are looked at at the same time: each takes seconds, most of them waiting. */
const together = 8;

/** The newest good backup of a deployment. Times in milliseconds since 1970. */
export interface NewestBackup {
  completedAt: number;
  durationMs: number;
  bytes: number | null;
  documents: number | null;
}

export interface BackupFigures {
  newest: NewestBackup | null;
  /** When the newest verified one of a category was completed. */
  verified: { category: BackupCategory; completedAt: number }[];
  byStatus: { status: BackupStatus; count: number }[];
  /** Null when nothing was attempted yet. */
  lastAttemptFailed: boolean | null;
  /** Of the attempts of the last seven days, 0 to 1. */
  successRatio: number | null;
}

export interface DeploymentFigures {
  name: string;
  environment: Environment;
  sample: DeploymentSample;
  alerts: { severity: Severity; count: number }[];
  backups: BackupFigures;
}

export interface Figures {
  version: string;
  at: number;
  deployments: DeploymentFigures[];
  stores: StoreStatus[];
}

export interface FiguresRequest {
  /** Ids; null: every one that there is. */
  connectionIds: readonly string[] | null;
  version: string;
}

export interface FiguresDependencies {
  connections: Pick<Connections, 'get' | 'list'>;
  catalogue: Pick<Catalogue, 'list'>;
  jobs: { list(): Promise<Job[]> };
  settings: Pick<SettingsService, 'stores'>;
  health: Pick<Health, 'snapshot' | 'recordedIncidents'>;
}

/** Looks at every deployment. One that does not answer is told so; throws 'not-found' for an unknown connection alone. */
export async function gatherFigures(services: FiguresDependencies, request: FiguresRequest): Promise<Figures> {
  const { connections, catalogue, jobs, settings, health } = services;
  const chosen = request.connectionIds
    ? await Promise.all(request.connectionIds.map((id) => connections.get(id)))
    : await connections.list();
  const [entries, list, stores] = await Promise.all([catalogue.list(), jobs.list(), settings.stores()]);
  const deployments: DeploymentFigures[] = [];
  for (let from = 0; from < chosen.length; from += together)
    deployments.push(
      ...(await Promise.all(
        chosen.slice(from, from + together).map(async ({ id, name, environment }) => {
          const [{ sample, alerts }, recorded] = await Promise.all([health.snapshot(id), health.recordedIncidents(id)]);
          return {
            name,
            environment,
            sample,
            alerts: countBySeverity(recorded ?? alerts),
            backups: backupFigures(
              entries.filter((entry) => entry.connectionId === id || entry.sourceName === name),
              list.filter((job) => job.kind === 'backup' && job.connectionId === id),
              Date.now(),
            ),
          };
        }),
      )),
    );
  return {
    version: request.version,
    at: Date.now(),
    deployments,
    stores: stores.filter(({ temporary }) => !temporary),
  };
}

function countBySeverity(incidents: readonly Incident[]): DeploymentFigures['alerts'] {
  return severities.map((severity) => ({
    severity,
    count: incidents.filter((incident) => !incident.silenced && incident.severity === severity).length,
  }));
}

function timeOf(entry: CatalogueEntry): number {
  return Date.parse(entry.completedAt ?? '');
}

function isGood({ status, completedAt }: CatalogueEntry): boolean {
  return (status === 'complete' || status === 'complete-with-warnings') && completedAt !== null;
}

/** Of one deployment: the rows of the catalogue that are its, and its jobs of kind backup. */
export function backupFigures(all: readonly CatalogueEntry[], attempts: readonly Job[], now: number): BackupFigures {
  const entries = all.filter(({ temporary, type }) => !temporary && type !== 'undo');
  const good = entries.filter(isGood).sort((a, b) => timeOf(b) - timeOf(a));
  const made = good.filter(({ type }) => type !== 'imported');
  const [newest] = made;
  const failed = attempts.filter(({ status }) => status === 'failed').map(endOf);
  const recent = (times: readonly number[]): number => times.filter((at) => now - at <= week).length;
  const succeeded = recent(made.map(timeOf));
  const tried = succeeded + recent(failed);
  const lastFailed = failed.length === 0 ? null : Math.max(...failed);
  return {
    newest: newest
      ? {
          completedAt: timeOf(newest),
          durationMs: Math.max(0, timeOf(newest) - Date.parse(newest.createdAt ?? newest.completedAt ?? '')),
          bytes: newest.bytes,
          documents: newest.documents,
        }
      : null,
    verified: backupCategories.flatMap((category) => {
      const [found] = good.filter(
        (entry) => (entry.category ?? 'operational') === category && entry.verification?.ok === true,
      );
      return found ? [{ category, completedAt: timeOf(found) }] : [];
    }),
    byStatus: [...new Set(entries.map(({ status }) => status))].map((status) => ({
      status,
      count: entries.filter((entry) => entry.status === status).length,
    })),
    lastAttemptFailed: lastFailed === null ? (newest ? false : null) : !newest || lastFailed > timeOf(newest),
    successRatio: tried === 0 ? null : succeeded / tried,
  };
}

function endOf({ endedAt, startedAt, createdAt }: Job): number {
  return Date.parse(endedAt ?? startedAt ?? createdAt);
}
