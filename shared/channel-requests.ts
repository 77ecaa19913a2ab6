/** The contract's part on channels. */
import { z } from 'zod';
import { channelInputSchema, type Channel, type ChannelEntry, type ChannelTest, type DeliveryLists } from './channels';
import { request } from './request';

const nothing = z.undefined();
const id = z.object({ id: z.string().min(1) });
const ids = z.object({ ids: z.array(z.string().min(1)).min(1).max(1000) });

export const channelRequests = {
  /** By name. */
  'channels.list': request(nothing).answers<ChannelEntry[]>(),
  'channels.add': request(channelInputSchema).answers<Channel>(),
  'channels.update': request(z.object({ id: z.string().min(1), input: channelInputSchema })).answers<Channel>(),
  /** What waits for it is dropped with it. */
  'channels.remove': request(id).answers<null>(),
  /** Switched off, what waits for it is dropped. */
  'channels.set-enabled': request(id.extend({ enabled: z.boolean() })).answers<Channel>(),
  /** Sends a message that is marked as a test. */
  'channels.test': request(id).answers<ChannelTest>(),
  /** `existingId`: the channel that is edited, whose secrets are used unless others are given. */
  'channels.test-input': request(
    z.object({ input: channelInputSchema, existingId: z.string().nullable() }),
  ).answers<ChannelTest>(),
  'channels.deliveries': request(nothing).answers<DeliveryLists>(),
  /** Ids of given-up deliveries; what is not there any more is left out. */
  'channels.retry': request(ids).answers<null>(),
  'channels.discard': request(ids).answers<null>(),
} as const;

export interface ChannelEvents {
  /** Channels, or what waits for them, changed. */
  'channels.changed': null;
}
