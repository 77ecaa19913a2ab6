import { Group, PasswordInput, SegmentedControl, Select, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { connectionColours, environments, type Connection, type SecretStoreStatus } from '../../../shared/connections';
import { ConnectionDot } from '../../components/environment-badge';
import { Notice } from '../../components/notice';
import { Section } from '../../components/page';
import { SecretPlaceField } from '../../components/secret-place-field';
import { secretPlaceOf, withUri, type ConnectionDraft, type DraftErrors } from './connection-draft';
import { parseUri } from './connection-uri';
import { UriFields } from './uri-fields';

interface ConnectionFieldsProps {
  draft: ConnectionDraft;
  errors: DraftErrors;
  secretStore: SecretStoreStatus | null;
  onChange: (draft: ConnectionDraft) => void;
}

const isColour = (value: string | null): value is Connection['colour'] =>
  connectionColours.some((colour) => colour === value);
const isEnvironment = (value: string | null): value is Connection['environment'] =>
  environments.some((environment) => environment === value);

export function ConnectionFields({ draft, errors, secretStore, onChange }: ConnectionFieldsProps) {
  const [way, setWay] = useState('string');
  const parts = parseUri(draft.uri);
  return (
    <>
      <Section title="How you know it">
        <SimpleGrid cols={2} spacing={16} verticalSpacing={12}>
          <TextInput
            label="Name"
            placeholder="shop-prod"
            value={draft.name}
            error={errors.name}
            required
            onChange={(event) => onChange({ ...draft, name: event.currentTarget.value })}
          />
          <Select
            label="Colour"
            data={connectionColours.map((colour) => ({ value: colour, label: colour }))}
            value={draft.colour}
            leftSection={<ConnectionDot colour={draft.colour} />}
            onChange={(colour) => (isColour(colour) ? onChange({ ...draft, colour }) : undefined)}
          />
          <Select
            label="Environment"
            description="Production asks for its name before it overwrites or deletes"
            data={environments.map((environment) => ({ value: environment, label: environment }))}
            value={draft.environment}
            onChange={(environment) => (isEnvironment(environment) ? onChange({ ...draft, environment }) : undefined)}
          />
          <Switch
            mt={24}
            label="Read-only"
            description="Lifeboat refuses every write through this connection"
            checked={draft.readOnly}
            onChange={(event) => onChange({ ...draft, readOnly: event.currentTarget.checked })}
          />
        </SimpleGrid>
      </Section>
      <Section
        title="Where it is"
        aside={
          <SegmentedControl
            aria-label="How to enter the address"
            value={way}
            onChange={setWay}
            data={[
              { value: 'string', label: 'Connection string' },
              { value: 'fields', label: 'Fields' },
            ]}
          />
        }
      >
        {way === 'string' ? (
          <TextInput
            label="Connection string"
            description="User name and password are taken out of it and kept apart"
            placeholder="mongodb://host:27017/?replicaSet=rs0"
            value={draft.uri}
            error={errors.uri}
            required
            spellCheck={false}
            autoComplete="off"
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            onChange={(event) => onChange({ ...draft, uri: event.currentTarget.value })}
            onBlur={() => onChange(withUri(draft, draft.uri))}
          />
        ) : parts ? (
          <UriFields parts={parts} onChange={(uri) => onChange({ ...draft, uri })} />
        ) : (
          <Notice kind="warning">The connection string cannot be taken apart: mend it first.</Notice>
        )}
      </Section>
      <Section title="Who you are">
        <SecretFields draft={draft} secretStore={secretStore} onChange={onChange} />
      </Section>
    </>
  );
}

function SecretFields({ draft, secretStore, onChange }: Omit<ConnectionFieldsProps, 'errors'>) {
  const keychain = secretStore?.keychain ?? false;
  const place = secretPlaceOf(draft, keychain);
  const hasUser = draft.username.trim() !== '';
  return (
    <Stack gap={12}>
      <Group grow gap={16} align="flex-start">
        <TextInput
          label="User name"
          description="Empty: no authentication"
          value={draft.username}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange({ ...draft, username: event.currentTarget.value })}
        />
        <PasswordInput
          label="Password"
          description={
            draft.secretPlace !== null && !draft.passwordTouched ? 'Unchanged until you type' : 'Stored as chosen below'
          }
          value={draft.password}
          disabled={!hasUser}
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
          onChange={(event) => onChange({ ...draft, password: event.currentTarget.value, passwordTouched: true })}
        />
      </Group>
      {hasUser ? (
        <SecretPlaceField
          label="Where the password is kept"
          value={place}
          secretStore={secretStore}
          ask={{ label: 'Ask each time', description: 'Typed once per start of Lifeboat, kept in memory only' }}
          passphrase={
            draft.secretPlace === 'passphrase' ? 'Saved by the command line; the window asks for the password' : null
          }
          onChange={(secretPlace) => onChange({ ...draft, secretPlace })}
        />
      ) : null}
    </Stack>
  );
}
