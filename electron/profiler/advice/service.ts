/** The door of advice: what index would help, what it costs, and whether it does. */
import type { Advice, ParsedAdviceRequest, ParsedTryRequest, TryResult, TrySize } from '../../../shared/advice';
import type { IndexInfo } from '../../../shared/indexes';
import type { Job } from '../../../shared/jobs';
import { fail } from '../../../shared/result';

export interface Advisor {
  indexes(connectionId: string, ns: string): Promise<IndexInfo[]>;
  advise(request: ParsedAdviceRequest): Promise<Advice>;
  adviseAll(request: ParsedAdviceRequest): Promise<Job>;
  result(adviceId: string): Promise<Advice>;
  trySize(connectionId: string, ns: string): Promise<TrySize>;
  try(request: ParsedTryRequest): Promise<Job>;
  tryResult(tryId: string): Promise<TryResult>;
}

const notYet = (): Promise<never> =>
  Promise.resolve().then(() => fail('unsupported', 'Advice is not part of this version.'));

export function createAdvisor(): Advisor {
  return {
    indexes: notYet,
    advise: notYet,
    adviseAll: notYet,
    result: notYet,
    trySize: notYet,
    try: notYet,
    tryResult: notYet,
  };
}
