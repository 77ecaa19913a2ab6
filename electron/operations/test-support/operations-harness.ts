/** Services over a real replica set, and operations carried out to their end. */
import type { Document, MongoClient } from 'mongodb';
import type { Job } from '../../../shared/jobs';
import type { Operation, OperationOutcome, OperationPreview } from '../../../shared/operations';
import type { EphemeralOptions } from '../../connections/service';
import { createTestServices, type TestServices } from '../../test-support/test-services';

export interface Ended {
  preview: OperationPreview;
  job: Job;
  outcome: OperationOutcome;
}

export interface OperationsHarness extends TestServices {
  preview(operation: Operation, connectionId?: string): Promise<OperationPreview>;
  /** Starts what a preview showed. */
  start(preview: OperationPreview, typedName?: string | null): Promise<Job>;
  /** Previews and carries out, good or bad. Throws what keeps it from being started. */
  run(operation: Operation): Promise<Ended>;
}

/** So that nobody takes over by itself in the middle of a test. */
export async function equalPriorities(client: MongoClient): Promise<void> {
  const admin = client.db('admin');
  const { config } = (await admin.command({ replSetGetConfig: 1 })) as {
    config: Document & { version: number; members: Document[] };
  };
  const members = config.members.map((member) => ({ ...member, priority: 1 }));
  await admin.command({ replSetReconfig: { ...config, version: config.version + 1, members } });
}

export async function createOperationsHarness(uri: string, options: EphemeralOptions = {}): Promise<OperationsHarness> {
  const services = await createTestServices(uri, { name: 'set-test', ...options });
  const { operations, jobs, connection } = services;
  const preview: OperationsHarness['preview'] = (operation, connectionId = connection.id) =>
    operations.preview({ connectionId, set: null, operation });
  const start: OperationsHarness['start'] = ({ request, pin }, typedName = null) =>
    operations.start({ ...request, pin, typedName });
  return {
    ...services,
    preview,
    start,
    run: async (operation) => {
      const shown = await preview(operation);
      const job = await jobs.wait((await start(shown)).id);
      return { preview: shown, job, outcome: await operations.outcome(job.resultId ?? '') };
    },
  };
}
