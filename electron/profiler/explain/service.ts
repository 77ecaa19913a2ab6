/** The door of explained plans. */
import type { ExplainedPlan, ParsedExplainRequest } from '../../../shared/advice';
import { fail } from '../../../shared/result';
import type { Connections } from '../../connections/service';

export interface Explains {
  run(request: ParsedExplainRequest): Promise<ExplainedPlan>;
}

export function createExplains({ connections }: { connections: Connections }): Explains {
  return {
    run: async ({ connectionId }) => {
      await connections.get(connectionId);
      fail('unsupported', 'Explaining is not part of this version.');
    },
  };
}
