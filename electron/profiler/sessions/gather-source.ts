/** What a request asks to be gathered, with the members resolved. */
import type { CaptureRequest } from '../../../shared/captures';
import { fail } from '../../../shared/result';
import type { z } from 'zod';
import type { captureSourceSchema } from '../../../shared/captures';
import { basename } from 'node:path';
import type { Connections } from '../../connections/service';
import { dataMembers, memberUri } from '../members';
import type { GatherSource } from './session-messages';

export type ParsedSource = z.output<typeof captureSourceSchema>;

export interface DescribedSource {
  title: string;
  /** The files or the connection and members, as a person would name them. */
  text: string;
  connectionId: string | null;
  connectionName: string | null;
  /** Milliseconds it goes on for; null where that is not by time. */
  lastsMs: number | null;
}

const words: Record<CaptureRequest['source']['type'], string> = {
  profiler: 'Profiler',
  'server-log': 'Server log',
  'log-files': 'Log files',
  'current-operations': 'Current operations',
};

export async function describeSource(source: ParsedSource, connections: Connections): Promise<DescribedSource> {
  if (source.type === 'log-files') {
    const text = source.paths.map((path) => basename(path) || path).join(', ');
    return { title: shortened(text), text, connectionId: null, connectionName: null, lastsMs: null };
  }
  const { id, name } = await connections.get(source.connectionId);
  const hosts = source.hosts ? ` · ${source.hosts.join(', ')}` : '';
  const databases = source.type === 'profiler' && source.databases ? ` · ${source.databases.join(', ')}` : '';
  return {
    title: shortened(`${words[source.type]} of ${name}${databases}`),
    text: `${name}${hosts}${databases}`,
    connectionId: id,
    connectionName: name,
    lastsMs: source.minutes > 0 ? source.minutes * 60_000 : null,
  };
}

function shortened(title: string): string {
  return title.length > 120 ? `${title.slice(0, 119)}…` : title;
}

/**
 * Throws as connections do, 'topology' for a member that there is not. `startedAt` and `until` are milliseconds since 1970;
 * what comes from here holds secrets and goes to the worker thread alone.
 */
export async function gatherSource(
  source: ParsedSource,
  connections: Connections,
  until: number | null,
): Promise<GatherSource> {
  if (source.type === 'log-files') return { type: 'log-files', paths: source.paths };
  return connections.use(source.connectionId, async (deployment) => {
    const found = await dataMembers(deployment, source.hosts);
    const members = found.members.map((member) => ({ host: member.host, uri: memberUri(deployment, member) }));
    switch (source.type) {
      case 'profiler':
        if (found.topology === 'sharded')
          fail('topology', 'A mongos keeps no profile: its shards do.', "Connect to a shard's replica set.");
        return { type: 'profiler', members, databases: source.databases, since: source.since, until };
      case 'server-log':
        return { type: 'server-log', members, until };
      case 'current-operations': {
        const { intervalMs, slowms } = source;
        return { type: 'current-operations', members, until: until ?? Date.now(), intervalMs, slowms };
      }
    }
  });
}
