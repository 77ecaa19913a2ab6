import { MultiSelect } from '@mantine/core';
import { environments, type Environment } from '../../shared/connections';
import { useConnections } from '../state/connections';

interface ScopeFieldsProps {
  /** What a connection is called on the page. */
  label: string;
  connectionIds: readonly string[];
  environments: readonly Environment[];
  onChange: (patch: { connectionIds: string[] } | { environments: Environment[] }) => void;
}

/** Which connections and environments something is limited to: none, and it is everything. */
export function ScopeFields({ label, connectionIds, environments: chosen, onChange }: ScopeFieldsProps) {
  const connections = useConnections((state) => state.connections) ?? [];
  const known = new Set(connections.map(({ id }) => id));
  // A connection that was removed stays until somebody takes it out.
  const gone = connectionIds.filter((id) => !known.has(id));
  return (
    <>
      <MultiSelect
        size="xs"
        label={label}
        description="None: every one"
        value={[...connectionIds]}
        onChange={(ids) => onChange({ connectionIds: ids })}
        data={[
          ...connections.map(({ id, name }) => ({ value: id, label: name })),
          ...gone.map((id) => ({ value: id, label: 'a removed connection' })),
        ]}
      />
      <MultiSelect
        size="xs"
        label="Environments"
        description="None: every one"
        value={[...chosen]}
        onChange={(values) => onChange({ environments: environments.filter((one) => values.includes(one)) })}
        data={[...environments]}
      />
    </>
  );
}
