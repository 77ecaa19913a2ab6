/** The entry of worker threads: the tasks of all domains by name. */
import { dumpTask } from '../backup/dump-task';
import { importTask } from '../catalogue/import-task';
import { verifyTask } from '../catalogue/verify-task';
import { detailsTask } from '../diff/details/details-task';
import { orderTask } from '../diff/details/order-task';
import { diffTask } from '../diff/diff-task';
import { oplogDiffTask } from '../diff/oplog/oplog-diff-task';
import { rebuildTask } from '../diff/rebuild-task';
import { historyTask } from '../health/history/history-task';
import { serveTasks } from '../jobs/serve-tasks';
import type { TaskRegistry } from '../jobs/task';
import { checkPicksTask } from '../restore/guards/check-picks-task';
import { diffDocumentTask, summariseDocumentTask } from '../restore/documents/read-document-task';
import { exportTask } from '../restore/export/export-task';
import { copyTask } from '../profiler/advice/trying/copy-task';
import { logReportTask } from '../profiler/report-task';
import { captureSessionTask } from '../profiler/sessions/session-task';
import { foresightTask } from '../restore/foresight/foresight-task';
import { checkTask } from '../restore/guards/check-task';
import { carryTask } from '../restore/undo/carry-task';
import { compareUndoTask } from '../restore/undo/compare-task';
import { saveUndoTask } from '../restore/undo/save-task';
import { writeTask } from '../restore/writing/write-task';

const registry = {
  'advice.copy': copyTask,
  'backup.dump': dumpTask,
  'catalogue.import': importTask,
  'catalogue.verify': verifyTask,
  'diff.details': detailsTask,
  'diff.order': orderTask,
  'diff.namespaces': diffTask,
  'diff.by-oplog': oplogDiffTask,
  'diff.rebuild-digest': rebuildTask,
  'profiler.capture-session': captureSessionTask,
  'health.history': historyTask,
  'profiler.log-report': logReportTask,
  'restore.carry-over': carryTask,
  'restore.check-archive': checkTask,
  'restore.check-picks': checkPicksTask,
  'restore.compare-undo': compareUndoTask,
  'restore.diff-document': diffDocumentTask,
  'restore.summarise-document': summariseDocumentTask,
  'restore.save-undo': saveUndoTask,
  'restore.foresee': foresightTask,
  'restore.export': exportTask,
  'restore.write': writeTask,
} satisfies TaskRegistry;

serveTasks(registry);
