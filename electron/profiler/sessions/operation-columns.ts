/** Operations by column: a million of them in about 90 MiB, and fast to look through. */
import { z } from 'zod';
import { operationKindSchema, type Operation } from '../../../shared/profiler';
import { shapeId } from '../shape/shape-id';
import { InternedNames, others } from './interned-names';

export const operationFlags = {
  getMore: 1,
  collscan: 2,
  sortStage: 4,
  usedDisk: 8,
  truncated: 16,
  internal: 32,
  outer: 64,
} as const;

/** A counter the source did not tell, in columns of whole numbers. */
export const untold = 0xffff_ffff;

/** In the order in which they are stored: the widest first, so that each begins on its own width. */
export const columnTypes = {
  time: Float64Array,
  durationMs: Float64Array,
  /** NaN where the source did not tell, as for keysExamined. */
  docsExamined: Float64Array,
  keysExamined: Float64Array,
  returned: Uint32Array,
  written: Uint32Array,
  yields: Uint32Array,
  responseBytes: Uint32Array,
  shape: Uint32Array,
  plan: Uint32Array,
  app: Uint32Array,
  client: Uint32Array,
  error: Uint32Array,
  queryHash: Uint32Array,
  queryShapeHash: Uint32Array,
  /** Where the command begins in the capture's file of commands, in bytes. */
  commandAt: Uint32Array,
  /** Its bytes; 0 when it was not kept. */
  commandBytes: Uint32Array,
  host: Uint16Array,
  flags: Uint8Array,
} as const;
export type ColumnName = keyof typeof columnTypes;
export type Columns = { [Name in ColumnName]: InstanceType<(typeof columnTypes)[Name]> };
export const columnNames = Object.keys(columnTypes) as ColumnName[];

export const storedShapeSchema = z.object({
  id: z.string(),
  ns: z.string(),
  kind: operationKindSchema,
  text: z.string(),
  fullRead: z.boolean(),
});
export type StoredShape = z.infer<typeof storedShapeSchema>;

export const nameTables = ['plan', 'app', 'client', 'error', 'queryHash', 'queryShapeHash', 'host'] as const;
export type NameTable = (typeof nameTables)[number];

/** Different names kept per column: far more than one investigation has, few enough for memory. */
const mostNames: Record<NameTable, number> = {
  plan: 100_000,
  app: 10_000,
  client: 100_000,
  error: 10_000,
  queryHash: 200_000,
  queryShapeHash: 200_000,
  host: 65_000,
};
const mostShapes = 100_000;
const firstCapacity = 1024;

export interface StoredTables {
  shapes: StoredShape[];
  names: Record<NameTable, string[]>;
}

/** Where an operation's command was put. */
export interface CommandPlace {
  at: number;
  bytes: number;
}

export class OperationColumns {
  columns: Columns;
  readonly shapes: StoredShape[];
  readonly names: Record<NameTable, InternedNames>;
  readonly #shapeNumbers = new Map<string, number>();
  #capacity: number;
  count: number;
  from = Infinity;
  to = -Infinity;
  /** Neither internal nor outer. */
  counted = 0;
  readonly internal = { operations: 0, totalMs: 0 };
  readonly outer = { operations: 0, totalMs: 0 };

