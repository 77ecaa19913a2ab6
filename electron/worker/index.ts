/** The entry of worker threads: the tasks of all domains by name. */
import { dumpTask } from '../backup/dump-task';
import { importTask } from '../catalogue/import-task';
import { verifyTask } from '../catalogue/verify-task';
import { serveTasks } from '../jobs/serve-tasks';
import type { TaskRegistry } from '../jobs/task';

const registry = {
  'backup.dump': dumpTask,
  'catalogue.import': importTask,
  'catalogue.verify': verifyTask,
} satisfies TaskRegistry;

serveTasks(registry);
