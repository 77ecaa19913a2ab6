/** Operations of all sorts for tests and measurements, the same ones for the same seed. */
import type { Operation, OperationKind } from '../../../../shared/profiler';
import { shapeId } from '../../shape/shape-id';

const kinds: readonly OperationKind[] = ['find', 'aggregate', 'update', 'delete', 'count'];
const plans = [null, 'COLLSCAN', 'IXSCAN { a: 1 }', 'IXSCAN { a: 1, b: -1 }', 'IDHACK'];
const apps = [null, 'shop', 'reports', 'Backoffice'];

/** `shapes`: how many different ones, at most. */
export function randomOperations(count: number, { shapes = 60, seed = 1 } = {}): Operation[] {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % limit;
  };
  const made = Array.from({ length: shapes }, (_, number) => {
    const kind = kinds[number % kinds.length] ?? 'find';
    const ns = `${number % 7 === 6 ? 'local' : `db${number % 3}`}.c${number % 11}`;
    const shape = `{ filter: { field${number}: ? } }`;
    return { kind, ns, shape, shapeId: shapeId(kind, ns, shape), fullRead: number % 13 === 0 };
  });
  const start = Date.UTC(2026, 10, 20);
  return Array.from({ length: count }, (_, at): Operation => {
    const shape = made[Math.min(below(shapes), below(shapes))] ?? made[0];
    if (!shape) throw new Error('No shape');
    const planSummary = plans[below(plans.length)] ?? null;
    const isError = below(50) === 0;
    const none = (value: number): number | null => (below(9) === 0 ? null : value);
    return {
      source: 'log',
      time: start + at * 20 + below(200),
      database: shape.ns.split('.')[0] ?? '',
      getMore: below(10) === 0,
      setApart: shape.ns.startsWith('local') ? 'internal' : below(30) === 0 ? 'outer' : null,
      durationMs: Math.floor(100 * 1.5 ** below(20)) + below(100),
      docsExamined: none(below(100_000)),
      keysExamined: none(below(1000)),
      returned: none(below(100)),
      written: below(3) === 0 ? below(5) : null,
      planSummary,
      collscan: planSummary === 'COLLSCAN',
      sortStage: below(5) === 0,
      usedDisk: false,
      yields: none(below(50)),
      responseBytes: none(below(1e6)),
      app: apps[below(apps.length)] ?? null,
      client: `10.0.0.${below(20)}:${40_000 + below(500)}`,
      context: null,
      queryHash: `HASH${shape.shapeId.slice(0, 4)}`,
      planCacheShapeHash: null,
      queryShapeHash: null,
      planCacheKey: null,
      errorCode: isError ? 50 : null,
      errorName: isError ? 'MaxTimeMSExpired' : null,
      truncated: false,
      commandText: `{"find":"c","filter":{"field":${at}},"lsid":{"id":"x"}}`,
      ...shape,
    };
  });
}
