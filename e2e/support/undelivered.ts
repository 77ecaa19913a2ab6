/** A message that was given up, as an earlier run of Lifeboat left it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { incidentOf } from '../../electron/health/channels/test-support/notices';
import type { DeliveriesFile } from '../../electron/health/channels/delivery-file';

/** `channelId`: of a channel that is saved. Replaces what is queued. */
export function leaveUndelivered(dataFolder: string, channelId: string): void {
  const file: DeliveriesFile = {
    formatVersion: 1,
    deliveries: [
      {
        id: 'given-up',
        channelId,
        kind: 'fired',
        incident: incidentOf('i1'),
        connectionName: 'shop-prod',
        environment: 'production',
        queuedAt: Date.now() - 7_200_000,
        tries: 12,
        nextTryAt: Date.now() - 600_000,
        error: {
          code: 'server-error',
          message: 'hooks.example.com answered 503 Service Unavailable.',
          hint: 'The service has a problem of its own.',
        },
        diedAt: Date.now() - 600_000,
        claim: null,
      },
    ],
    told: [{ channelId, incidentId: 'i1', at: Date.now() - 7_200_000, delivered: false }],
    last: [],
  };
  writeFileSync(join(dataFolder, 'deliveries.json'), JSON.stringify(file), { mode: 0o600 });
}
