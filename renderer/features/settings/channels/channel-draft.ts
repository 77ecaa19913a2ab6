/** A channel while it is edited: as its fields hold it, what is wrong with it, and back. Pure. */
import { severities, type Severity } from '../../../../shared/alerts';
import {
  channelInputSchema,
  pagerDutyEndpoint,
  type Channel,
  type ChannelInput,
  type ChannelKind,
  type ChannelSecretName,
  type ChannelSettings,
  type mailSecurities,
} from '../../../../shared/channels';
import type { Environment, SecretPlace } from '../../../../shared/connections';
import { secretsOfKind } from './channel-words';

export interface ChannelDraft {
  kind: ChannelKind;
  name: string;
  enabled: boolean;
  leastSeverity: Severity;
  /** Empty: every one. */
  connectionIds: string[];
  environments: Environment[];
  sendRecovery: boolean;
  /** What was typed; a secret that is not here stays as it is. */
  secrets: Partial<Record<ChannelSecretName, string>>;
  /** Null until the user chooses: then what is possible here decides. */
  secretPlace: SecretPlace | null;
  endpoint: string;
  host: string;
  /** Text while it is no number. */
  port: number | string;
  security: (typeof mailSecurities)[number];
  username: string;
  from: string;
  to: string[];
  caFile: string;
}

export type DraftProblems = Partial<
  Record<'name' | ChannelSecretName | 'endpoint' | 'host' | 'port' | 'from' | 'to' | 'security', string>
>;

export const emptyDraft: ChannelDraft = {
  kind: 'slack',
  name: '',
  enabled: true,
  leastSeverity: 'high',
  connectionIds: [],
  environments: [],
  sendRecovery: true,
  secrets: {},
  secretPlace: null,
  endpoint: pagerDutyEndpoint,
  host: '',
  port: 587,
  security: 'starttls',
  username: '',
  from: '',
  to: [],
  caFile: '',
};

function fieldsOf(settings: ChannelSettings): Partial<ChannelDraft> {
  switch (settings.kind) {
    case 'desktop':
      return {};
    case 'webhook':
    case 'slack':
      return { caFile: settings.caFile ?? '' };
    case 'pagerduty':
      return { endpoint: settings.endpoint, caFile: settings.caFile ?? '' };
    case 'email': {
      const { kind: _kind, username, caFile, ...rest } = settings;
      return { ...rest, username: username ?? '', caFile: caFile ?? '' };
    }
  }
}

export function draftOf(channel: Channel): ChannelDraft {
  const { name, enabled, leastSeverity, connectionIds, environments, sendRecovery, settings, secretPlace } = channel;
  return {
    ...emptyDraft,
    ...fieldsOf(settings),
    kind: settings.kind,
    name,
    enabled,
    leastSeverity,
    connectionIds: connectionIds ?? [],
    environments: environments ?? [],
    sendRecovery,
    secretPlace: secretPlace === 'none' ? null : secretPlace,
  };
}

export function settingsOf(draft: ChannelDraft): ChannelSettings {
  const caFile = draft.caFile.trim() === '' ? null : draft.caFile.trim();
  switch (draft.kind) {
    case 'desktop':
      return { kind: 'desktop' };
    case 'webhook':
      return { kind: 'webhook', caFile };
    case 'slack':
      return { kind: 'slack', caFile };
    case 'pagerduty':
      return { kind: 'pagerduty', endpoint: draft.endpoint.trim(), caFile };
    case 'email':
      return {
        kind: 'email',
        host: draft.host.trim(),
        port: Number(draft.port),
        security: draft.security,
        username: draft.username.trim() === '' ? null : draft.username.trim(),
        from: draft.from.trim(),
        to: draft.to,
        caFile,
      };
  }
}

/** Whether anything of it is secret, so that it has to be kept somewhere. */
export function hasSecrets(draft: ChannelDraft): boolean {
  return draft.kind === 'email' ? draft.username.trim() !== '' : secretsOfKind[draft.kind].length > 0;
}

