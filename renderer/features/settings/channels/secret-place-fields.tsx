import { Radio, Stack } from '@mantine/core';
import { secretPlaceSchema, type SecretStoreStatus } from '../../../../shared/connections';
import { hasSecrets, secretPlaceOf, type ChannelDraft } from './channel-draft';

interface SecretPlaceFieldsProps {
  draft: ChannelDraft;
  secretStore: SecretStoreStatus | null;
  onChange: (patch: Partial<ChannelDraft>) => void;
}

/** Where the secrets of a channel are kept; nothing for a channel without any. */
export function SecretPlaceFields({ draft, secretStore, onChange }: SecretPlaceFieldsProps) {
  if (!hasSecrets(draft)) return null;
  const keychain = secretStore?.keychain ?? false;
  return (
    <Radio.Group
      label="Where its secrets are kept"
      value={secretPlaceOf(draft, keychain)}
      onChange={(value) => {
        const place = secretPlaceSchema.safeParse(value);
        if (place.success) onChange({ secretPlace: place.data });
      }}
    >
      <Stack gap={8} mt={8}>
        <Radio
          value="keychain"
          disabled={!keychain}
          label="In the keychain of this computer"
          description={
            keychain ? 'Encrypted by the operating system' : (secretStore?.reason ?? 'No keychain was found here')
          }
        />
        <Radio
          value="ask"
          label="In memory only"
          description="Until Lifeboat ends; messages wait until they are entered again"
        />
        {draft.secretPlace === 'passphrase' ? (
          <Radio
            value="passphrase"
            label="In a file with a passphrase"
            description="Saved by the command line, which sends while it watches"
          />
        ) : null}
      </Stack>
    </Radio.Group>
  );
}
