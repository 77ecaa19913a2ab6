/** A fresh Lifeboat in real Electron for each test: its own data folder, and any console or page error fails the test. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, expect, test as base, type ElectronApplication, type Page } from '@playwright/test';
import { removeTemporaryFolder, temporaryFolder } from '../electron/test-support/temporary-folder';
import type { RequestInput, RequestName, RequestOutput } from '../shared/contract';
import type { Result } from '../shared/result';
import { hasEnded } from './support/processes';

export const repository = fileURLToPath(new URL('..', import.meta.url));
export const applicationFolder = join(repository, 'build');

export interface LaunchOptions {
  /** Reuse the data folder of an earlier launch; it is kept when the application ends. */
  dataFolder?: string;
  /** As an installed Lifeboat: an empty list of connections shows the three doors instead of starting the demo. */
  installed?: boolean;
  /** A packaged application, which brings its own Electron and code. */
  packagedExecutable?: string;
  env?: Record<string, string>;
}

const actionMs = 15_000;

export class LifeboatApplication {
  constructor(
    readonly electron: ElectronApplication,
    readonly window: Page,
    readonly dataFolder: string,
    /** Errors and warnings of the window's console, and uncaught exceptions of its pages. */
    readonly errors: string[],
    /** Whether this launch made the data folder and removes it. */
    private readonly ownsFolder: boolean,
  ) {}

  get processId(): number {
    const { pid } = this.electron.process();
    if (pid === undefined) throw new Error('Electron has no process id.');
    return pid;
  }

  /** Sets the size of the window's content and waits until the page has it. */
  async resize(width: number, height: number): Promise<void> {
    await this.electron.evaluate(
      ({ BrowserWindow }, size) => {
        BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height);
      },
      { width, height },
    );
    await expect
      .poll(() => this.window.evaluate(() => [window.innerWidth, window.innerHeight]))
      .toEqual([width, height]);
  }

  /** Asks through the window's own bridge, as its pages do; throws the failure. */
  async request<Name extends RequestName>(name: Name, input?: RequestInput<Name>): Promise<RequestOutput<Name>> {
    const result = await this.rawRequest(name, input);
    if (!result.ok) throw new Error(`${name}: ${result.error.code}: ${result.error.message}`);
    return result.value as RequestOutput<Name>;
  }

  /** The answer as it crosses the boundary, whatever the name and input. */
  async rawRequest(name: string, input?: unknown): Promise<Result<unknown>> {
    return this.window.evaluate(
      ([requestName, requestInput]) =>
        (
          window as unknown as { lifeboat: { request: (name: unknown, input: unknown) => Promise<Result<unknown>> } }
        ).lifeboat.request(requestName, requestInput),
      [name, input] as const,
    );
  }

  /** Answers the next file dialogs with these paths instead of showing them. */
  async answerDialogs(...paths: string[]): Promise<void> {
    await this.electron.evaluate(({ dialog }, answers) => {
      const waiting = [...answers];
      dialog.showOpenDialog = () => {
        const path = waiting.shift();
        return Promise.resolve({ canceled: path === undefined, filePaths: path === undefined ? [] : [path] });
      };
    }, paths);
  }

  /** Answers the next dialogs that ask where to write with these paths. */
  async answerSaveDialogs(...paths: string[]): Promise<void> {
    await this.electron.evaluate(({ dialog }, answers) => {
      const waiting = [...answers];
      dialog.showSaveDialog = () => {
        const filePath = waiting.shift() ?? '';
        return Promise.resolve({ canceled: filePath === '', filePath });
      };
    }, paths);
  }

  /** Quits as a user would. */
  async quit(): Promise<void> {
    const { processId } = this;
    await this.electron.close();
    await hasEnded(processId);
  }

  /** SIGKILL to the main process: nothing of it can clean up. */
  async kill(): Promise<void> {
    const { processId } = this;
    process.kill(processId, 'SIGKILL');
    await hasEnded(processId);
  }

  /** Ends what still runs and removes what this launch made. */
  async dispose(): Promise<void> {
    const child = this.electron.process();
    if (child.exitCode === null && child.signalCode === null) await this.quit();
    if (this.ownsFolder) removeTemporaryFolder(this.dataFolder);
  }
}

/** Starts the application. The caller disposes of it. */
export async function launchLifeboat(options: LaunchOptions = {}): Promise<LifeboatApplication> {
  const dataFolder = options.dataFolder ?? temporaryFolder('data');
  const executablePath = options.packagedExecutable ?? process.env['LIFEBOAT_ELECTRON'];
  if (!executablePath) throw new Error('LIFEBOAT_ELECTRON is not set: run the tests through npm run test:e2e.');
  const electron = await _electron.launch({
    executablePath,
    args: [
      // Chromium refuses to run its sandbox as root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...(options.packagedExecutable === undefined ? [applicationFolder] : []),
    ],
    env: {
      ...stringValues(process.env),
      LIFEBOAT_HOME: dataFolder,
      CI: '1',
      ...(options.installed ? { ELECTRON_FORCE_IS_PACKAGED: 'true' } : {}),
      ...options.env,
    },
  });
  const errors: string[] = [];
  const context = electron.context();
  context.on('weberror', (error) => errors.push(`page error: ${error.error().message}`));
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      errors.push(`console ${message.type()}: ${message.text()}`);
  });
  const window = await electron.firstWindow().catch(async (error: unknown) => {
    await electron.close();
    throw error;
  });
  window.setDefaultTimeout(actionMs);
  await window.waitForLoadState('domcontentloaded');
  return new LifeboatApplication(electron, window, dataFolder, errors, options.dataFolder === undefined);
}

function stringValues(environment: NodeJS.ProcessEnv): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) if (value !== undefined) values[name] = value;
  return values;
}

interface Fixtures {
  /** What the application is started with; set by `test.use({ start: … })`. */
  start: LaunchOptions;
  lifeboat: LifeboatApplication;
  window: Page;
}

export const test = base.extend<Fixtures>({
  start: [{}, { option: true }],
  lifeboat: async ({ start }, use, info) => {
    const lifeboat = await launchLifeboat(start);
    await use(lifeboat);
    if (info.status !== info.expectedStatus && !lifeboat.window.isClosed())
      await info.attach('window', { body: await lifeboat.window.screenshot(), contentType: 'image/png' });
    await lifeboat.dispose();
    expect(lifeboat.errors, 'errors in the window').toEqual([]);
  },
  window: async ({ lifeboat }, use) => use(lifeboat.window),
});

export { expect };
