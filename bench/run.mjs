/**
 * `node bench/run.mjs [ROW…] [--rounds N] [--documents N] [--members 1|3] [--level 1-9] [--log-mebibytes N] [--json FILE]`: measures the rows of the speed table, each
 * against its yardstick, interleaved in one run on one machine, and prints the ratios beside their targets. Rows that take
 * many minutes (`memory-10m`, `oplog-10m`, `growth`, `captures`) run only when named.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createContext } from './lib/context.mjs';
import { formatResults } from './lib/report.mjs';
import { backupRow } from './rows/backup.mjs';
import { capturesRow } from './rows/captures.mjs';
import { diffRow } from './rows/diff.mjs';
import { exactRow } from './rows/exact.mjs';
import { growthRow } from './rows/growth.mjs';
import { healthRow } from './rows/health.mjs';
import { logRow } from './rows/log.mjs';
import { memoryRows } from './rows/memory.mjs';
import { oplogRows } from './rows/oplog.mjs';

/** @type {import('./lib/context.mjs').BenchRow[]} */
const rows = [backupRow, diffRow, ...oplogRows, ...memoryRows, exactRow, growthRow, logRow, capturesRow, healthRow];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    documents: { type: 'string', default: '1000000' },
    members: { type: 'string', default: '1' },
    level: { type: 'string', default: '4' },
    'log-mebibytes': { type: 'string', default: '64' },
    json: { type: 'string' },
  },
});

const unknown = positionals.filter((name) => !rows.some((row) => row.name === name));
if (unknown.length > 0) {
  process.stderr.write(`No such row: ${unknown.join(', ')}. Rows: ${rows.map(({ name }) => name).join(', ')}.\n`);
  process.exit(2);
}

const context = await createContext({
  rounds: Number(values.rounds),
  documents: Number(values.documents),
  members: Number(values.members),
  level: Number(values.level),
  logMebibytes: Number(values['log-mebibytes']),
});
try {
  /** @type {import('./lib/context.mjs').BenchResult[]} */
  const results = [];
  for (const row of rows) {
    if (positionals.length > 0 ? !positionals.includes(row.name) : row.onRequest) continue;
    process.stderr.write(`${row.name}: ${row.what} against ${row.against}\n`);
    results.push(...(await row.run(context)));
  }
  process.stdout.write(formatResults(results));
  if (values.json) await writeFile(values.json, `${JSON.stringify({ machine: context.machine, results }, null, 2)}\n`);
  process.exitCode = results.every(({ met }) => met !== false) ? 0 : 1;
} finally {
  await context.close();
}
