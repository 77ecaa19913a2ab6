import { afterAll, beforeAll, expect, it } from 'vitest';
import { adviceRequestSchema, explainRequestSchema, type ReadFrom } from '../../../shared/advice';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { createTestServices, type TestServices } from '../../test-support/test-services';

let mongod: TestMongod;
let services: TestServices;

beforeAll(async () => {
  mongod = await startTestMongod({ members: 3 });
  services = await createTestServices(mongod.uri);
  const client = await mongod.connect({ writeConcern: { w: 3 } });
  await client
    .db('shop')
    .collection('orders')
    .insertMany(Array.from({ length: 400 }, (_, number) => ({ number })));
});

afterAll(async () => {
  await services.close();
  await mongod.stop();
});

it('explains and samples on the member asked for', async () => {
  const { members } = await services.connections.use(services.connection.id, ({ describe }) => describe());
  const secondaries = members
    .filter(({ state }) => state === 'SECONDARY')
    .map(({ host }) => Number(host.split(':')[1]));
  const command = '{"find": "orders", "filter": {"number": 7}}';
  const base = { connectionId: services.connection.id, ns: 'shop.orders', op: 'find' as const, command };
  const portOf = async (readFrom: ReadFrom): Promise<number> => {
    const { host, execution } = await services.explains.run(explainRequestSchema.parse({ ...base, readFrom }));
    expect(execution).toMatchObject({ returned: 1, docsExamined: 400 });
    return Number(host.split(':')[1]);
  };
  expect(secondaries).toContain(await portOf({ kind: 'secondary' }));
  expect(secondaries).not.toContain(await portOf({ kind: 'connection' }));
  const host = `127.0.0.1:${secondaries[1] ?? 0}`;
  expect(await portOf({ kind: 'member', host })).toBe(secondaries[1]);
  const shape = {
    ...base,
    id: 'one',
    shape: '',
    count: 1,
    totalMs: 9,
    docsExamined: 400,
    keysExamined: 0,
    returned: 1,
    written: 0,
    sortStageCount: 0,
  };
  const advice = await services.advisor.advise(
    adviceRequestSchema.parse({ connectionId: base.connectionId, shapes: [shape], readFrom: { kind: 'member', host } }),
  );
  expect(advice.suggestions).toMatchObject([{ keyText: '{ number: 1 }' }]);
  expect(advice.sampled).toMatchObject([{ host, of: 400 }]);
});
