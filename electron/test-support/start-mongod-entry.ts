/** A process that starts a mongod and waits to be killed. */
import { startTestMongod } from './test-mongod';

void startTestMongod().then((mongod) => {
  process.stdout.write(JSON.stringify({ pid: mongod.members[0]?.pid, folder: mongod.members[0]?.folder }));
  setInterval(() => undefined, 60_000);
});
