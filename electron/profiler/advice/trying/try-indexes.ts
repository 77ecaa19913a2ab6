/** Tries indexes where nobody is disturbed: a sandbox is started, filled, measured, and gone at the end. */
import { MongoClient } from 'mongodb';
import type { ParsedTryRequest, TriedShape, TryMeasure, TryResult } from '../../../../shared/tries';
import { formatBytes } from '../../../../shared/format';
import { AppFailure, fail } from '../../../../shared/result';
import { keyTextOf, specificationOf } from '../../../indexes/index-definition';
import type { JobContext } from '../../../jobs/runner';
import type { Sandboxes } from '../../../sandbox/service';
import { freeBytes } from '../../../settings/disk-space';
import { explainableCommand, splitNamespace, type ExplainableCommand } from '../../explain/explain-command';
import { queryModel } from '../query-model';
import { fillSandbox, type FillDependencies } from './fill-sandbox';
import { measure, verdictOf } from './measure';

export interface TryDependencies extends FillDependencies {
  sandboxes: Pick<Sandboxes, 'start' | 'stop'>;
  sandboxesFolder: string;
}

export const tryPhases = [
  'Starting a sandbox',
  'Copying documents',
  'Measuring before',
  'Building indexes',
  'Measuring after',
];

interface AskedShape {
  id: string;
  command: ExplainableCommand;
}

/** Whatever happens, the sandbox is stopped and its files are gone when this ends. */
export async function tryIndexes(
  dependencies: TryDependencies,
  request: ParsedTryRequest,
  id: string,
  context: JobContext,
): Promise<TryResult> {
  const started = Date.now();
  const { signal } = context;
  const { ns, indexes } = request;
  const shapes = request.shapes.map(({ id: shapeId, op, command, ns: own }) => ({
    id: shapeId,
    op,
    command: explainableCommand(own ?? ns, op, command),
  }));
  const joined = shapes.flatMap(({ op, command }) => [
    `${command.database}.${command.collection}`,
    ...queryModel(op, command.command).lookups.map(({ from }) => `${command.database}.${from}`),
  ]);
  const namespaces = [...new Set([ns, ...joined])];
  const sandbox = await dependencies.sandboxes.start({
    members: 1,
    purpose: 'scratch',
    signal,
    report: context.report,
  });
  let client: MongoClient | null = null;
  try {
    client = await new MongoClient(sandbox.uri, { appName: 'Lifeboat', serverSelectionTimeoutMS: 15_000 }).connect();
    // What has expired since it was written is still to be measured.
    await client.db('admin').command({ setParameter: 1, ttlMonitorEnabled: false });
    const filled = await fillSandbox(dependencies, request, namespaces, { uri: sandbox.uri, client }, context);
    const before = await measureAll(client, shapes, request, context, 'Measuring before');
    const built = await build(
      client,
      request,
      filled.sampledOf === null ? null : filled.sampledOf / Math.max(1, filled.documents),
      context,
    );
    const after = await measureAll(client, shapes, request, context, 'Measuring after');
    const names = indexes.map(({ name }) => name);
    const tried = shapes.map(({ id: shapeId }) => triedShape(shapeId, before.get(shapeId), after.get(shapeId), names));
    const version = String((await client.db('admin').command({ buildInfo: 1 }))['version']);
    return {
      id,
      connectionId: request.connectionId,
      captureId: request.captureId,
      ns,
      madeAt: new Date().toISOString(),
      elapsedMs: Date.now() - started,
      source: filled.source,
      documents: filled.documents,
      bytes: filled.bytes,
      sampledOf: filled.sampledOf,
      serverVersion: version,
      indexes: built.map((index) => ({ ...index, used: tried.some(({ uses }) => uses.includes(index.name)) })),
      shapes: tried,
      notes: [
        ...filled.notes,
        ...(filled.sampledOf === null
          ? []
          : ['On a sample the numbers are smaller than on the whole collection; compare before with after.']),
      ],
    };
  } finally {
    await client?.close().catch(() => undefined);
    await dependencies.sandboxes.stop(sandbox.id);
  }
}

type Measured = Awaited<ReturnType<typeof measure>>;

async function measureAll(
  client: MongoClient,
  shapes: readonly AskedShape[],
  { runs, maxTimeMs }: ParsedTryRequest,
  { signal, report }: JobContext,
  phase: string,
): Promise<Map<string, Measured>> {
  const measured = new Map<string, Measured>();
  for (const [index, { id, command }] of shapes.entries()) {
    if (signal.aborted) fail('cancelled', 'Cancelled.');
    report({ phase: `${phase} (${index + 1} of ${shapes.length})` });
    measured.set(id, await measure(client, command, { runs, maxTimeMs, isCancelled: () => signal.aborted }));
  }
  if (signal.aborted) fail('cancelled', 'Cancelled.');
  return measured;
}

async function build(
  client: MongoClient,
  { ns, indexes }: ParsedTryRequest,
  scale: number | null,
  { signal, report }: JobContext,
): Promise<Omit<TryResult['indexes'][number], 'used'>[]> {
  const { database, collection } = splitNamespace(ns);
  const built: Omit<TryResult['indexes'][number], 'used'>[] = [];
  for (const definition of indexes) {
    if (signal.aborted) fail('cancelled', 'Cancelled.');
    report({ phase: `Building ${definition.name}` });
    const began = Date.now();
    const { hidden: _hidden, expireAfterSeconds: _expire, ...options } = definition.options;
    try {
      await client
        .db(database)
        .command({ createIndexes: collection, indexes: [specificationOf({ ...definition, options })] });
    } catch (error) {
      if (error instanceof AppFailure || !(error instanceof Error)) throw error;
      fail('server-error', `The server does not build ${keyTextOf(definition.key)}: ${error.message}`);
    }
    const buildMs = Date.now() - began;
    const [stats] = await client
      .db(database)
      .collection(collection)
      .aggregate<{ storageStats: { indexSizes: Record<string, number> } }>([{ $collStats: { storageStats: {} } }])
      .toArray();
    const bytes = Number(stats?.storageStats.indexSizes[definition.name] ?? 0);
    built.push({
      name: definition.name,
      keyText: keyTextOf(definition.key),
      bytes,
      wholeBytes: scale === null ? bytes : Math.round(bytes * scale),
      buildMs,
    });
  }
  return built;
}

function triedShape(
  id: string,
  before: Measured | undefined,
  after: Measured | undefined,
  names: readonly string[],
): TriedShape {
  const was: TryMeasure | null = before?.measure ?? null;
  const is: TryMeasure | null = after?.measure ?? null;
  const problem = before?.problem ?? after?.problem ?? null;
  const uses = is ? is.indexes.filter((name) => names.includes(name)) : [];
  return { id, before: was, after: is, problem, uses, verdict: was && is ? verdictOf(was, is) : 'failed' };
}

/** Throws 'disk-full' when a copy of `bytes` with its indexes does not fit beside the sandboxes. */
export async function requireSpace(folder: string, bytes: number | null): Promise<void> {
  const free = await freeBytes(folder);
  const needed = bytes === null ? 0 : bytes * 1.5 + 512 * 1024 * 1024;
  if (free !== null && free < needed) {
    fail(
      'disk-full',
      `A copy needs about ${formatBytes(needed)}; ${formatBytes(free)} are free beside the sandboxes.`,
      'Take a smaller sample.',
    );
  }
}
