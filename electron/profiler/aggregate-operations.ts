/** Groups operations by shape, in bounded memory whatever their number. */
import type { Operation, OperationFilter, SetApartReport, ShapeReport, TimeSeriesReport } from '../../shared/profiler';
import { ShapeStatistics } from './shape-statistics';
import { TimeSeries } from './time-series';

/** More than a person reads and few enough for memory; past it the quarter with the least total time is let go. */
const mostShapes = 4000;
const seriesBuckets = 1440;
const reportedApart = 50;

export interface AggregatedOperations {
  from: string | null;
  to: string | null;
  operations: number;
  counted: number;
  totalMs: number;
  internal: SetApartReport;
  outer: SetApartReport;
  shapes: ShapeReport[];
  shapesLetGo: { shapes: number; operations: number; totalMs: number };
  series: TimeSeriesReport;
}

/** One of the three groups: counted, internal, outer. */
class ShapeGroup {
  private readonly byId = new Map<string, ShapeStatistics>();
  readonly letGo = { shapes: 0, operations: 0, totalMs: 0 };
  operations = 0;
  totalMs = 0;

  add(operation: Operation): void {
    this.operations += 1;
    this.totalMs += operation.durationMs;
    let shape = this.byId.get(operation.shapeId);
    if (!shape) {
      if (this.byId.size >= mostShapes) this.letGoOfLeast();
      shape = new ShapeStatistics(operation);
      this.byId.set(operation.shapeId, shape);
    }
    shape.add(operation);
  }

  byTotal(): ShapeStatistics[] {
    return [...this.byId.values()].sort(
      (a, b) => b.totalMs - a.totalMs || (a.first.shapeId < b.first.shapeId ? -1 : 1),
    );
  }

  private letGoOfLeast(): void {
    for (const shape of this.byTotal().slice(Math.floor(mostShapes * 0.75))) {
      this.byId.delete(shape.first.shapeId);
      this.letGo.shapes += 1;
      this.letGo.operations += shape.count;
      this.letGo.totalMs += shape.totalMs;
    }
  }

  setApart(obfuscate: boolean): SetApartReport {
    return {
      operations: this.operations,
      totalMs: this.totalMs,
      shapes: this.byTotal()
        .slice(0, reportedApart)
        .map((shape) => shape.report(obfuscate)),
    };
  }
}

export class OperationAggregate {
  private readonly counted = new ShapeGroup();
  private readonly internal = new ShapeGroup();
  private readonly outer = new ShapeGroup();
  private readonly series = new TimeSeries(seriesBuckets);
  private from = Infinity;
  private to = -Infinity;

  constructor(private readonly filter: OperationFilter) {}

  add(operation: Operation): void {
    const { time } = operation;
    const { database, since, until } = this.filter;
    if (database !== null && operation.database !== database) return;
    if ((since !== null && time < since) || (until !== null && time > until)) return;
    if (time < this.from) this.from = time;
    if (time > this.to) this.to = time;
    if (operation.setApart === 'internal') this.internal.add(operation);
    else if (operation.setApart === 'outer') this.outer.add(operation);
    else {
      this.counted.add(operation);
      this.series.add(time, operation.durationMs);
    }
  }

  /** With `obfuscate` no value of a command and no address of a client is told. */
  report(obfuscate: boolean): AggregatedOperations {
    const { counted, internal, outer } = this;
    const operations = counted.operations + internal.operations + outer.operations;
    return {
      from: operations === 0 ? null : new Date(this.from).toISOString(),
      to: operations === 0 ? null : new Date(this.to).toISOString(),
      operations,
      counted: counted.operations,
      totalMs: counted.totalMs,
      internal: internal.setApart(obfuscate),
      outer: outer.setApart(obfuscate),
      shapes: counted.byTotal().map((shape) => shape.report(obfuscate)),
      shapesLetGo: counted.letGo,
      series: this.series.report(),
    };
  }
}
