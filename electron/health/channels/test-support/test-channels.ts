/** Channels over a folder of their own: real files, a real log and audit, secrets encrypted with a passphrase. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createAudit } from '../../../audit/service';
import { createPassphraseSecretStore, type SecretStore } from '../../../connections/secret-store';
import { createLogger } from '../../../platform/logger';
import type { DesktopNotice, DesktopNotifier } from '../desktop';
import type { RetryPolicy } from '../retry-policy';
import { createChannels, type Channels, type ChannelsDependencies } from '../service';
import type { HttpReceiver } from './http-receiver';

/** As the usual one, a hundred times faster. */
export const fastRetries: RetryPolicy = {
  tries: 3,
  firstPauseMs: 50,
  longestPauseMs: 1000,
  tryMs: 2000,
  longestWaitMs: 86_400_000,
};

export interface TestChannels extends Channels {
  /** What was shown on the desktop. */
  shown: DesktopNotice[];
}

export function openTestChannels(
  folder: string,
  more: Partial<ChannelsDependencies> & { secrets?: SecretStore } = {},
): TestChannels {
  const shown: DesktopNotice[] = [];
  const desktop: DesktopNotifier = {
    show: (notice) => {
      shown.push(notice);
      return Promise.resolve('shown');
    },
  };
  const logger = createLogger({ folder: join(folder, 'logs'), name: 'test' });
  const channels = createChannels({
    file: join(folder, 'channels.json'),
    deliveriesFile: join(folder, 'deliveries.json'),
    secrets: createPassphraseSecretStore({
      file: join(folder, 'secrets.json'),
      passphrase: () => Promise.resolve('lighthouse'),
    }),
    audit: createAudit({ file: join(folder, 'audit.jsonl'), origin: 'window', logger }),
    logger,
    origin: 'window',
    version: '0.1.0',
    desktop,
    policy: fastRetries,
    closeGraceMs: 0,
    ...more,
  });
  return { ...channels, shown };
}

/** Files below a folder that hold the text. */
export function filesWith(folder: string, text: string): string[] {
  const needles = [text, encodeURIComponent(text), Buffer.from(text).toString('base64')].map((each) =>
    Buffer.from(each),
  );
  return (readdirSync(folder, { recursive: true }) as string[]).filter((name) => {
    const path = join(folder, name);
    if (!existsSync(path) || !statSync(path).isFile()) return false;
    const content = readFileSync(path);
    return needles.some((needle) => content.includes(needle));
  });
}

/** `event incident` of what a webhook received. */
export function eventsOf({ received }: HttpReceiver): string[] {
  return received.map(({ body }) => {
    const { event, incident } = JSON.parse(body) as { event: string; incident: { id: string } };
    return `${event} ${incident.id}`;
  });
}

/** Looks again until it is so; throws saying `what` was not so in ten seconds. */
export async function until(look: () => Promise<boolean> | boolean, what: string, mostMs = 10_000): Promise<void> {
  for (const end = Date.now() + mostMs; !(await look());) {
    if (Date.now() > end) throw new Error(`Not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
