import { Select, Switch } from '@mantine/core';
import { severities } from '../../../../shared/alerts';
import { ScopeFields } from '../../../components/scope-fields';
import { severityWords } from '../../../components/severity-mark';
import { isSeverity, type ChannelDraft } from './channel-draft';
import styles from './channels.module.css';

interface RouteFieldsProps {
  draft: ChannelDraft;
  onChange: (patch: Partial<ChannelDraft>) => void;
}

/** Which alerts a channel is told of. */
export function RouteFields({ draft, onChange }: RouteFieldsProps) {
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
        <ScopeFields
          label="Connections"
          connectionIds={draft.connectionIds}
          environments={draft.environments}
          onChange={onChange}
        />
      </div>
    </>
  );
}
