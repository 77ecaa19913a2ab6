/** Channels: where alerts are told outside the list of incidents. Secrets are never part of what is answered. */
import { z } from 'zod';
import { incidentSchema, severitySchema } from './alerts';
import { environmentSchema, secretPlaceSchema } from './connections';
import { appErrorSchema, type AppError } from './result';

export const channelKinds = ['desktop', 'webhook', 'slack', 'pagerduty', 'email'] as const;
export type ChannelKind = (typeof channelKinds)[number];

/** The whole address of a webhook is a secret: most hold a token. */
export const channelSecretNames = ['url', 'signingSecret', 'routingKey', 'password'] as const;
export const channelSecretNameSchema = z.enum(channelSecretNames);
export type ChannelSecretName = z.infer<typeof channelSecretNameSchema>;

export const pagerDutyEndpoint = 'https://events.pagerduty.com/v2/enqueue';

export const mailSecurities = ['tls', 'starttls', 'none'] as const;

/** A file of certificate authorities that are trusted beside the known ones; null: only those. */
const caFile = z.string().trim().min(1).nullable();
const mailAddress = z
  .string()
  .trim()
  .max(254)
  .regex(/^[^\s@<>,;:"()]+@[^\s@<>,;:"()]+$/, 'Enter an address such as dba@example.com');

export const channelSettingsSchema = z.discriminatedUnion('kind', [
  /** Shown by the window's process only. */
  z.object({ kind: z.literal('desktop') }),
  z.object({ kind: z.literal('webhook'), caFile }),
  z.object({ kind: z.literal('slack'), caFile }),
  z.object({
    kind: z.literal('pagerduty'),
    /** Of PagerDuty's service region. */
    endpoint: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .refine((text) => !text.includes('@'), 'Without user name and password'),
    caFile,
  }),
  z.object({
    kind: z.literal('email'),
    host: z
      .string()
      .trim()
      .max(253)
      .regex(/^[A-Za-z0-9._:-]+$/, 'Enter the name of the mail server'),
    port: z.number().int().min(1).max(65_535),
    security: z.enum(mailSecurities),
    /** Null: without authentication. */
    username: z.string().min(1).max(254).nullable(),
    from: mailAddress,
    to: z.array(mailAddress).min(1, 'Enter at least one address').max(50),
    caFile,
  }),
]);
export type ChannelSettings = z.infer<typeof channelSettingsSchema>;
export type SettingsOf<Kind extends ChannelKind> = Extract<ChannelSettings, { kind: Kind }>;

const routing = {
  name: z.string().trim().min(1, 'Give the channel a name').max(80),
  enabled: z.boolean(),
  /** Alerts of this severity and graver ones. */
  leastSeverity: severitySchema,
  /** Null: of every connection, of every environment. */
  connectionIds: z.array(z.string()).nullable(),
  environments: z.array(environmentSchema).nullable(),
  /** Whether the end of an alert is told, too. */
  sendRecovery: z.boolean(),
};

export const channelSchema = z.object({
  id: z.string().min(1),
  ...routing,
  settings: channelSettingsSchema,
  /** As of connections: `ask` is kept in memory until the process ends. */
  secretPlace: secretPlaceSchema,
  secretsSet: z.array(channelSecretNameSchema),
  /** Where it leads, without anything secret: `https://hooks.example.com/…`. */
  destination: z.string(),
  /** ISO 8601. */
  createdAt: z.string(),
});
export type Channel = z.infer<typeof channelSchema>;

/** What the form sends: a secret that is left out stays as it is, '' removes it. */
export const channelInputSchema = z.object({
  ...routing,
  settings: channelSettingsSchema,
  secrets: z.partialRecord(channelSecretNameSchema, z.string().max(4000)),
  secretPlace: secretPlaceSchema,
});
export type ChannelInput = z.infer<typeof channelInputSchema>;

/** What a test message came to. */
export interface ChannelTest {
  /** The answer as the service gave it: `202 Accepted`; null when there was none. */
  answer: string | null;
  tookMs: number;
  /** Null: it was taken. */
  error: AppError | null;
}

/** `passed`: was firing and is over, and could not be told while it fired. */
export const deliveryKinds = ['fired', 'escalated', 'acknowledged', 'cleared', 'passed'] as const;
export const deliveryKindSchema = z.enum(deliveryKinds);
export type DeliveryKind = z.infer<typeof deliveryKindSchema>;

/** One message to one channel that was not delivered yet. Times are milliseconds since 1970. */
export const deliverySchema = z.object({
  id: z.string(),
  channelId: z.string(),
  kind: deliveryKindSchema,
  incident: incidentSchema,
  connectionName: z.string(),
  environment: environmentSchema.nullable(),
  queuedAt: z.number(),
  /** So far. */
  tries: z.number().int().min(0),
  nextTryAt: z.number(),
  /** Of the last try. */
  error: appErrorSchema.nullable(),
  /** When it was given up; null while it is tried. */
  diedAt: z.number().nullable(),
});
export type Delivery = z.infer<typeof deliverySchema>;

export interface DeliveryLists {
  /** To be tried, in their order. */
  waiting: (Delivery & { channelName: string })[];
  /** Given up, newest first, until tried again or discarded. */
  dead: (Delivery & { channelName: string })[];
}

export const lastDeliverySchema = z.object({
  channelId: z.string(),
  at: z.number(),
  /** What was answered. */
  answer: z.string().nullable(),
  error: appErrorSchema.nullable(),
});

export interface ChannelEntry {
  channel: Channel;
  /** Why this process cannot use it: its secrets are elsewhere or have to be entered again. */
  problem: AppError | null;
  waiting: number;
  dead: number;
  /** The newest try of a message, good or bad; tests do not count. */
  last: Omit<z.infer<typeof lastDeliverySchema>, 'channelId'> | null;
}
