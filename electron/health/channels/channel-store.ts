/** The file of channels. Holds no secret. */
import { z } from 'zod';
import { channelSchema, type Channel } from '../../../shared/channels';
import { JsonStore } from '../../platform/json-file';

const channelsFileSchema = z.object({ formatVersion: z.literal(1), channels: z.array(channelSchema) });
export type ChannelsFile = z.infer<typeof channelsFileSchema>;

/** What Lifeboat begins with: grave alerts are seen while it runs, without anything having to be set up. */
export const firstChannel: Channel = {
  id: 'desktop',
  name: 'Desktop',
  enabled: true,
  leastSeverity: 'high',
  connectionIds: null,
  environments: null,
  sendRecovery: true,
  settings: { kind: 'desktop' },
  secretPlace: 'none',
  secretsSet: [],
  destination: 'this computer',
  createdAt: '1970-01-01T00:00:00.000Z',
};

export function openChannels(path: string, origin: 'window' | 'cli'): JsonStore<ChannelsFile> {
  return new JsonStore({
    path,
    schema: channelsFileSchema,
    absent: () => ({ formatVersion: 1, channels: [firstChannel] }),
    origin,
  });
}
