/** The one window: sandboxed, isolated, unable to leave `lifeboat://app` or to open anything else. */
import path from 'node:path';
import { BrowserWindow, nativeTheme, session, shell, type Session } from 'electron';
import { externalHosts } from '../../shared/external-hosts';
import { appUrl, isAppUrl } from './app-protocol';

/** Opens https links to known hosts in the browser, nothing else. */
function openExternalLink(url: string): boolean {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return false;
  }
  if (parsed.protocol !== 'https:' || !externalHosts.has(parsed.host) || parsed.username !== '') return false;
  void shell.openExternal(parsed.href);
  return true;
}

/** No permission but writing text to the clipboard, no request to any network, for everything in this session. */
export function closeSession(target: Session = session.defaultSession): void {
  const allowed = (permission: string, url: string) =>
    permission === 'clipboard-sanitized-write' && (isAppUrl(url) || isAppUrl(`${url}/`));
  target.setPermissionRequestHandler((contents, permission, callback) =>
    callback(allowed(permission, contents.getURL())),
  );
  target.setPermissionCheckHandler((_contents, permission, origin) => allowed(permission, origin));
  target.webRequest.onBeforeRequest((details, callback) => {
    callback({ cancel: !/^(lifeboat|data|devtools):/.test(details.url) });
  });
}

export interface WindowPlace {
  /** Folder of the built preload script. */
  buildFolder: string;
  icon: string;
}

export function openWindow({ buildFolder, icon }: WindowPlace): BrowserWindow {
  const window = new BrowserWindow({
    width: 1360,
    height: 860,
    minWidth: 960,
    minHeight: 600,
    show: false,
    title: 'Lifeboat',
    autoHideMenuBar: true,
    icon,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#12161c' : '#f6f7f9',
    webPreferences: {
      preload: path.join(buildFolder, 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      // A backup's progress must stay true while the window is covered.
      backgroundThrottling: false,
    },
  });
  const { webContents } = window;
  webContents.setWindowOpenHandler(({ url }) => {
    openExternalLink(url);
    return { action: 'deny' };
  });
  webContents.on('will-navigate', (event, url) => {
    if (!isAppUrl(url)) event.preventDefault();
  });
  webContents.on('will-attach-webview', (event) => event.preventDefault());
  window.once('ready-to-show', () => window.show());
  void window.loadURL(appUrl);
  return window;
}
