import { describe, expect, it } from 'vitest';
import type { Channel } from '../../../../shared/channels';
import { draftOf, emptyDraft, inputOf, secretPlaceOf, type ChannelDraft } from './channel-draft';
import { scopeRoute, severityRoute } from './channel-words';

const fresh = { keychain: true, kept: [] };
const mail: ChannelDraft = {
  ...emptyDraft,
  kind: 'email',
  name: 'list',
  host: 'mail.example.com',
  from: 'lifeboat@example.com',
  to: ['dba@example.com'],
};
const chat: Channel = {
  id: 'c1',
  name: 'chat',
  enabled: true,
  leastSeverity: 'warning',
  connectionIds: ['shop'],
  environments: ['production'],
  sendRecovery: false,
  settings: { kind: 'slack', caFile: null },
  secretPlace: 'keychain',
  secretsSet: ['url'],
  destination: 'https://hooks.example.com/…',
  createdAt: '2026-11-20T10:00:00.000Z',
};

describe('a channel that is edited', () => {
  it('keeps what is not touched, its secrets among it', () => {
    const { input } = inputOf(draftOf(chat), { keychain: true, kept: chat.secretsSet });
    expect(input).toEqual({
      name: 'chat',
      enabled: true,
      leastSeverity: 'warning',
      connectionIds: ['shop'],
      environments: ['production'],
      sendRecovery: false,
      settings: { kind: 'slack', caFile: null },
      secrets: {},
      secretPlace: 'keychain',
    });
  });

  it('sends secrets of its own kind only', () => {
    const draft = {
      ...emptyDraft,
      name: 'hook',
      secrets: { url: 'https://a.example.com/x', routingKey: 'typed before' },
    };
    expect(inputOf({ ...draft, kind: 'webhook' }, fresh).input?.secrets).toEqual({ url: 'https://a.example.com/x' });
  });

  it('says beside each field what is missing or wrong', () => {
    expect(inputOf(emptyDraft, fresh).problems).toEqual({ name: 'Give the channel a name', url: 'Enter its address' });
    const typed = { ...emptyDraft, name: 'x', secrets: { url: 'hooks.example.com' } };
    expect(inputOf(typed, fresh).problems).toEqual({ url: 'Enter it from https:// on' });
    expect(inputOf({ ...emptyDraft, name: 'x', kind: 'pagerduty', endpoint: 'pd' }, fresh).problems).toEqual({
      routingKey: 'Enter the integration key',
      endpoint: 'Enter it from https:// on',
    });
    expect(inputOf({ ...mail, host: '', port: '', from: 'me', to: [] }, fresh).problems).toEqual({
      host: 'Enter the name of the mail server',
      port: 'A number from 1 to 65535',
      from: 'Enter an address such as dba@example.com',
      to: 'Enter at least one address',
    });
    // Removing what it cannot do without.
    expect(inputOf({ ...draftOf(chat), secrets: { url: '' } }, { keychain: true, kept: ['url'] }).problems).toEqual({
      url: 'Enter its address',
    });
  });

  it('sends a password over encrypted connections only, this computer excepted', () => {
    const user = { ...mail, username: 'lifeboat', secrets: { password: 'x' } };
    expect(inputOf(user, fresh).problems).toBeNull();
    expect(inputOf({ ...user, secrets: {} }, fresh).problems).toEqual({ password: 'Enter the password of this user' });
    expect(inputOf({ ...user, security: 'none' }, fresh).problems).toEqual({
      security: 'A password is not sent without encryption',
    });
    expect(inputOf({ ...user, security: 'none', host: '127.0.0.1' }, fresh).problems).toBeNull();
    expect(inputOf({ ...mail, security: 'none' }, fresh).input?.secretPlace).toBe('none');
  });

  it('keeps its secrets in the keychain where there is one, in memory otherwise', () => {
    expect(secretPlaceOf(emptyDraft, true)).toBe('keychain');
    expect(secretPlaceOf(emptyDraft, false)).toBe('ask');
    expect(secretPlaceOf({ ...emptyDraft, secretPlace: 'ask' }, true)).toBe('ask');
    expect(secretPlaceOf({ ...emptyDraft, kind: 'desktop' }, true)).toBe('none');
  });
});

describe('what a channel is told', () => {
  it('in words', () => {
    expect([severityRoute(chat), scopeRoute(chat)]).toEqual([
      'Warning and graver',
      '1 connection · production · not when it is over',
    ]);
    expect(severityRoute({ leastSeverity: 'critical' })).toBe('Critical only');
    expect(severityRoute({ leastSeverity: 'info' })).toBe('Every severity');
    expect(scopeRoute({ connectionIds: null, environments: null, sendRecovery: true })).toBe('and when it is over');
  });
});
