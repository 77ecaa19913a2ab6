/** `lifeboat://app/…`: the built renderer, read-only, with a strict content security policy on every answer. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { protocol } from 'electron';
import { serveScheme, type ServedAnswer } from './electron-versions';

const scheme = 'lifeboat';
const appOrigin = `${scheme}://app`;
export const appUrl = `${appOrigin}/index.html`;

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'none'",
  "frame-src 'none'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
};

/** Before `app.whenReady`: makes the scheme a standard, secure one, so that relative URLs and modules work. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true } }]);
}

/** Whether a URL is a page of this application, whatever its route. */
export function isAppUrl(url: string): boolean {
  return url.startsWith(`${appOrigin}/`);
}

/** The file a URL asks for, or null where it is another host, leaves the folder or is not a known kind of file. */
export function fileOfUrl(url: string, rendererFolder: string): string | null {
  let parsed: URL;
  let name: string;
  try {
    parsed = new URL(url);
    name = decodeURIComponent(parsed.pathname);
  } catch {
    return null;
  }
  if (parsed.host !== 'app' || name.includes('\0')) return null;
  const file = path.join(rendererFolder, name === '/' ? 'index.html' : name);
  const inside = path.relative(rendererFolder, file);
  if (inside.startsWith('..') || path.isAbsolute(inside)) return null;
  return contentTypes[path.extname(file)] ? file : null;
}

export function serveApp(rendererFolder: string): void {
  serveScheme(scheme, async (url): Promise<ServedAnswer> => {
    const headers = {
      'Content-Security-Policy': contentSecurityPolicy,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-cache',
    };
    const file = fileOfUrl(url, rendererFolder);
    if (!file) return { status: 404, headers: { ...headers, 'Content-Type': 'text/plain' }, body: Buffer.from('') };
    try {
      const body = await readFile(file);
      const type = contentTypes[path.extname(file)] ?? 'application/octet-stream';
      return { status: 200, headers: { ...headers, 'Content-Type': type }, body };
    } catch {
      return { status: 404, headers: { ...headers, 'Content-Type': 'text/plain' }, body: Buffer.from('') };
    }
  });
}
