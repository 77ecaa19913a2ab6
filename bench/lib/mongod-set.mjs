/** A replica set for one run, ended with it whatever happens. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MongoClient } from 'mongodb';

/**
 * @typedef {object} MongodSet
 * @property {string} uri
 * @property {string[]} hosts
 * @property {() => Promise<void>} stop
 */

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * @param {{ mongod: string, members: number, folder: string }} options
 * @returns {Promise<MongodSet>}
 */
export async function startSet({ mongod, members, folder }) {
  /** @type {import('node:child_process').ChildProcess[]} */
  const children = [];
  const hosts = [];
  const end = () => children.forEach((child) => child.kill('SIGKILL'));
  process.once('exit', end);
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  for (let member = 0; member < members; member++) {
    const port = await freePort();
    const dbpath = join(folder, `member-${member}`);
    await mkdir(dbpath);
    const place = ['--dbpath', dbpath, '--logpath', `${dbpath}.log`, '--bind_ip', '127.0.0.1', '--port', String(port)];
    const tuning = ['--replSet', 'bench', '--wiredTigerCacheSizeGB', '1', '--oplogSize', '8192', '--nounixsocket'];
    children.push(spawn(mongod, [...place, ...tuning], { stdio: 'ignore' }));
    hosts.push(`127.0.0.1:${port}`);
  }
  // The set is refused while a member does not answer yet.
  for (const host of hosts.slice(1)) {
    const member = new MongoClient(`mongodb://${host}/?directConnection=true`, { serverSelectionTimeoutMS: 30_000 });
    await member.db('admin').command({ ping: 1 });
    await member.close();
  }
  const first = new MongoClient(`mongodb://${hosts[0]}/?directConnection=true`, { serverSelectionTimeoutMS: 30_000 });
  await first.connect();
  await first.db('admin').command({
    replSetInitiate: { _id: 'bench', members: hosts.map((host, _id) => ({ _id, host, priority: _id === 0 ? 2 : 1 })) },
  });
  while (!(await first.db('admin').command({ hello: 1 }))['isWritablePrimary']) await pause(100);
  await first.close();
  return {
    uri: `mongodb://${hosts.join(',')}/?replicaSet=bench`,
    hosts,
    stop: async () => {
      end();
      process.off('exit', end);
      await Promise.all(
        children.map((child) => (child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null)),
      );
    },
  };
}
