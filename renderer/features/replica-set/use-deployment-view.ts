import { useEffect, useMemo, useState } from 'react';
import type { DeploymentHealth } from '../../../shared/deployment-health';
import type { AppError } from '../../../shared/result';
import { freshForMs, viewOf, type DeploymentView } from './deployment-view';
import { useDeploymentHealth, useHealthEvents, useReplicaSet } from './replica-set-store';

/** False once the newest sample is so old that a newer one should have come. */
function useIsFresh(at: number | null, intervalMs: number): boolean {
  const [agedAt, setAgedAt] = useState<number | null>(null);
  useEffect(() => {
    if (at === null) return;
    const rest = at + freshForMs(intervalMs) - Date.now();
    const timer = window.setTimeout(() => setAgedAt(at), Math.max(0, rest));
    return () => window.clearTimeout(timer);
  }, [at, intervalMs]);
  return at === null || agedAt !== at;
}

export interface FollowedDeployment {
  /** Null until it is known. */
  health: DeploymentHealth | null;
  /** Null until the first sample. */
  view: DeploymentView | null;
  error: AppError | null;
}

/** A connection's members as they are now, followed while the page is open. */
export function useDeploymentView(connectionId: string): FollowedDeployment {
  const health = useDeploymentHealth(connectionId);
  const events = useHealthEvents();
  const error = useReplicaSet((state) => (state.connectionId === connectionId ? state.error : null));
  const sample = health?.sample ?? null;
  const fresh = useIsFresh(sample?.at ?? null, health?.intervalMs ?? 0);
  const view = useMemo(() => (sample ? viewOf(sample, events, fresh) : null), [sample, events, fresh]);
  return { health, view, error };
}
