import { MultiSelect, Select, Switch } from '@mantine/core';
import { severities } from '../../../../shared/alerts';
import { environments } from '../../../../shared/connections';
import { severityWords } from '../../../components/severity-mark';
import { useConnections } from '../../../state/connections';
import { isSeverity, type ChannelDraft } from './channel-draft';
import styles from './channels.module.css';

interface RouteFieldsProps {
  draft: ChannelDraft;
  onChange: (patch: Partial<ChannelDraft>) => void;
}

/** Which alerts a channel is told of. */
export function RouteFields({ draft, onChange }: RouteFieldsProps) {
  const connections = useConnections((state) => state.connections) ?? [];
  const known = new Set(connections.map(({ id }) => id));
  // A connection that was removed stays in the channel until somebody takes it out.
  const gone = draft.connectionIds.filter((id) => !known.has(id));
  return (
    <>
      <div className={styles.pair}>
        <Select
          label="Least severity"
          description="And every graver one"
          value={draft.leastSeverity}
          onChange={(value) => isSeverity(value) && onChange({ leastSeverity: value })}
          data={[...severities].reverse().map((value) => ({ value, label: severityWords[value] }))}
        />
        <Switch
          mt={24}
          label="Tell the end, too"
          description="One message when an alert fires, one when it is over"
          checked={draft.sendRecovery}
          onChange={(event) => onChange({ sendRecovery: event.currentTarget.checked })}
        />
        <MultiSelect
          size="xs"
          label="Connections"
          description="None: every one"
          value={draft.connectionIds}
          onChange={(connectionIds) => onChange({ connectionIds })}
          data={[
            ...connections.map(({ id, name }) => ({ value: id, label: name })),
            ...gone.map((id) => ({ value: id, label: 'a removed connection' })),
          ]}
        />
        <MultiSelect
          size="xs"
          label="Environments"
          description="None: every one"
          value={draft.environments}
          onChange={(values) => onChange({ environments: environments.filter((one) => values.includes(one)) })}
          data={[...environments]}
        />
      </div>
    </>
  );
}
