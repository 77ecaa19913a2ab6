/** An open capture: its operations in memory, and the answers to what is asked of it. */
import { fail } from '../../../shared/result';
import type {
  CaptureFilter,
  CaptureSummary,
  CollscanLists,
  Facet,
  HeatMap,
  HeatMapRequest,
  OperationsPage,
  OperationsRequest,
  PointsRequest,
  ScatterPoints,
  ShapeDetails,
  ShapeRequest,
  ShapesPage,
  ShapesRequest,
} from '../../../shared/slow-queries';
import type { ProfileReport } from '../../../shared/profiler';
import { captureReport } from './capture-report';
import { heatMap, scatterPoints } from './charts';
import type { CommandSpool } from './command-spool';
import type { Side } from './compare-shapes';
import { facetsOf } from './name-tally';
import { operationFlags, type OperationColumns } from './operation-columns';
import { operationRow, orderedOperations } from './operation-rows';
import { selectOperations, type Selection } from './select-operations';
import { shapeDetails } from './shape-details';
import { logOf, type LogFacts } from './stored-facts';
import { shapeNumbers, type ShapeNumbers } from './shape-numbers';
import { collscanLists, shapesPage, withPlans } from './shape-rows';

/** Without the capture's id: a session is one capture. */
type Asked<Request> = Omit<Request, 'captureId'>;

/** Everything that can be asked of a session, with its answers; what crosses to the worker is made of these. */
export interface SessionQueries {
  summary: [{ filter: CaptureFilter }, Omit<CaptureSummary, 'capture'>];
  shapes: [Asked<ShapesRequest>, ShapesPage];
  points: [Asked<PointsRequest>, ScatterPoints];
  heatMap: [Asked<HeatMapRequest>, HeatMap];
  collscans: [{ filter: CaptureFilter }, CollscanLists];
  operations: [Asked<OperationsRequest>, OperationsPage];
  shape: [Asked<ShapeRequest>, ShapeDetails];
  side: [{ filter: CaptureFilter }, Side];
  report: [{ filter: CaptureFilter; masked: boolean; source: string }, ProfileReport];
  command: [{ operation: number }, string | null];
}
export type SessionQueryName = keyof SessionQueries;
export type SessionInput<Name extends SessionQueryName> = SessionQueries[Name][0];
export type SessionAnswer<Name extends SessionQueryName> = SessionQueries[Name][1];

const mostFacets = 200;
/** Selections kept: the parts of one page ask with the same filter, a compare with two. */
const keptSelections = 3;

interface Kept {
  key: string;
  selection: Selection;
  rows: ShapeNumbers[] | null;
}

type Answers = { [Name in SessionQueryName]: (input: SessionInput<Name>) => SessionAnswer<Name> };

export interface SessionParts {
  operations: OperationColumns;
  commands: CommandSpool;
  /** Null when the source is no log. */
  log: LogFacts | null;
  notes: () => string[];
}

