/** The entry of worker threads: the tasks of all domains by name. */
import { serveTasks } from '../jobs/serve-tasks';
import type { TaskRegistry } from '../jobs/task';

const registry = {} satisfies TaskRegistry;

serveTasks(registry);
