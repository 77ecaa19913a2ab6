import { Radio, Stack } from '@mantine/core';
import { secretPlaceSchema, type SecretPlace, type SecretStoreStatus } from '../../shared/connections';

interface SecretPlaceFieldProps {
  label: string;
  value: SecretPlace;
  /** Null while it is not known. */
  secretStore: SecretStoreStatus | null;
  ask: { label: string; description: string };
  /** Null where no passphrase keeps it: only the command line saves secrets that way. */
  passphrase: string | null;
  onChange: (place: SecretPlace) => void;
}

/** Where secrets are kept: the keychain where there is one, memory, or the file that the command line made. */
export function SecretPlaceField({ label, value, secretStore, ask, passphrase, onChange }: SecretPlaceFieldProps) {
  const keychain = secretStore?.keychain ?? false;
  return (
    <Radio.Group
      label={label}
      value={value}
      onChange={(chosen) => {
        const place = secretPlaceSchema.safeParse(chosen);
        if (place.success) onChange(place.data);
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
        <Radio value="ask" label={ask.label} description={ask.description} />
        {passphrase === null ? null : (
          <Radio value="passphrase" label="In a file with a passphrase" description={passphrase} />
        )}
      </Stack>
    </Radio.Group>
  );
}
