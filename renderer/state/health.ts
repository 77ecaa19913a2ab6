/** How every deployment is doing, kept true by events. */
import { create } from 'zustand';
import { api, asAppError, subscribe } from '../api';
import type { DeploymentHealth } from '../../shared/deployment-health';
import type { AppError } from '../../shared/result';

interface HealthState {
  /** By connection; null until they are known. */
  deployments: Readonly<Record<string, DeploymentHealth>> | null;
  error: AppError | null;
  load: () => Promise<void>;
}

export const useHealth = create<HealthState>((set) => ({
  deployments: null,
  error: null,
  load: async () => {
    try {
      const list = await api('health.deployments');
      set(({ deployments }) => ({
        // An answer may come after a newer sample that was told meanwhile.
        deployments: Object.fromEntries(
          list.map((health) => [health.connectionId, newer(deployments?.[health.connectionId], health)]),
        ),
        error: null,
      }));
    } catch (thrown) {
      set({ error: asAppError(thrown) });
    }
  },
}));

function newer(known: DeploymentHealth | undefined, told: DeploymentHealth): DeploymentHealth {
  return known && (known.sample?.at ?? 0) > (told.sample?.at ?? 0) ? known : told;
}

/** Samples of many deployments come one by one; pages are drawn once for those of a moment. */
const momentMs = 100;

export function subscribeToHealth(): () => void {
  const load = () => void useHealth.getState().load();
  let told: Record<string, DeploymentHealth> = {};
  let timer: number | undefined;
  const apply = () => {
    const newest = told;
    told = {};
    timer = undefined;
    useHealth.setState(({ deployments }) => ({ deployments: { ...deployments, ...newest } }));
  };
  const stops = [
    subscribe('health.changed', (health) => {
      told[health.connectionId] = health;
      timer ??= window.setTimeout(apply, momentMs);
    }),
    () => window.clearTimeout(timer),
    subscribe('connections.changed', load),
    subscribe('demo.changed', load),
  ];
  return () => stops.forEach((stop) => stop());
}

export function useHealthOf(connectionId: string | null): DeploymentHealth | null {
  return useHealth(({ deployments }) => (connectionId === null ? null : (deployments?.[connectionId] ?? null)));
}

/** A sample and its telling take their time; three that did not come are no delay any more. */
export function isFresh({ sample, intervalMs }: Pick<DeploymentHealth, 'sample' | 'intervalMs'>, now: number): boolean {
  return sample !== null && now - sample.at <= 3 * intervalMs + 15_000;
}
