import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestMongod } from '../electron/test-support/test-mongod';
import { expect, test } from './fixtures';

test.use({ start: { installed: true } });

test.beforeEach(async ({ window }) => {
  await expect(window.getByRole('heading', { level: 1, name: 'Welcome to Lifeboat' })).toBeVisible();
});

test('the page has nothing of Node, and the bridge holds the contract alone', async ({ window }) => {
  const seen = await window.evaluate(() => {
    const everything = window as unknown as Record<string, unknown>;
    const names = ['require', 'module', 'exports', 'process', 'Buffer', 'global', '__dirname', 'setImmediate'];
    return {
      node: names.filter((name) => everything[name] !== undefined),
      bridge: Object.keys(everything['lifeboat'] as object).sort(),
      electron: Object.keys(everything).filter((name) => /electron|ipc/i.test(name)),
    };
  });
  expect(seen).toEqual({ node: [], bridge: ['pathOfFile', 'request', 'subscribe'], electron: [] });
});

test('the window is isolated from its preload, and webviews are off', async ({ lifeboat }) => {
  const preferences = await lifeboat.electron.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    const contents = window?.webContents as unknown as { getLastWebPreferences: () => Record<string, unknown> };
    const { sandbox, contextIsolation, nodeIntegration, webviewTag, webSecurity } = contents.getLastWebPreferences();
    return { sandbox, contextIsolation, nodeIntegration, webviewTag, webSecurity };
  });
  expect(preferences).toEqual({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webviewTag: false,
    webSecurity: true,
  });
});

test('the content security policy allows scripts of the application alone', async ({ lifeboat, window }) => {
  const response = await window.reload();
  const policy = (await response?.headerValue('content-security-policy')) ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("connect-src 'none'");
  expect(policy).toContain("object-src 'none'");
  expect(policy).not.toContain('unsafe-eval');
  expect(policy).not.toMatch(/https?:/);

  const ran = await window.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.injected = true';
    document.body.append(script);
    const button = document.createElement('button');
    button.setAttribute('onclick', 'window.injected = true');
    button.click();
    globalThis.setTimeout('window.evaluated = true' as unknown as () => void);
    await new Promise((resolve) => setTimeout(resolve));
    return { injected: 'injected' in globalThis, evaluated: 'evaluated' in globalThis };
  });
  expect(ran).toEqual({ injected: false, evaluated: false });
  // The browser reports what it refused.
  await expect.poll(() => lifeboat.errors.length).toBeGreaterThanOrEqual(3);
  expect(lifeboat.errors.filter((error) => !/Content Security Policy/.test(error))).toEqual([]);
  lifeboat.errors.length = 0;
});

