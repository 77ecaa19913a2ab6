import type { SecretStoreStatus } from '../../../../shared/connections';
import { SecretPlaceField } from '../../../components/secret-place-field';
import { hasSecrets, secretPlaceOf, type ChannelDraft } from './channel-draft';

interface SecretPlaceFieldsProps {
  draft: ChannelDraft;
  secretStore: SecretStoreStatus | null;
  onChange: (patch: Partial<ChannelDraft>) => void;
}

/** Where the secrets of a channel are kept; nothing for a channel without any. */
export function SecretPlaceFields({ draft, secretStore, onChange }: SecretPlaceFieldsProps) {
  if (!hasSecrets(draft)) return null;
  return (
    <SecretPlaceField
      label="Where its secrets are kept"
      value={secretPlaceOf(draft, secretStore?.keychain ?? false)}
      secretStore={secretStore}
      ask={{
        label: 'In memory only',
        description: 'Until Lifeboat ends; messages wait until they are entered again',
      }}
      passphrase={draft.secretPlace === 'passphrase' ? 'Saved by the command line, which sends while it watches' : null}
      onChange={(secretPlace) => onChange({ secretPlace })}
    />
  );
}
