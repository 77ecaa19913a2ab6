import type { DeploymentSample } from '../../shared/health';

/** `replica set rs0`, `sharded, 3 shards`, `standalone`; null while nobody answered. */
export function sampledTopology({ topology, sets }: DeploymentSample): string | null {
  switch (topology) {
    case 'replica set':
      return sets.length === 1 && sets[0] ? `replica set ${sets[0].name}` : 'replica set';
    case 'sharded': {
      const shards = sets.filter(({ shard }) => shard !== 'config').length;
      return `sharded cluster, ${shards} ${shards === 1 ? 'shard' : 'shards'}`;
    }
    case 'standalone':
      return 'standalone';
    case 'unknown':
      return null;
  }
}
