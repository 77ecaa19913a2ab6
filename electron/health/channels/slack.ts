/** Slack's incoming webhooks, in the form that Mattermost, Rocket.Chat and Discord (`/slack`) take as well. */
import type { Severity } from '../../../shared/alerts';
import { factsOf, headline, isOver, sentence, type ChannelMessage } from './message';

const colours: Readonly<Record<Severity, string>> = {
  info: '#4a7ebb',
  warning: '#d9a200',
  high: '#e8590c',
  critical: '#c92a2a',
};
const overColour = '#2b8a3e';

/** The three characters that are markup there; with them gone, nobody can be mentioned by the name of a member. */
export function escapeSlack(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

export function slackBody(message: ChannelMessage): string {
  const title = escapeSlack(headline(message));
  const text = escapeSlack(sentence(message));
  return JSON.stringify({
    text: title,
    attachments: [
      {
        fallback: `${title}. ${text}`,
        color: isOver(message) ? overColour : colours[message.incident.severity],
        text,
        fields: factsOf(message).map(([term, value]) => ({ title: term, value: escapeSlack(value), short: true })),
        footer: 'Lifeboat',
        ts: Math.floor(message.at / 1000),
        mrkdwn_in: [],
      },
    ],
  });
}
