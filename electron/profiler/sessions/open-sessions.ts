/** The worker threads of captures that are being gathered or looked at. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { AppFailure } from '../../../shared/result';
import type { TaskCallContext, TaskRunner } from '../../jobs/run-in-worker';
import type { SessionAnswer, SessionInput as QueryInput, SessionQueryName } from './session';
import type { FromSession, GatherSource, SessionEvent, SessionInput, ToSession } from './session-messages';

/** Each keeps about 90 MiB for a million operations. */
const mostIdle = 3;
/** Milliseconds an open capture may be left alone. */
const patience = 5 * 60_000;

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

class OpenSession {
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  readonly ended: Promise<void>;
  lastUsed = Date.now();
  gathering: boolean;

  constructor(
    private readonly port: MessagePort,
    running: Promise<unknown>,
    gathering: boolean,
  ) {
    this.gathering = gathering;
    port.on('message', (message: FromSession) => this.#take(message));
    this.ended = running.then(
      () => this.#end(new AppFailure({ code: 'cancelled', message: 'The capture was closed.' })),
      (error: unknown) => this.#end(error),
    );
  }

  async ask(name: SessionQueryName, input: unknown): Promise<unknown> {
    this.lastUsed = Date.now();
    const number = ++this.#asked;
    const answered = new Promise<unknown>((resolve, reject) => this.#waiting.set(number, { resolve, reject }));
    this.#send({ type: 'ask', number, name, input });
    void this.ended.then(() => this.#end(new AppFailure({ code: 'cancelled', message: 'The capture was closed.' })));
    return answered;
  }

  stop(): void {
    this.#send({ type: 'stop' });
  }

  async close(): Promise<void> {
    this.#send({ type: 'close' });
    await this.ended;
  }

  #send(message: ToSession): void {
    this.port.postMessage(message);
  }

  #take(message: FromSession): void {
    const waiting = this.#waiting.get(message.number);
    this.#waiting.delete(message.number);
    if (message.type === 'answer') waiting?.resolve(message.answer);
    else waiting?.reject(new AppFailure(message.error));
  }

  #end(error: unknown): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.port.close();
  }
}

export class OpenSessions {
  readonly #open = new Map<string, OpenSession>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly tasks: TaskRunner) {}

  /** Gathers; `ended` rejects never, `onEvent` is told how it went. */
  gather(
    id: string,
    folder: string,
    source: GatherSource,
    context: { report: TaskCallContext['report']; onEvent: (event: SessionEvent) => void },
  ): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
      const session = this.#start(id, folder, source, {
        ...(context.report ? { report: context.report } : {}),
        onEvent: (event) => {
          // From our own task.
          const told = event as SessionEvent;
          context.onEvent(told);
          if (told.type === 'gathered') {
            session.gathering = false;
            resolve();
          }
        },
        onFailure: reject,
      });
    });
    return done;
  }

  stop(id: string): void {
    this.#open.get(id)?.stop();
  }

  /** Opens the capture when it is not. Throws what the session does. */
  async ask<Name extends SessionQueryName>(
    id: string,
    folder: string,
    name: Name,
    input: QueryInput<Name>,
  ): Promise<SessionAnswer<Name>> {
    const session = this.#open.get(id) ?? this.#start(id, folder, null, {});
    const answer = await session.ask(name, input);
    void this.#tidy();
    // The session answers each query with its own type, see SessionQueries.
    return answer as SessionAnswer<Name>;
  }

  async close(id: string): Promise<void> {
    await this.#open.get(id)?.close();
  }

  async closeAll(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#open.values()].map((session) => session.close()));
  }

  #start(
    id: string,
    folder: string,
    gather: GatherSource | null,
    context: TaskCallContext & { onFailure?: (error: unknown) => void },
  ): OpenSession {
    const { port1, port2 } = new MessageChannel();
    const input: SessionInput = { port: port2, folder, gather };
    const { onFailure, ...callContext } = context;
    const running = this.tasks.run<SessionInput, null>('profiler.capture-session', input, {
      ...callContext,
      transfer: [port2],
      resident: true,
    });
    if (onFailure) running.catch(onFailure);
    const session = new OpenSession(port1, running, gather !== null);
    this.#open.set(id, session);
    void session.ended.then(() => {
      if (this.#open.get(id) === session) this.#open.delete(id);
    });
    if (!this.#timer) {
      this.#timer = setInterval(() => void this.#tidy(), 60_000);
      this.#timer.unref();
    }
    return session;
  }

  /** Closes what nobody has asked for long, and the longest unused beyond a few. */
  async #tidy(): Promise<void> {
    const idle = [...this.#open.values()].filter(({ gathering }) => !gathering).sort((a, b) => b.lastUsed - a.lastUsed);
    const old = Date.now() - patience;
    await Promise.all(
      idle.filter(({ lastUsed }, place) => place >= mostIdle || lastUsed < old).map((session) => session.close()),
    );
  }
}
