/** Incidents and channels as tests need them. */
import type { AlertNotice, Incident, Severity } from '../../../../shared/alerts';
import type { Channel, ChannelInput, ChannelSettings } from '../../../../shared/channels';
import type { RoutedNotice } from '../routing';

/** 20 November 2026, 10:00 UTC. */
export const tenOClock = Date.UTC(2026, 10, 20, 10);

export function incidentOf(id: string, more: Partial<Incident> = {}): Incident {
  const severity: Severity = more.severity ?? 'critical';
  return {
    id,
    group: 'member-down',
    ruleId: 'member-down',
    name: 'A member does not answer',
    severity,
    connectionId: 'shop',
    set: 'rs0',
    host: 'db2.example.com:27017',
    since: tenOClock,
    firedAt: tenOClock + 10_000,
    clearedAt: null,
    value: null,
    text: 'db2.example.com:27017 does not answer: connection refused',
    acknowledged: null,
    silenced: false,
    toldSeverity: severity,
    ...more,
  };
}

export function noticeOf(kind: AlertNotice['kind'], incident: Incident): RoutedNotice {
  const clearedAt = kind === 'cleared' ? tenOClock + 300_000 : null;
  return { kind, incident: { ...incident, clearedAt }, connectionName: 'shop-prod', environment: 'production' };
}

export function channelOf(id: string, settings: ChannelSettings, more: Partial<Channel> = {}): Channel {
  return {
    id,
    name: id,
    enabled: true,
    leastSeverity: 'info',
    connectionIds: null,
    environments: null,
    sendRecovery: true,
    settings,
    secretPlace: 'keychain',
    secretsSet: [],
    destination: '',
    createdAt: '2026-11-20T10:00:00.000Z',
    ...more,
  };
}

export function inputOf(settings: ChannelSettings, more: Partial<ChannelInput> = {}): ChannelInput {
  return {
    name: 'on-call',
    enabled: true,
    leastSeverity: 'info',
    connectionIds: null,
    environments: null,
    sendRecovery: true,
    settings,
    secrets: {},
    secretPlace: 'keychain',
    ...more,
  };
}
