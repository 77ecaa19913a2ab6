import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { deliveryKinds } from '../../../shared/channels';
import { mailContent } from './mail-message';
import { headline, testMessage, type ChannelMessage } from './message';
import { pagerDutyAction, pagerDutyBody } from './pagerduty';
import { slackBody } from './slack';
import { incidentOf, tenOClock } from './test-support/notices';
import { signatureOf, webhookBody, webhookHeaders } from './webhook';

function messageOf(kind: ChannelMessage['kind'], more: Parameters<typeof incidentOf>[1] = {}): ChannelMessage {
  const over = kind === 'cleared' || kind === 'passed';
  const incident = incidentOf('i1', { clearedAt: over ? tenOClock + 300_000 : null, ...more });
  return { id: 'd1', kind, at: tenOClock + 11_000, incident, connectionName: 'shop-prod', environment: 'production' };
}
const every: ChannelMessage[] = [
  ...deliveryKinds.map((kind) => messageOf(kind)),
  testMessage({ name: 'on-call', leastSeverity: 'high' }, 'd2', tenOClock),
];

/** What PagerDuty documents of an event of its Events API v2. */
const pagerDutySchema = z.discriminatedUnion('event_action', [
  z.strictObject({
    routing_key: z.string().length(32),
    event_action: z.literal('trigger'),
    dedup_key: z.string().min(1).max(255),
    client: z.string(),
    payload: z.strictObject({
      summary: z.string().min(1).max(1024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: z.iso.datetime(),
      component: z.string(),
      group: z.string(),
      class: z.string(),
      custom_details: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
  }),
  z.strictObject({
    routing_key: z.string().length(32),
    event_action: z.enum(['acknowledge', 'resolve']),
    dedup_key: z.string().min(1).max(255),
  }),
]);
const routingKey = 'R0123456789ABCDEF0123456789ABCDE';

/** What Slack documents of a message with attachments, as far as others take it, too. */
const slackSchema = z.strictObject({
  text: z.string().min(1).max(40_000),
  attachments: z
    .array(
      z.strictObject({
        fallback: z.string().min(1),
        color: z.string().regex(/^#[0-9a-f]{6}$/),
        text: z.string(),
        fields: z.array(z.strictObject({ title: z.string(), value: z.string(), short: z.boolean() })),
        footer: z.string().max(300),
        ts: z.number().int(),
        mrkdwn_in: z.array(z.enum(['pretext', 'text', 'fields'])),
      }),
    )
    .max(100),
});

const iso = z.iso.datetime();
const webhookSchema = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  event: z.enum(['alert.fired', 'alert.escalated', 'alert.acknowledged', 'alert.cleared', 'alert.passed', 'test']),
  test: z.boolean(),
  queuedAt: iso,
  title: z.string(),
  text: z.string(),
  incident: z.strictObject({
    id: z.string(),
    rule: z.string(),
    group: z.string(),
    name: z.string(),
    severity: z.enum(['info', 'warning', 'high', 'critical']),
    gravestSeverity: z.enum(['info', 'warning', 'high', 'critical']),
    connection: z.strictObject({ id: z.string(), name: z.string(), environment: z.string().nullable() }),
    set: z.string().nullable(),
    member: z.string().nullable(),
    since: iso,
    firedAt: iso,
    clearedAt: iso.nullable(),
    value: z.number().nullable(),
    acknowledged: z.strictObject({ at: iso, by: z.string(), note: z.string() }).nullable(),
    text: z.string(),
  }),
  lifeboat: z.strictObject({ version: z.string() }),
});

describe('messages', () => {
  it('say in one line what, who and where', () => {
    expect(every.map(headline)).toEqual([
      '[CRITICAL] A member does not answer: db2.example.com:27017 (shop-prod)',
      '[CRITICAL] A member does not answer: db2.example.com:27017 (shop-prod)',
      '[ACKNOWLEDGED] A member does not answer: db2.example.com:27017 (shop-prod)',
      '[OVER] A member does not answer: db2.example.com:27017 (shop-prod)',
      '[OVER] A member does not answer: db2.example.com:27017 (shop-prod)',
      '[TEST] Test of the channel on-call',
    ]);
  });

  it('to webhooks are what docs/channels.md says', () => {
    for (const message of every) webhookSchema.parse(JSON.parse(webhookBody(message, '0.1.0')));
    const fired = webhookSchema.parse(JSON.parse(webhookBody(messageOf('fired'), '0.1.0')));
    expect(fired).toMatchObject({
      event: 'alert.fired',
      test: false,
      incident: { id: 'i1', member: 'db2.example.com:27017', since: '2026-11-20T10:00:00.000Z', clearedAt: null },
    });
    expect(JSON.parse(webhookBody(every[5] ?? messageOf('test'), '0.1.0'))).toMatchObject({
      event: 'test',
      test: true,
    });
  });

  it('to webhooks tell who acknowledged it, and why', () => {
    const acknowledged = { at: tenOClock + 60_000, by: 'ada', note: 'disk is being replaced' };
    const body = webhookSchema.parse(JSON.parse(webhookBody(messageOf('acknowledged', { acknowledged }), '0.1.0')));
    expect(body).toMatchObject({
      event: 'alert.acknowledged',
      text: 'Acknowledged by ada: disk is being replaced. db2.example.com:27017 does not answer: connection refused',
      incident: { acknowledged: { at: '2026-11-20T10:01:00.000Z', by: 'ada' }, clearedAt: null },
    });
  });

  it('to webhooks are signed over time and body where a secret is set', () => {
    const body = webhookBody(messageOf('fired'), '0.1.0');
    const expected = createHmac('sha256', 'geheim').update(`1795168811.${body}`).digest('hex');
    expect(signatureOf(body, 'geheim', 1_795_168_811_500)).toBe(`t=1795168811,v1=${expected}`);
    expect(webhookHeaders(messageOf('fired'), body, undefined, 0)).toEqual({
      'lifeboat-event': 'alert.fired',
      'lifeboat-delivery': 'd1',
    });
  });

  it('to Slack have the documented shape, and mention nobody', () => {
    for (const message of every) slackSchema.parse(JSON.parse(slackBody(message)));
    const sly = slackBody(messageOf('fired', { text: 'down <!channel> & <https://x|click> @here' }));
    expect(sly).not.toMatch(/<[!@h]/);
    expect(slackSchema.parse(JSON.parse(sly)).attachments[0]?.text).toBe(
      'down &lt;!channel&gt; &amp; &lt;https://x|click&gt; @here',
    );
  });

  it('to PagerDuty have the documented shape: triggered, acknowledged, resolved under the key of the incident', () => {
    const actions = every.map((message) => {
      const event = pagerDutySchema.parse(JSON.parse(pagerDutyBody(message, routingKey, pagerDutyAction(message))));
      return `${event.event_action} ${event.dedup_key}`;
    });
    expect(actions).toEqual([
      'trigger i1',
      'trigger i1',
      'acknowledge i1',
      'resolve i1',
      'resolve i1',
      'trigger test-d2',
    ]);
    const long = messageOf('fired', { name: 'x'.repeat(3000), severity: 'high' });
    const event = pagerDutySchema.parse(JSON.parse(pagerDutyBody(long, routingKey, 'trigger')));
    expect(event).toMatchObject({
      payload: { severity: 'error', source: 'db2.example.com:27017', class: 'member-down' },
    });
  });

  it('by e-mail hold no markup of others, and no line of their own in the subject', () => {
    const { subject, text, html } = mailContent(
      messageOf('fired', { host: 'db2\r\nBcc: everyone@example.com', text: '<script>alert(1)</script> & "more"' }),
    );
    expect(subject).not.toMatch(/[\r\n]/);
    expect(text).toContain('<script>alert(1)</script> & "more"');
    expect(html).not.toContain('<script');
    expect(html).toContain('&#60;script&#62;');
    for (const fact of ['shop-prod (production)', '2026-11-20 10:00:00 UTC', 'critical']) {
      expect(text).toContain(fact);
      expect(html).toContain(fact);
    }
  });
});
