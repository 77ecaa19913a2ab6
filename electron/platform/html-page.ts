import { escapeHtml } from './markup';

interface PageHead {
  /** Text. */
  title: string;
  /** CSS. */
  style: string;
}

/** The beginning, up to the body, of a page that stands by itself: no scripts, nothing fetched. */
export function htmlHead({ title, style }: PageHead): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '',
  ].join('\n');
}

/** A whole one; `body` holds lines of HTML. */
export function htmlPage({ body, ...head }: PageHead & { body: readonly string[] }): string {
  return `${htmlHead(head)}${body.join('\n')}\n</body>\n</html>\n`;
}
