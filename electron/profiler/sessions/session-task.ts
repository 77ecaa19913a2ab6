/** The task behind an open capture: gathers, or opens what was gathered, and answers until it is closed. */
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { AppFailure, type AppError } from '../../../shared/result';
import type { Task, TaskContext } from '../../jobs/task';
import { isAbortError, toAppError } from '../../platform/failures';
import { LogTally } from '../logs/log-tally';
import { readColumnFile, writeColumnFile } from './column-file';
import { CommandSpool } from './command-spool';
import { gatherLive } from './gather-live';
import { gatherLogs } from './gather-logs';
import { Gathering } from './gathering';
import { OperationColumns } from './operation-columns';
import { CaptureSession } from './session';
import type {
  FromSession,
  GatheredFacts,
  GatherSource,
  SessionEvent,
  SessionInput,
  ToSession,
} from './session-messages';
import { readFacts, writeFacts, type LogFacts } from './stored-facts';

/** Milliseconds between two events of progress. */
const tellEvery = 500;
/** Milliseconds after which a capture of what a server does is saved, so that a crash loses little. */
const saveEvery = 15_000;
/** Saving more than this takes longer than it is worth while still gathering. */
const mostToSave = 200_000;

export const captureSessionTask: Task<SessionInput, null> = async (input, context) => {
  const { port, gather } = input;
  const closed = new Promise<void>((resolve) => {
    port.once('close', resolve);
    port.on('message', (message: ToSession) => {
      if (message.type === 'close') resolve();
    });
    context.signal.addEventListener('abort', () => resolve());
  });
  const talk: Talk = { questions: new Questions(port), closed };
  const commands = new CommandSpool(join(input.folder, 'commands.txt'), gather ? 'new' : 'kept');
  try {
    if (gather) await gatherAndAnswer(input, gather, commands, context, talk);
    else await openAndAnswer(input, commands, talk);
  } finally {
    commands.close();
    port.close();
  }
  return null;
};

interface Talk {
  questions: Questions;
  closed: Promise<void>;
}

async function openAndAnswer(
  { folder }: SessionInput,
  commands: CommandSpool,
  { questions, closed }: Talk,
): Promise<void> {
  const operations = await readColumnFile(join(folder, 'operations.bin'));
  const { notes, log } = await readFacts(folder);
  questions.answerFrom(new CaptureSession({ operations, commands, log, notes: () => notes }));
  await closed;
}

async function gatherAndAnswer(
  { port, folder }: SessionInput,
  source: GatherSource,
  commands: CommandSpool,
  context: TaskContext,
  { questions, closed }: Talk,
): Promise<void> {
  const operations = new OperationColumns();
  const log: LogFacts | null =
    source.type === 'log-files' || source.type === 'server-log' ? { tally: new LogTally(), ignoredFiles: [] } : null;
  const emit = (event: SessionEvent): void => context.emit(event);
  const facts = (bytes: number | null): GatheredFacts => factsOf(operations, log, bytes);
  let told = 0;
  const gathering = new Gathering(operations, commands, () => {
    const now = Date.now();
    if (now - told < tellEvery) return;
    told = now;
    emit({ type: 'progress', facts: facts(null) });
  });
  port.on('message', (message: ToSession) => {
    if (message.type === 'stop') gathering.stop();
  });
  void closed.then(() => gathering.stop());
  questions.answerFrom(new CaptureSession({ operations, commands, log, notes: () => gathering.notes() }));

  const save = async (): Promise<number> => {
    commands.flush();
    const bytes = await writeColumnFile(join(folder, 'operations.bin'), operations);
    await writeFacts(folder, gathering.notes(), log);
    return bytes + commands.bytes;
  };
  await save();
  const stopSaving = saveNowAndThen(operations, save);
  let error: AppError | null = null;
  try {
    if (source.type === 'log-files') {
      const { ignoredFiles } = await gatherLogs(source.paths, gathering, {
        tally: log?.tally ?? new LogTally(),
        report: (update) => context.report(update),
      });
      log?.ignoredFiles.push(...ignoredFiles);
    } else await gatherLive(source, gathering, { log, report: (update) => context.report(update) });
  } catch (thrown) {
    if (!isAbortError(thrown)) error = toAppError(thrown);
  } finally {
    await stopSaving();
  }
  const bytes = await save();
  emit({ type: 'gathered', facts: facts(bytes), notes: gathering.notes(), error });
  await closed;
}

/** Returns how to end it, which waits for a save that is under way. */
function saveNowAndThen(operations: OperationColumns, save: () => Promise<number>): () => Promise<void> {
  let saving: Promise<unknown> = Promise.resolve();
  let saved = 0;
  const timer = setInterval(() => {
    if (operations.count === saved || operations.count > mostToSave) return;
    saved = operations.count;
    // A full disk is told by the save at the end.
    saving = saving.then(save).catch(() => undefined);
  }, saveEvery);
  return async () => {
    clearInterval(timer);
    await saving;
  };
}

function factsOf(operations: OperationColumns, log: LogFacts | null, bytes: number | null): GatheredFacts {
  const { count, counted, from, to } = operations;
  return {
    from: count === 0 ? null : from,
    to: count === 0 ? null : to,
    operations: count,
    counted,
    unreadableLines: log?.tally.files.reduce((sum, { unreadable }) => sum + unreadable, 0) ?? 0,
    bytes,
  };
}

type Ask = Extract<ToSession, { type: 'ask' }>;

/** Questions come as soon as the port is there, before the capture is open: they wait. */
class Questions {
  #waiting: Ask[] = [];
  #session: CaptureSession | null = null;

  constructor(private readonly port: MessagePort) {
    port.on('message', (message: ToSession) => {
      if (message.type !== 'ask') return;
      if (this.#session) this.#answer(this.#session, message);
      else this.#waiting.push(message);
    });
  }

  answerFrom(session: CaptureSession): void {
    this.#session = session;
    for (const question of this.#waiting) this.#answer(session, question);
    this.#waiting = [];
  }

  #answer(session: CaptureSession, { number, name, input }: Ask): void {
    const send = (message: FromSession): void => this.port.postMessage(message);
    try {
      // Main names query and input from one type, see OpenSessions.ask.
      send({ type: 'answer', number, answer: session.ask(name, input as never) });
    } catch (error) {
      send({ type: 'refused', number, error: error instanceof AppFailure ? error.error : toAppError(error) });
    }
  }
}
