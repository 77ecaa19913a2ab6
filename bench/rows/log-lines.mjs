/** A server log to measure with: four of five lines are slow operations of some hundred shapes. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

const collections = ['orders', 'customers', 'products', 'carts', 'invoices', 'events', 'sessions', 'stock'];
const fields = ['status', 'customer', 'total', 'createdAt', 'sku', 'email', 'region', 'tags'];

/** A generator of equal numbers in every run. @param {number} seed */
function numbers(seed) {
  let state = seed >>> 0;
  return (/** @type {number} */ below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % below;
  };
}

/** @param {(below: number) => number} next */
function valueOf(next) {
  const kind = next(4);
  if (kind === 0) return next(1e6);
  if (kind === 1) return `value ${next(1e6).toString(36)}`;
  if (kind === 2) return { $oid: next(1e7).toString(16).padStart(24, '0') };
  return { $date: new Date(1.7e12 + next(1e7) * 1000).toISOString() };
}

/**
 * What an application's code decides; values come with each call.
 * @typedef {{ collection: string, kind: number, form: number, first: string, second: string, sort: string, hash: string, key: string }} Template
 */

/** @param {(below: number) => number} next @returns {Template} */
function templateOf(next) {
  const field = () => fields[next(8)] ?? '';
  const collection = collections[next(8)] ?? '';
  const hash = () => next(1e9).toString(16).toUpperCase().padStart(8, '0');
  return {
    collection,
    kind: next(10),
    form: next(3),
    first: field(),
    second: field(),
    sort: field(),
    hash: hash(),
    key: hash(),
  };
}

/** @param {Template} template @param {(below: number) => number} next */
function filterOf({ form, first, second }, next) {
  switch (form) {
    case 0:
      return { [first]: valueOf(next) };
    case 1:
      return { [first]: valueOf(next), [second]: { $gte: valueOf(next), $lt: valueOf(next) } };
    default:
      return { [first]: { $in: Array.from({ length: 1 + next(12) }, () => valueOf(next)) } };
  }
}

/** @param {Template} template @param {(below: number) => number} next */
function commandOf(template, next) {
  const { collection, kind, sort } = template;
  const filter = filterOf(template, next);
  const session = { id: { $uuid: `269dcdcd-4f46-4c49-a2a2-${next(1e9).toString(16).padStart(12, '0')}` } };
  const end = { lsid: session, $db: 'shop' };
  const group = { _id: `$${sort}`, n: { $sum: 1 } };
  switch (kind) {
    case 7:
      return { q: filter, u: { $set: { status: 'sent', updatedAt: valueOf(next) } }, multi: false, upsert: false };
    case 8:
      return { aggregate: collection, pipeline: [{ $match: filter }, { $group: group }], cursor: {}, ...end };
    case 9:
      return { insert: collection, ordered: true, ...end };
    default:
      return { find: collection, filter, sort: { [sort]: -1 }, limit: 1 + next(100), ...end };
  }
}

/** @param {readonly Template[]} templates @param {(below: number) => number} next @param {string} time */
function slowLine(templates, next, time) {
  // Some are asked far more often than others.
  const template = templates[Math.min(next(templates.length), next(templates.length))] ?? templateOf(next);
  const { collection, kind, sort } = template;
  const write = kind === 7;
  const command = commandOf(template, next);
  const examined = next(100_000);
  const attr = {
    type: write ? 'update' : 'command',
    ns: `shop.${collection}`,
    appName: `service-${next(12)}`,
    command,
    planSummary: next(10) === 0 ? 'COLLSCAN' : `IXSCAN { ${sort}: 1 }`,
    keysExamined: examined,
    docsExamined: examined,
    cursorExhausted: true,
    numYields: examined >> 7,
    nreturned: next(100),
    queryHash: template.hash,
    planCacheKey: template.key,
    queryFramework: 'classic',
    reslen: next(100_000),
    locks: {
      FeatureCompatibilityVersion: { acquireCount: { r: 2 } },
      Global: { acquireCount: { r: 2 } },
      Mutex: { acquireCount: { r: 1 } },
    },
    storage: { data: { bytesRead: next(1e7), timeReadingMicros: next(1e5) } },
    remote: `10.0.${next(250)}.${next(250)}:${20_000 + next(40_000)}`,
    protocol: 'op_msg',
    durationMillis: 100 + next(4000),
  };
  return `{"t":{"$date":"${time}"},"s":"I",  "c":"${write ? 'WRITE' : 'COMMAND'}",  "id":51803,   "ctx":"conn${next(5000)}","msg":"Slow query","attr":${JSON.stringify(attr)}}\n`;
}

/** @param {(below: number) => number} next @param {string} time */
function otherLine(next, time) {
  const remote = `10.0.${next(250)}.${next(250)}:${20_000 + next(40_000)}`;
  return `{"t":{"$date":"${time}"},"s":"I",  "c":"NETWORK",  "id":22943,   "ctx":"listener","msg":"Connection accepted","attr":{"remote":"${remote}","connectionId":${next(1e6)},"connectionCount":${next(5000)}}}\n`;
}

/**
 * Writes a log of about that many bytes, the same in every run; returns its lines and slow operations.
 * @param {string} path
 * @param {number} bytes
 */
export async function writeLog(path, bytes) {
  const next = numbers(7);
  const templates = Array.from({ length: 500 }, () => templateOf(next));
  const file = createWriteStream(path);
  let written = 0;
  let lines = 0;
  let slow = 0;
  let at = 1.75e12;
  while (written < bytes) {
    let chunk = '';
    while (chunk.length < 1 << 20 && written + chunk.length < bytes) {
      at += next(40);
      const time = new Date(at).toISOString().replace('Z', '+00:00');
      const isSlow = next(5) > 0;
      chunk += isSlow ? slowLine(templates, next, time) : otherLine(next, time);
      lines += 1;
      if (isSlow) slow += 1;
    }
    written += Buffer.byteLength(chunk);
    if (!file.write(chunk)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
  return { lines, slow };
}
