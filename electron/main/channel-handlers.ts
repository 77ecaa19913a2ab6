/** The requests of channels, each answered by a service. Nothing is decided here. */
import type { RequestHandlers, RequestName } from '../../shared/contract';
import type { Services } from '../app';

type Handled = Extract<RequestName, `channels.${string}`>;

export function createChannelHandlers({ channels }: Services): Pick<RequestHandlers, Handled> {
  return {
    'channels.list': () => channels.list(),
    'channels.add': (input) => channels.add(input),
    'channels.update': ({ id, input }) => channels.update(id, input),
    'channels.remove': async ({ id }) => {
      await channels.remove(id);
      return null;
    },
    'channels.set-enabled': ({ id, enabled }) => channels.setEnabled(id, enabled),
    'channels.test': ({ id }) => channels.test(id),
    'channels.test-input': ({ input, existingId }) => channels.testInput(input, existingId),
    'channels.deliveries': () => channels.deliveries(),
    'channels.retry': async ({ ids }) => {
      await channels.retry(ids);
      return null;
    },
    'channels.discard': async ({ ids }) => {
      await channels.discard(ids);
      return null;
    },
  };
}