test('nothing leaves the application: no request, no new window, no navigation', async ({ lifeboat, window }) => {
  const outcome = await window.evaluate(async () => {
    const opened = globalThis.open('https://example.com/');
    const fetched = await fetch('https://example.com/').then(
      () => true,
      () => false,
    );
    const read = await fetch('file:///etc/hostname').then(
      () => true,
      () => false,
    );
    return { opened: opened !== null, fetched, read };
  });
  expect(outcome).toEqual({ opened: false, fetched: false, read: false });
  // Asked in the main process: a navigation that is refused never ends for the test's own view of the page.
  const shown = await lifeboat.electron.evaluate(async ({ BrowserWindow }) => {
    const windows = BrowserWindow.getAllWindows();
    const contents = windows[0]?.webContents;
    for (const address of ['https://example.com/', 'file:///etc/hostname', 'data:text/html,gone']) {
      await contents?.executeJavaScript(`window.location.href = ${JSON.stringify(address)}; 1`);
    }
    const heading: unknown = await contents?.executeJavaScript('document.querySelector("h1").textContent');
    return { heading, url: contents?.getURL(), windows: windows.length };
  });
  expect(shown).toEqual({
    heading: 'Welcome to Lifeboat',
    url: expect.stringMatching(/^lifeboat:\/\/app\//) as unknown,
    windows: 1,
  });
  // The browser says what it did not do of the last two by itself; later than they were asked for.
  await expect.poll(() => lifeboat.errors.filter((error) => /Not allowed/.test(error)).length).toBe(2);
  expect(lifeboat.errors.filter((error) => !/Content Security Policy|Not allowed to/.test(error))).toEqual([]);
  lifeboat.errors.length = 0;
});

test('permissions are denied, but for writing text to the clipboard', async ({ window }) => {
  const states = await window.evaluate(async () => {
    const names = ['geolocation', 'notifications', 'camera', 'microphone', 'midi', 'clipboard-read', 'clipboard-write'];
    const found: Record<string, string> = {};
    for (const name of names) {
      found[name] = (await navigator.permissions.query({ name: name as PermissionName })).state;
    }
    return found;
  });
  expect(states).toEqual({
    geolocation: 'denied',
    notifications: 'denied',
    camera: 'denied',
    microphone: 'denied',
    midi: 'denied',
    'clipboard-read': 'denied',
    'clipboard-write': 'granted',
  });
});

test('requests outside the contract are refused, and so is input that does not fit it', async ({ lifeboat }) => {
  for (const name of ['shell.open', 'constructor', '__proto__', 'toString', '']) {
    expect(await lifeboat.rawRequest(name, {}), name).toMatchObject({ ok: false, error: { code: 'refused' } });
  }
  for (const [name, input] of [
    ['jobs.cancel', {}],
    ['jobs.cancel', { id: 7 }],
    ['audit.list', { offset: -1, limit: 10 }],
    ['backups.verify', { id: 'latest', level: 9 }],
    ['settings.update', { theme: 'pink' }],
  ] as const) {
    expect(await lifeboat.rawRequest(name, input), name).toMatchObject({ ok: false, error: { code: 'usage' } });
  }
});

test('ids cannot lead out of the folders they belong to', async ({ lifeboat }) => {
  for (const id of ['../../../etc', '..', '/etc/passwd', 'a/../../b', '\0']) {
    for (const [name, input] of [
      ['backups.show', { id }],
      ['jobs.log', { id }],
      ['restore.preview-result', { previewId: id }],
      ['restore.result', { restoreId: id }],
      ['restore.close-preview', { previewId: id }],
    ] as const) {
      const answer = await lifeboat.rawRequest(name, input);
      if (!answer.ok) expect(answer.error.code, `${name} ${id}`).not.toBe('internal');
      else expect(['', null], `${name} ${id}`).toContain(answer.value);
    }
  }
  expect(readFileSync(join('/etc', 'hostname'), 'utf8').length).toBeGreaterThan(0);
});

test('a password goes in and never comes out again', async ({ lifeboat, window }) => {
  const password = 'r0w-your-boat-7261';
  const server = await startTestMongod({ auth: { user: 'keeper', password } });
  try {
    const added = await lifeboat.request('connections.add', {
      name: 'guarded',
      colour: 'blue',
      environment: 'development',
      readOnly: false,
      uri: server.uri,
      username: null,
      secretPlace: 'ask',
    });
    expect(added).toMatchObject({ username: 'keeper', secretPlace: 'ask' });
    await lifeboat.request('connections.unlock', { id: added.id, password });
    expect((await lifeboat.request('connections.test', { id: added.id })).error).toBeNull();
    const estimate = await lifeboat.request('backups.estimate', {
      connectionId: added.id,
      scope: { kind: 'deployment' },
      storeId: null,
      oplog: null,
      readPreference: 'primary',
      compressionLevel: 6,
      parallelCollections: 2,
      usersAndRoles: false,
      digest: true,
      category: 'operational',
      pinned: false,
      note: '',
      plan: null,
    });
    const told = JSON.stringify([
      added,
      estimate,
      await lifeboat.request('connections.list'),
      await lifeboat.request('connections.test', { id: added.id }),
      await lifeboat.request('audit.list', { offset: 0, limit: 100 }),
      await lifeboat.request('jobs.list'),
      await lifeboat.request('app.doctor'),
      await window.evaluate(() => JSON.stringify({ ...window.localStorage })),
    ]);
    expect(told).not.toContain(password);
    expect(told).toContain('guarded');
  } finally {
    await server.stop();
  }
});
