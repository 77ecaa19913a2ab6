/** Starts a sandbox in a process of its own, to see what is left when that process is killed. */
import { createSilentLogger } from '../platform/logger';
import { createSandboxes } from '../sandbox/service';
import { testMongodPath } from './runtime';

const [folder = '', kind = 'own'] = process.argv.slice(2);
const sandboxes = createSandboxes({
  folder,
  toolchain: { require: () => Promise.resolve({ path: testMongodPath(), version: '6.0.5' }) },
  logger: createSilentLogger(),
  audit: { record: () => Promise.resolve() },
});

void sandboxes.start({ members: 1, purpose: 'scratch', detached: kind === 'detached' }).then(
  ({ id }) => {
    process.stdout.write(`started ${id}\n`);
    if (kind === 'own') setInterval(() => undefined, 60_000);
  },
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
