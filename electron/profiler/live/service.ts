/** The door of live operations: what members do right now, and ending one of it. */
import type { AuditRecord } from '../../../shared/audit';
import type { KillRequest, KillResult, LiveOperation, LiveOperations } from '../../../shared/live-operations';
import { AppFailure, fail } from '../../../shared/result';
import type { Connections } from '../../connections/service';
import { requireAllowed } from '../guard';
import { dataMembers, memberError, withDataMember } from '../members';
import { liveOperation } from './live-operation';
import { operationByNumber, operationsNow } from './current-operations';

export interface LiveOperationsRequest {
  connectionId: string;
  hosts: readonly string[] | null;
  internal: boolean;
  idle: boolean;
}

export interface LiveOperationsService {
  /** A member that cannot be asked is told with its error. Fails as connections do. */
  list(request: LiveOperationsRequest): Promise<LiveOperations>;
  /**
   * Ends an operation when it is still the one that was seen. Throws 'refused' (read-only, production without the typed
   * name, an operation of the server itself).
   */
  kill(request: KillRequest): Promise<KillResult>;
}

export interface LiveOperationsOptions {
  connections: Connections;
  audit: { record(record: AuditRecord): Promise<unknown> };
}

/** Milliseconds within which a killed operation is expected to be gone. */
const goneWithin = 1000;
const lookEvery = 50;

export function createLiveOperations({ connections, audit }: LiveOperationsOptions): LiveOperationsService {
  /** `onFound` is told the operation before anything is sent. */
  async function killOn(
    { connectionId, host, opid, shapeId, connection: seenOn }: KillRequest,
    onFound: (operation: LiveOperation) => void,
  ): Promise<KillResult> {
    return connections.use(connectionId, async (deployment) => {
      const [member] = (await dataMembers(deployment, [host])).members;
      if (!member) return fail('topology', `There is no member ${host}.`);
      return withDataMember(deployment, member, async (client) => {
        const find = async (): Promise<LiveOperation | null> => {
          const entry = await operationByNumber(client, opid);
          const now = entry && liveOperation(entry, host, Date.now());
          return now && now.shapeId === shapeId && now.connection === seenOn ? now : null;
        };
        const operation = await find();
        if (!operation) return { outcome: 'gone' };
        onFound(operation);
        if (operation.protectedBecause !== null)
          fail('refused', `This operation must not be killed: ${operation.protectedBecause}`);
        await client.db('admin').command({ killOp: 1, op: /^-?\d+$/.test(opid) ? Number(opid) : opid });
        const end = Date.now() + goneWithin;
        while (Date.now() < end) {
          if (!(await find())) return { outcome: 'killed' };
          await new Promise((resolve) => setTimeout(resolve, lookEvery));
        }
        return { outcome: 'told' };
      });
    });
  }

  return {
    async list({ connectionId, hosts, internal, idle }) {
      return connections.use(connectionId, async (deployment) => {
        const { members } = await dataMembers(deployment, hosts);
        const answers = await Promise.all(
          members.map(async (member) => {
            const { host, state } = member;
            try {
              const entries = await withDataMember(deployment, member, (client) => operationsNow(client, idle));
              const seenAt = Date.now();
              return {
                host,
                state,
                error: null,
                operations: entries.map((entry) => liveOperation(entry, host, seenAt)),
              };
            } catch (error) {
              return { host, state, error: memberError(error, host), operations: [] };
            }
          }),
        );
        return {
          at: Date.now(),
          members: answers.map(({ host, state, error }) => ({ host, state, error })),
          operations: answers
            .flatMap(({ operations }) => operations)
            .filter((operation) => (internal || !operation.internal) && (idle || operation.active))
            .sort((a, b) => (b.runningMs ?? -1) - (a.runningMs ?? -1)),
        };
      });
    },
    async kill(request) {
      const connection = await connections.get(request.connectionId);
      const { host, opid, shapeId } = request;
      let parameters: Record<string, unknown> = { host, opid, shapeId };
      // What was ended, for whoever reads the audit; of the command the shape alone, which holds no values.
      const onFound = ({ ns, kind, shape, app, user, runningMs }: LiveOperation): void => {
        parameters = { ...parameters, ns, kind, shape, app, user, runningMs };
      };
      const write = (result: AuditRecord['result'], error: string | null, more: Record<string, unknown> = {}) =>
        audit.record({
          operation: 'operation.kill',
          target: connection.name,
          category: 'profiler',
          parameters: { ...parameters, ...more },
          result,
          error,
          jobId: null,
        });
      try {
        requireAllowed(connection, request.typedName, 'an operation of an application would be ended');
        const killed = await killOn(request, onFound);
        await write('succeeded', null, { outcome: killed.outcome });
        return killed;
      } catch (error) {
        const isRefused = error instanceof AppFailure && error.error.code === 'refused';
        await write(isRefused ? 'refused' : 'failed', error instanceof Error ? error.message : String(error));
        throw error;
      }
    },
  };
}