export class CaptureSession {
  readonly #kept: Kept[] = [];
  readonly #answers: Answers;
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    const { operations, commands, log } = parts;
    this.#answers = {
      summary: ({ filter }) => ({ ...this.#summary(filter), log: logOf(log), notes: parts.notes() }),
      shapes: (input) => shapesPage(this.#select(input.filter).selection, this.#rows(input.filter), input),
      points: ({ filter, limit }) => scatterPoints(this.#select(filter).selection, limit),
      heatMap: ({ filter, columns, rows }) => heatMap(this.#select(filter).selection, columns, rows),
      collscans: ({ filter }) => {
        const scans = { ...filter, collscan: true };
        return collscanLists(this.#select(scans).selection, this.#rows(scans));
      },
      operations: (input) => this.#operations(input),
      shape: ({ filter, shapeId, buckets, masked }) =>
        shapeDetails(this.#select({ ...filter, shapeId }).selection, { buckets, masked, commands }),
      side: ({ filter }) => this.#side(filter),
      report: ({ filter, masked, source }) =>
        captureReport(this.#select(filter).selection, {
          source,
          tally: log?.tally ?? null,
          ignoredFiles: log?.ignoredFiles ?? [],
          commands,
          masked,
        }),
      command: ({ operation }) => {
        const { commandAt, commandBytes } = operations.columns;
        if (operation < 0 || operation >= operations.count) fail('not-found', 'There is no such operation.');
        return commands.read(commandAt[operation] ?? 0, commandBytes[operation] ?? 0);
      },
    };
  }

  /** Throws AppFailure, 'not-found' for what is not in the capture. */
  ask<Name extends SessionQueryName>(name: Name, input: SessionInput<Name>): SessionAnswer<Name> {
    return this.#answers[name](input);
  }

  #select(filter: CaptureFilter): Kept {
    const { operations } = this.#parts;
    const key = JSON.stringify([operations.count, filter]);
    const at = this.#kept.findIndex((each) => each.key === key);
    const [known] = at < 0 ? [] : this.#kept.splice(at, 1);
    const kept = known ?? { key, selection: selectOperations(operations, filter), rows: null };
    this.#kept.unshift(kept);
    this.#kept.length = Math.min(this.#kept.length, keptSelections);
    return kept;
  }

  #rows(filter: CaptureFilter): ShapeNumbers[] {
    const kept = this.#select(filter);
    kept.rows ??= shapeNumbers(kept.selection);
    return kept.rows;
  }

  #summary(filter: CaptureFilter): Omit<SessionAnswer<'summary'>, 'log' | 'notes'> {
    const { selection } = this.#select(filter);
    const { operations } = this.#parts;
    const { columns, names } = operations;
    const { inOrder: members, from, to, totalMs, maxMs } = selection;
    const matched = { collscans: 0, sortStages: 0, errors: 0 };
    for (let place = 0; place < members.length; place++) {
      const at = members[place] ?? 0;
      const flags = columns.flags[at] ?? 0;
      if ((flags & operationFlags.collscan) !== 0) matched.collscans += 1;
      if ((flags & operationFlags.sortStage) !== 0) matched.sortStages += 1;
      if (columns.error[at] !== 0) matched.errors += 1;
    }
    const facets = (name: 'app' | 'host' | 'plan', unnamed: string | null): Facet[] =>
      facetsOf(members, columns[name], columns.durationMs, names[name], mostFacets, unnamed);
    const sums = this.#sumsByShape(selection);
    return {
      matched: { operations: members.length, shapes: selection.shapes.length, totalMs, maxMs, ...matched, from, to },
      facets: {
        ns: topFacets(sums, ({ ns }) => ns),
        kinds: topFacets(sums, ({ kind }) => kind),
        apps: facets('app', ''),
        hosts: facets('host', null),
        plans: facets('plan', null),
      },
      internal: { ...operations.internal },
      outer: { ...operations.outer },
    };
  }

  #sumsByShape({ shapes, starts, inOrder, operations }: Selection): (Facet & { ns: string; kind: string })[] {
    const { shape, durationMs } = operations.columns;
    const totals = new Float64Array(operations.shapes.length);
    for (let place = 0; place < inOrder.length; place++) {
      const at = inOrder[place] ?? 0;
      const number = shape[at] ?? 0;
      totals[number] = (totals[number] ?? 0) + (durationMs[at] ?? 0);
    }
    return shapes.map((number) => {
      const { id = '', ns = '', kind = '' } = operations.shapes[number] ?? {};
      const count = (starts[number + 1] ?? 0) - (starts[number] ?? 0);
      return { name: id, count, totalMs: totals[number] ?? 0, ns, kind };
    });
  }

  #operations(input: SessionInput<'operations'>): OperationsPage {
    const { selection } = this.#select(input.filter);
    const { operations, commands } = this.#parts;
    return {
      total: selection.members.length,
      operations: orderedOperations(selection, input).map((at) =>
        operationRow(operations, at, { commands, masked: input.masked }),
      ),
    };
  }

  #side(filter: CaptureFilter): Side {
    const { selection } = this.#select(filter);
    return {
      shapes: withPlans(selection, this.#rows(filter)),
      operations: selection.members.length,
      totalMs: selection.totalMs,
      from: filter.from ?? selection.from,
      to: filter.to ?? selection.to,
    };
  }
}

function topFacets<Sum extends Facet>(sums: readonly Sum[], nameOf: (sum: Sum) => string): Facet[] {
  const facets = new Map<string, Facet>();
  for (const sum of sums) {
    const name = nameOf(sum);
    const facet = facets.get(name) ?? { name, count: 0, totalMs: 0 };
    facet.count += sum.count;
    facet.totalMs += sum.totalMs;
    facets.set(name, facet);
  }
  return [...facets.values()].sort((a, b) => b.totalMs - a.totalMs).slice(0, mostFacets);
}
