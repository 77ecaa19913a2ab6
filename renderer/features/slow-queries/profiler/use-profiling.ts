import { useEffect } from 'react';
import type { ProfilingStatus } from '../../../../shared/profiling';
import { subscribe, useRequest, type RequestState } from '../../../api';
import { useKept } from '../use-kept';

/** What the profilers of a deployment are set to, asked again when a time-box changes. */
export function useProfiling(connectionId: string | null): RequestState<ProfilingStatus> {
  const status = useKept(
    useRequest('profiling.status', { connectionId: connectionId ?? '' }, { enabled: connectionId !== null }),
  );
  const { reload } = status;
  useEffect(() => subscribe('profiling.changed', reload), [reload]);
  const isOther = status.data !== null && status.data.connectionId !== connectionId;
  return isOther ? { ...status, data: null } : status;
}