  constructor(stored?: { columns: Columns; count: number; tables: StoredTables }) {
    this.count = stored?.count ?? 0;
    this.#capacity = stored?.count ?? firstCapacity;
    this.columns = stored?.columns ?? emptyColumns(firstCapacity);
    this.shapes = stored ? [...stored.tables.shapes] : [];
    this.shapes.forEach(({ id }, number) => this.#shapeNumbers.set(id, number));
    const table = (name: NameTable): InternedNames =>
      new InternedNames(mostNames[name], stored?.tables.names[name] ?? ['']);
    this.names = {
      plan: table('plan'),
      app: table('app'),
      client: table('client'),
      error: table('error'),
      queryHash: table('queryHash'),
      queryShapeHash: table('queryShapeHash'),
      host: table('host'),
    };
    const { time, durationMs, flags } = this.columns;
    for (let at = 0; at < this.count; at++) this.#note(time[at] ?? 0, durationMs[at] ?? 0, flags[at] ?? 0);
  }

  /** `command` null: it is not kept. */
  add(operation: Operation, host: string | null, command: CommandPlace | null): void {
    if (this.count === this.#capacity) this.#grow();
    const at = this.count++;
    const { columns, names } = this;
    const flags = flagsOf(operation);
    columns.time[at] = operation.time;
    columns.durationMs[at] = operation.durationMs;
    columns.docsExamined[at] = operation.docsExamined ?? NaN;
    columns.keysExamined[at] = operation.keysExamined ?? NaN;
    columns.returned[at] = whole(operation.returned);
    columns.written[at] = whole(operation.written);
    columns.yields[at] = whole(operation.yields);
    columns.responseBytes[at] = whole(operation.responseBytes);
    columns.shape[at] = this.#shapeOf(operation);
    columns.plan[at] = names.plan.numberOf(operation.planSummary);
    columns.app[at] = names.app.numberOf(operation.app);
    columns.client[at] = names.client.numberOf(operation.client);
    columns.error[at] = names.error.numberOf(errorText(operation));
    columns.queryHash[at] = names.queryHash.numberOf(operation.queryHash ?? operation.planCacheShapeHash);
    columns.queryShapeHash[at] = names.queryShapeHash.numberOf(operation.queryShapeHash);
    columns.host[at] = names.host.numberOf(host);
    columns.commandAt[at] = command?.at ?? 0;
    columns.commandBytes[at] = command?.bytes ?? 0;
    columns.flags[at] = flags;
    this.#note(operation.time, operation.durationMs, flags);
  }

  tables(): StoredTables {
    const { names } = this;
    const list = (name: NameTable): string[] => names[name].names;
    return {
      shapes: this.shapes,
      names: {
        plan: list('plan'),
        app: list('app'),
        client: list('client'),
        error: list('error'),
        queryHash: list('queryHash'),
        queryShapeHash: list('queryShapeHash'),
        host: list('host'),
      },
    };
  }

  #note(time: number, durationMs: number, flags: number): void {
    if (time < this.from) this.from = time;
    if (time > this.to) this.to = time;
    if ((flags & (operationFlags.internal | operationFlags.outer)) === 0) {
      this.counted += 1;
      return;
    }
    const group = (flags & operationFlags.internal) !== 0 ? this.internal : this.outer;
    group.operations += 1;
    group.totalMs += durationMs;
  }

  #shapeOf(operation: Operation): number {
    const known = this.#shapeNumbers.get(operation.shapeId);
    if (known !== undefined) return known;
    const { shapeId: id, ns, kind, shape: text, fullRead } = operation;
    if (this.shapes.length < mostShapes) return this.#addShape({ id, ns, kind, text, fullRead });
    const rest = shapeId(kind, ns, others);
    return this.#shapeNumbers.get(rest) ?? this.#addShape({ id: rest, ns, kind, text: others, fullRead: false });
  }

  #addShape(shape: StoredShape): number {
    this.#shapeNumbers.set(shape.id, this.shapes.length);
    return this.shapes.push(shape) - 1;
  }

  #grow(): void {
    this.#capacity = Math.ceil(this.#capacity * 1.5);
    const grown = emptyColumns(this.#capacity);
    for (const name of columnNames) grown[name].set(this.columns[name]);
    this.columns = grown;
  }
}

function emptyColumns(capacity: number): Columns {
  const made = columnNames.map((name) => [name, new columnTypes[name](capacity)] as const);
  return Object.fromEntries(made) as unknown as Columns;
}

/** Greater numbers than fit are not told apart. */
function whole(count: number | null): number {
  return count === null ? untold : Math.min(untold - 1, Math.max(0, Math.round(count)));
}

function flagsOf(operation: Operation): number {
  return (
    (operation.getMore ? operationFlags.getMore : 0) |
    (operation.collscan ? operationFlags.collscan : 0) |
    (operation.sortStage ? operationFlags.sortStage : 0) |
    (operation.usedDisk ? operationFlags.usedDisk : 0) |
    (operation.truncated ? operationFlags.truncated : 0) |
    (operation.setApart === 'internal' ? operationFlags.internal : 0) |
    (operation.setApart === 'outer' ? operationFlags.outer : 0)
  );
}

/** `code name`, either of which may be missing. */
function errorText({ errorCode, errorName }: Operation): string | null {
  if (errorCode === null && errorName === null) return null;
  return `${errorCode ?? ''} ${errorName ?? ''}`;
}
