/** Messages on their way, in one file that window and command line share. Holds no secret. */
import { z } from 'zod';
import { deliverySchema, lastDeliverySchema } from '../../../shared/channels';
import { JsonStore } from '../../platform/json-file';
import { processIdentitySchema } from '../../platform/process-identity';

const claimSchema = z.object({
  /** Of the service that sends it. */
  token: z.string(),
  identity: processIdentitySchema,
  hostname: z.string(),
  /** When it is over whatever became of the sender. */
  until: z.number(),
});

const storedDeliverySchema = deliverySchema.extend({
  /** Who is sending it right now. */
  claim: claimSchema.nullable(),
});
export type StoredDelivery = z.infer<typeof storedDeliverySchema>;

const deliveriesFileSchema = z.object({
  formatVersion: z.literal(1),
  /** In the order they were queued. */
  deliveries: z.array(storedDeliverySchema),
  /** Which channel was told, or is to be told, of an open incident. */
  told: z.array(
    z.object({
      channelId: z.string(),
      incidentId: z.string(),
      at: z.number(),
      /** The first message arrived. */
      delivered: z.boolean(),
    }),
  ),
  /** The newest try of each channel. */
  last: z.array(lastDeliverySchema),
});
export type DeliveriesFile = z.infer<typeof deliveriesFileSchema>;

export const noDeliveries: DeliveriesFile = { formatVersion: 1, deliveries: [], told: [], last: [] };

export function openDeliveries(path: string, origin: 'window' | 'cli'): JsonStore<DeliveriesFile> {
  return new JsonStore({ path, schema: deliveriesFileSchema, absent: () => noDeliveries, origin });
}
