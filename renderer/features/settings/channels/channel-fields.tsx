import {
  Button,
  Group,
  NumberInput,
  PasswordInput,
  SegmentedControl,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { IconFolderOpen } from '@tabler/icons-react';
import { mailSecurities, type ChannelSecretName } from '../../../../shared/channels';
import { api, useAction } from '../../../api';
import { ErrorPanel } from '../../../components/error-panel';
import { usualPorts, type ChannelDraft, type DraftProblems } from './channel-draft';
import styles from './channels.module.css';

interface ChannelFieldsProps {
  draft: ChannelDraft;
  problems: DraftProblems;
  /** Secrets that are saved already. */
  kept: readonly ChannelSecretName[];
  /** Where it leads as saved, without anything secret. */
  destination: string | null;
  onChange: (patch: Partial<ChannelDraft>) => void;
}

const securityWords = { tls: 'TLS', starttls: 'STARTTLS', none: 'None' } as const;

/** What a channel of the draft's kind needs to know. */
export function ChannelFields(props: ChannelFieldsProps) {
  const { draft, problems, destination, onChange } = props;
  switch (draft.kind) {
    case 'desktop':
      return (
        <Text size="sm" c="dimmed">
          Nothing to set. Notifications are shown by the operating system, as its own settings allow.
        </Text>
      );
    case 'webhook':
      return (
        <>
          <SecretField
            {...props}
            name="url"
            label="Address (URL)"
            hint="Kept as a secret: most hold a token"
            shown={destination}
            required
          />
          <SecretField
            {...props}
            name="signingSecret"
            label="Signing secret"
            hint="Optional: messages are then signed with HMAC-SHA256"
          />
          <AuthorityField {...props} />
        </>
      );
    case 'slack':
      return (
        <>
          <SecretField
            {...props}
            name="url"
            label="Address (URL)"
            hint="Of the incoming webhook; kept as a secret"
            shown={destination}
            required
          />
          <AuthorityField {...props} />
        </>
      );
    case 'pagerduty':
      return (
        <>
          <SecretField
            {...props}
            name="routingKey"
            label="Integration key"
            hint={'Of an "Events API v2" integration of the service, also called routing key'}
            required
          />
          <TextInput
            label="Endpoint"
            description="Another one for PagerDuty's EU region: https://events.eu.pagerduty.com/v2/enqueue"
            value={draft.endpoint}
            error={problems.endpoint}
            spellCheck={false}
            onChange={(event) => onChange({ endpoint: event.currentTarget.value })}
          />
          <AuthorityField {...props} />
        </>
      );
    case 'email':
      return <MailFields {...props} />;
  }
}

function MailFields(props: ChannelFieldsProps) {
  const { draft, problems, onChange } = props;
  return (
    <>
      <div className={styles.server}>
        <TextInput
          label="Mail server"
          placeholder="mail.example.com"
          value={draft.host}
          error={problems.host}
          required
          spellCheck={false}
          onChange={(event) => onChange({ host: event.currentTarget.value })}
        />
        <div>
          <Text size="sm" fw={600} id="mail-security">
            Encryption
          </Text>
          <SegmentedControl
            aria-labelledby="mail-security"
            value={draft.security}
            onChange={(value) => {
              const security = mailSecurities.find((one) => one === value) ?? draft.security;
              const isUsual = draft.port === usualPorts[draft.security];
              onChange({ security, ...(isUsual ? { port: usualPorts[security] } : {}) });
            }}
            data={mailSecurities.map((value) => ({ value, label: securityWords[value] }))}
          />
          {problems.security ? (
            <Text size="xs" className="bad" mt={4}>
              {problems.security}
            </Text>
          ) : null}
        </div>
        <NumberInput
          label="Port"
          min={1}
          max={65_535}
          hideControls
          allowDecimal={false}
          clampBehavior="none"
          value={draft.port}
          error={problems.port}
          onChange={(port) => onChange({ port })}
        />
      </div>
      <div className={styles.pair}>
        <TextInput
          label="User name"
          description="Empty: no authentication"
          value={draft.username}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange({ username: event.currentTarget.value })}
        />
        <SecretField {...props} name="password" label="Password" hint="Of this user" disabled={draft.username === ''} />
        <TextInput
          label="From"
          placeholder="lifeboat@example.com"
          value={draft.from}
          error={problems.from}
          required
          spellCheck={false}
          onChange={(event) => onChange({ from: event.currentTarget.value })}
        />
        <TagsInput
          size="xs"
          label="To"
          placeholder={draft.to.length === 0 ? 'dba@example.com, Enter after each' : ''}
          value={draft.to}
          error={problems.to}
          required
          acceptValueOnBlur
          splitChars={[',', ';', ' ']}
          onChange={(to) => onChange({ to: to.map((address) => address.trim()).filter((address) => address !== '') })}
        />
      </div>
      <AuthorityField {...props} />
    </>
  );
}

interface SecretFieldProps extends ChannelFieldsProps {
  name: ChannelSecretName;
  label: string;
  hint: string;
  /** What of the saved one may be seen. */
  shown?: string | null;
  required?: boolean;
  disabled?: boolean;
}

/** A secret: what is saved is never shown, and stays until something else is typed. */
function SecretField(props: SecretFieldProps) {
  const { draft, problems, kept, onChange, name, label, hint, shown, required = false, disabled = false } = props;
  const isKept = kept.includes(name) && draft.secrets[name] === undefined;
  const set = (value: string) => onChange({ secrets: { ...draft.secrets, [name]: value } });
  return (
    <Group gap={8} wrap="nowrap" align="flex-end">
      <PasswordInput
        label={label}
        description={isKept ? `Set${shown ? ` to ${shown}` : ''}, and stays until you type another one` : hint}
        placeholder={isKept ? '••••••••••••' : undefined}
        value={draft.secrets[name] ?? ''}
        error={problems[name]}
        required={required && !isKept}
        disabled={disabled}
        autoComplete="off"
        spellCheck={false}
        visibilityToggleButtonProps={{ 'aria-label': `Show or hide: ${label}` }}
        onChange={(event) => set(event.currentTarget.value)}
        style={{ flex: 1 }}
      />
      {isKept && !required && !disabled ? (
        <Button variant="default" onClick={() => set('')} aria-label={`Remove the ${label.toLowerCase()}`}>
          Remove
        </Button>
      ) : null}
    </Group>
  );
}

function AuthorityField({ draft, onChange }: ChannelFieldsProps) {
  const choose = useAction(async () => {
    const path = await api('dialogs.choose-file', { title: 'Choose the file of certificate authorities' });
    if (path !== null) onChange({ caFile: path });
  });
  return (
    <Stack gap={8}>
      <Group gap={8} align="flex-end" wrap="nowrap">
        <TextInput
          label="Certificate authorities"
          description="Optional: a PEM file, for servers whose certificate is signed by an authority of your own"
          value={draft.caFile}
          spellCheck={false}
          onChange={(event) => onChange({ caFile: event.currentTarget.value })}
          style={{ flex: 1 }}
        />
        <Button
          variant="default"
          leftSection={<IconFolderOpen size={14} aria-hidden />}
          aria-label="Choose the file of certificate authorities"
          onClick={() => void choose.run()}
        >
          Choose…
        </Button>
      </Group>
      {choose.error ? <ErrorPanel error={choose.error} /> : null}
    </Stack>
  );
}
