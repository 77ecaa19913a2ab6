/** A message as e-mail: plain text and simple HTML that say the same. Pure. */
import { escapeHtml } from '../../platform/markup';
import { factsOf, headline, isOver, sentence, type ChannelMessage } from './message';

export interface MailContent {
  subject: string;
  text: string;
  html: string;
}

const footer = 'Sent by Lifeboat. Where such messages go is set in Lifeboat under Settings, Channels.';

function colourOf(message: ChannelMessage): string {
  if (isOver(message)) return '#2b8a3e';
  if (message.kind === 'test') return '#4a7ebb';
  return { info: '#4a7ebb', warning: '#946c00', high: '#c2410c', critical: '#b91c1c' }[message.incident.severity];
}

export function mailContent(message: ChannelMessage): MailContent {
  const subject = headline(message);
  const said = sentence(message);
  const facts = factsOf(message);
  const width = Math.max(...facts.map(([term]) => term.length));
  const text = [
    subject,
    '',
    said,
    '',
    ...facts.map(([term, value]) => `${`${term}:`.padEnd(width + 2)}${value}`),
    '',
    '-- ',
    footer,
    '',
  ].join('\n');
  const rows = facts
    .map(
      ([term, value]) =>
        `<tr><th align="left" style="padding:2px 16px 2px 0;font-weight:normal;color:#555">${escapeHtml(term)}</th>` +
        `<td style="padding:2px 0">${escapeHtml(value)}</td></tr>`,
    )
    .join('');
  const html =
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>` +
    '<body style="font:14px/1.5 sans-serif;color:#1c1c1c">' +
    `<h1 style="font-size:16px;margin:0 0 8px;color:${colourOf(message)}">${escapeHtml(subject)}</h1>` +
    `<p style="margin:0 0 12px">${escapeHtml(said)}</p>` +
    `<table style="border-collapse:collapse">${rows}</table>` +
    `<p style="margin:16px 0 0;color:#555;font-size:12px">${escapeHtml(footer)}</p></body></html>`;
  return { subject, text, html };
}