/** Where the secrets go: as chosen, else in the keychain, else in memory. */
export function secretPlaceOf(draft: ChannelDraft, keychain: boolean): SecretPlace {
  if (!hasSecrets(draft)) return 'none';
  return draft.secretPlace ?? (keychain ? 'keychain' : 'ask');
}

/** `Port` as it usually goes with an encryption. */
export const usualPorts = { tls: 465, starttls: 587, none: 25 } as const;

export function isSeverity(value: string | null): value is Severity {
  return severities.some((severity) => severity === value);
}

function missingSecrets(draft: ChannelDraft, kept: readonly ChannelSecretName[]): DraftProblems {
  const problems: DraftProblems = {};
  const isMissing = (name: ChannelSecretName): boolean =>
    draft.secrets[name] === undefined ? !kept.includes(name) : draft.secrets[name].trim() === '';
  if (secretsOfKind[draft.kind].includes('url')) {
    const typed = draft.secrets.url?.trim() ?? '';
    if (isMissing('url')) problems.url = 'Enter its address';
    else if (typed !== '' && !/^https?:\/\/[^\s/]+/i.test(typed)) problems.url = 'Enter it from https:// on';
  }
  if (draft.kind === 'pagerduty' && isMissing('routingKey')) problems.routingKey = 'Enter the integration key';
  if (draft.kind === 'email' && draft.username.trim() !== '' && isMissing('password'))
    problems.password = 'Enter the password of this user';
  return problems;
}

const fieldOfSettings: Readonly<Record<string, keyof DraftProblems>> = {
  endpoint: 'endpoint',
  host: 'host',
  port: 'port',
  from: 'from',
  to: 'to',
};

/** The input of a save or a test, or what is wrong with the fields. `kept`: secrets that are saved already. */
export function inputOf(
  draft: ChannelDraft,
  { keychain, kept }: { keychain: boolean; kept: readonly ChannelSecretName[] },
): { input: ChannelInput; problems: null } | { input: null; problems: DraftProblems } {
  const some = <Value>(values: Value[]): Value[] | null => (values.length === 0 ? null : values);
  const wanted = secretsOfKind[draft.kind];
  const secrets = Object.fromEntries(
    Object.entries(draft.secrets).filter(([name]) => wanted.some((own) => own === name)),
  );
  const parsed = channelInputSchema.safeParse({
    name: draft.name,
    enabled: draft.enabled,
    leastSeverity: draft.leastSeverity,
    connectionIds: some(draft.connectionIds),
    environments: some(draft.environments),
    sendRecovery: draft.sendRecovery,
    settings: settingsOf(draft),
    secrets,
    secretPlace: secretPlaceOf(draft, keychain),
  });
  const problems: DraftProblems = missingSecrets(draft, kept);
  if (
    draft.kind === 'email' &&
    draft.security === 'none' &&
    draft.username.trim() !== '' &&
    !isThisComputer(draft.host)
  )
    problems.security = 'A password is not sent without encryption';
  if (!parsed.success)
    for (const { path, message } of parsed.error.issues) {
      if (path[0] === 'name') problems.name = message;
      const field = path[0] === 'settings' ? fieldOfSettings[String(path[1])] : undefined;
      if (field) problems[field] = wordsOf(field, message);
    }
  return parsed.success && Object.keys(problems).length === 0
    ? { input: parsed.data, problems: null }
    : { input: null, problems };
}

function isThisComputer(host: string): boolean {
  return /^(localhost|::1|127\.\d+\.\d+\.\d+)$/.test(host.trim());
}

/** The schema's own words where they are meant for people. */
function wordsOf(field: keyof DraftProblems, message: string): string {
  if (field === 'endpoint') return 'Enter it from https:// on';
  if (field === 'port') return 'A number from 1 to 65535';
  return message;
}
