/** The door of explained plans. */
import type { ExplainedPlan, ParsedExplainRequest } from '../../../shared/advice';
import type { Connections } from '../../connections/service';
import { explainOn } from './explain';
import { explainableCommand } from './explain-command';
import { withReadTarget } from './read-from';

export interface Explains {
  /**
   * Explains the command of an example on the member asked for, within its time limit; nothing is written whatever the
   * command is. Throws 'usage' for what has no plan or was cut, 'topology', 'timeout', and as connections do.
   */
  run(request: ParsedExplainRequest, options?: { signal?: AbortSignal }): Promise<ExplainedPlan>;
}

export function createExplains({ connections }: { connections: Connections }): Explains {
  return {
    run: async ({ connectionId, ns, op, command, verbosity, maxTimeMs, readFrom }, options = {}) => {
      const explainable = explainableCommand(ns, op, command);
      return connections.use(
        connectionId,
        (deployment) =>
          withReadTarget(deployment, readFrom, ({ client, host }) =>
            explainOn(client, explainable, { verbosity, maxTimeMs, host: host ?? deployment.connection.name }),
          ),
        options,
      );
    },
  };
}
