/** What the forms know of a set: its configuration, and how its members are right now. */
import { useMemo } from 'react';
import type { ConfiguredMember, ReplicaSetConfiguration } from '../../../../shared/deployment-health';
import type { HealthState, SetSample } from '../../../../shared/health';
import type { AppError } from '../../../../shared/result';
import { useRequest } from '../../../api';

export interface SetMember extends ConfiguredMember {
  /** Null where nothing was sampled. */
  state: HealthState | null;
}

export interface ReplicaSetFacts {
  set: string;
  configuration: ReplicaSetConfiguration;
  /** In the order of the configuration. */
  members: SetMember[];
}

interface SetFactsState {
  /** Names of the sets to choose from, where there are several and none was named. */
  choices: string[] | null;
  facts: ReplicaSetFacts | null;
  loading: boolean;
  error: AppError | null;
  reload: () => void;
}

/** `set` null: the only one of the deployment. */
export function useSetFacts(connectionId: string, set: string | null): SetFactsState {
  const health = useRequest('health.deployment', { connectionId });
  const sets = health.data?.sample?.sets;
  const names = sets?.map(({ name }) => name) ?? [];
  const mustChoose = set === null && names.length > 1;
  // Without a sample the deployment may still answer for its configuration.
  const known = !health.loading || health.data !== null;
  const configuration = useRequest('health.configuration', { connectionId, set }, { enabled: known && !mustChoose });
  const facts = useMemo(
    () => (configuration.data ? factsOf(configuration.data, sets ?? []) : null),
    [configuration.data, sets],
  );
  return {
    choices: mustChoose ? names : null,
    facts,
    loading: health.loading || configuration.loading,
    error: configuration.error ?? (mustChoose ? null : configuration.data ? null : health.error),
    reload: () => {
      health.reload();
      configuration.reload();
    },
  };
}

function factsOf(configuration: ReplicaSetConfiguration, sets: readonly SetSample[]): ReplicaSetFacts {
  const sampled = sets.find(({ name }) => name === configuration.set)?.members ?? [];
  return {
    set: configuration.set,
    configuration,
    members: configuration.members.map((member) => ({
      ...member,
      state: sampled.find(({ host }) => host === member.host)?.state ?? null,
    })),
  };
}

/** `PRIMARY`, `SECONDARY, hidden`; nothing where nothing is known. */
export function memberText({ state, hidden }: Pick<SetMember, 'state' | 'hidden'>): string {
  return [state, hidden ? 'hidden' : null].filter((part) => part !== null).join(', ');
}
