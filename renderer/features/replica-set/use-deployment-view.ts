import { useEffect, useMemo, useState } from 'react';
import type { DeploymentHealth } from '../../../shared/deployment-health';
import type { AppError } from '../../../shared/result';
import { isFresh, useHealth, useHealthOf } from '../../state/health';
import { viewOf, type DeploymentView } from './deployment-view';
import { useEventsOf, useFollowedEvents } from './replica-set-store';

const lookEveryMs = 1000;

/** False once the newest sample is so old that a newer one should have come. */
function useIsFresh(health: DeploymentHealth | null): boolean {
  const [agedAt, setAgedAt] = useState<number | null>(null);
  const at = health?.sample?.at ?? null;
  useEffect(() => {
    if (!health || at === null) return;
    const look = () => {
      if (!isFresh(health, Date.now())) setAgedAt(at);
    };
    look();
    const timer = window.setInterval(look, lookEveryMs);
    return () => window.clearInterval(timer);
  }, [health, at]);
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
  useFollowedEvents(connectionId);
  const health = useHealthOf(connectionId);
  const events = useEventsOf(connectionId);
  const error = useHealth((state) => state.error);
  const sample = health?.sample ?? null;
  const fresh = useIsFresh(health);
  const view = useMemo(() => (sample ? viewOf(sample, events, fresh) : null), [sample, events, fresh]);
  return { health, view, error };
}
