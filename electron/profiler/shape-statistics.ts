/** What is known of all operations of one shape, in memory that does not grow with their number. */
import type { CollscanKind, Operation, OperationExample, ShapeReport } from '../../shared/profiler';
import { commandText } from './command-text';
import { DurationSketch } from './duration-sketch';
import { TimeSeries } from './time-series';

const keptExamples = 3;
/** Different plans, apps and hashes kept per shape; what comes later counts as `(others)`. */
const keptNames = 50;
const others = '(others)';
const seriesBuckets = 360;

interface Tally {
  count: number;
  totalMs: number;
}

export class ShapeStatistics {
  readonly first: Operation;
  count = 0;
  totalMs = 0;
  private getMores = 0;
  private errors = 0;
  private docsExamined = 0;
  private keysExamined = 0;
  private returned = 0;
  private written = 0;
  private collscanCount = 0;
  private collscanMs = 0;
  private sortStageCount = 0;
  private usedDiskCount = 0;
  private truncatedCount = 0;
  private yields = 0;
  private responseBytes = 0;
  private firstSeen = Infinity;
  private lastSeen = -Infinity;
  private readonly durations = new DurationSketch();
  private readonly series = new TimeSeries(seriesBuckets);
  private readonly plans = new Map<string, Tally>();
  private readonly apps = new Map<string, Tally>();
  private readonly queryHashes = new Set<string>();
  private readonly queryShapeHashes = new Set<string>();
  /** The slowest, the slowest first. */
  private readonly examples: Operation[] = [];

  constructor(first: Operation) {
    this.first = first;
  }

  add(operation: Operation): void {
    const { durationMs, time } = operation;
    this.count += 1;
    this.totalMs += durationMs;
    this.durations.add(durationMs);
    this.series.add(time, durationMs);
    if (time < this.firstSeen) this.firstSeen = time;
    if (time > this.lastSeen) this.lastSeen = time;
    if (operation.getMore) this.getMores += 1;
    if (operation.errorCode !== null || operation.errorName !== null) this.errors += 1;
    this.docsExamined += operation.docsExamined ?? 0;
    this.keysExamined += operation.keysExamined ?? 0;
    this.returned += operation.returned ?? 0;
    this.written += operation.written ?? 0;
    this.yields += operation.yields ?? 0;
    this.responseBytes += operation.responseBytes ?? 0;
    if (operation.collscan) {
      this.collscanCount += 1;
      this.collscanMs += durationMs;
    }
    if (operation.sortStage) this.sortStageCount += 1;
    if (operation.usedDisk) this.usedDiskCount += 1;
    if (operation.truncated) this.truncatedCount += 1;
    if (operation.planSummary !== null) tally(this.plans, operation.planSummary, durationMs);
    if (operation.app !== null) tally(this.apps, operation.app, durationMs);
    keep(this.queryHashes, operation.queryHash ?? operation.planCacheShapeHash);
    keep(this.queryShapeHashes, operation.queryShapeHash);
    this.keepExample(operation);
  }

  private keepExample(operation: Operation): void {
    const { examples } = this;
    const last = examples[keptExamples - 1];
    if (last && last.durationMs >= operation.durationMs) return;
    const place = examples.findIndex(({ durationMs }) => durationMs < operation.durationMs);
    examples.splice(place < 0 ? examples.length : place, 0, operation);
    examples.length = Math.min(examples.length, keptExamples);
  }

  report(obfuscate: boolean): ShapeReport {
    const { first, count, durations } = this;
    const examples = this.examples.map((operation) => exampleOf(operation, obfuscate));
    const answered = this.returned + this.written;
    return {
      id: first.shapeId,
      ns: first.ns,
      op: first.kind,
      shape: first.shape,
      count,
      getMores: this.getMores,
      errors: this.errors,
      totalMs: this.totalMs,
      meanMs: Math.round((this.totalMs / count) * 100) / 100,
      p50Ms: durations.quantile(0.5),
      p95Ms: durations.quantile(0.95),
      p99Ms: durations.quantile(0.99),
      maxMs: durations.max,
      docsExamined: this.docsExamined,
      keysExamined: this.keysExamined,
      returned: this.returned,
      written: this.written,
      examinedPerReturned: answered === 0 ? null : Math.round((this.docsExamined / answered) * 100) / 100,
      planSummaries: mostFrequent(this.plans).map(([planSummary, tallied]) => ({ planSummary, ...tallied })),
      collscan: this.collscanCount > 0,
      collscanCount: this.collscanCount,
      collscanMs: this.collscanMs,
      collscanKind: this.collscanKind(),
      sortStage: this.sortStageCount > 0,
      sortStageCount: this.sortStageCount,
      usedDiskCount: this.usedDiskCount,
      yields: this.yields,
      responseBytes: this.responseBytes,
      apps: mostFrequent(this.apps).map(([app, tallied]) => ({ app, ...tallied })),
      queryHashes: [...this.queryHashes],
      queryShapeHashes: [...this.queryShapeHashes],
      truncatedCount: this.truncatedCount,
      firstSeen: new Date(this.firstSeen).toISOString(),
      lastSeen: new Date(this.lastSeen).toISOString(),
      example: examples[0] ?? exampleOf(first, obfuscate),
      examples,
      series: this.series.report(),
    };
  }

  private collscanKind(): CollscanKind | null {
    if (this.collscanCount === 0) return null;
    if (this.first.setApart === 'internal') return 'internal';
    return this.first.fullRead ? 'full-read' : 'index-may-help';
  }
}

function tally(into: Map<string, Tally>, name: string, totalMs: number): void {
  const known = into.get(name) ?? (into.size >= keptNames ? into.get(others) : undefined);
  if (known) {
    known.count += 1;
    known.totalMs += totalMs;
  } else into.set(into.size >= keptNames ? others : name, { count: 1, totalMs });
}

function keep(into: Set<string>, value: string | null): void {
  if (value !== null && into.size < keptNames) into.add(value);
}

function mostFrequent(tallies: Map<string, Tally>): [string, Tally][] {
  return [...tallies].sort(([, a], [, b]) => b.count - a.count);
}

function exampleOf(operation: Operation, obfuscate: boolean): OperationExample {
  return {
    time: new Date(operation.time).toISOString(),
    durationMs: operation.durationMs,
    docsExamined: operation.docsExamined,
    keysExamined: operation.keysExamined,
    returned: operation.returned,
    planSummary: operation.planSummary,
    app: operation.app,
    client: obfuscate ? null : operation.client,
    errorName: operation.errorName,
    getMore: operation.getMore,
    command: operation.commandText === null ? null : commandText(operation.commandText, obfuscate),
  };
}
