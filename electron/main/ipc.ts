/** The one gate between window and services: checks who asks, parses what is asked, answers with a Result. */
import { BrowserWindow, ipcMain } from 'electron';
import type { z } from 'zod';
import {
  requests,
  type Events,
  type EventName,
  type ParsedInput,
  type RequestHandlers,
  type RequestName,
  type RequestOutput,
} from '../../shared/contract';
import { err, ok, type AppError, type Result } from '../../shared/result';
import { isAppUrl } from './app-protocol';

const requestChannel = 'lifeboat:request';
const eventChannel = 'lifeboat:event';

function isRequestName(name: unknown): name is RequestName {
  return typeof name === 'string' && Object.prototype.hasOwnProperty.call(requests, name);
}

/** Parses the input by the contract's schema, calls the handler, turns what it throws into an error value. */
export async function answer<Name extends RequestName>(
  handlers: RequestHandlers,
  toAppError: (error: unknown) => AppError,
  name: Name,
  input: unknown,
): Promise<Result<RequestOutput<Name>>> {
  const schema: z.ZodType = requests[name].input;
  const parsed = schema.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue && issue.path.length > 0 ? ` (${issue.path.join('.')})` : '';
    return err({ code: 'usage', message: `${issue?.message ?? 'The input is not valid'}${where}` });
  }
  try {
    return ok(await handlers[name](parsed.data as ParsedInput<Name>));
  } catch (error) {
    return err(toAppError(error));
  }
}

/** Registers the request channel for pages of `lifeboat://app` only. */
export function serveRequests(handlers: RequestHandlers, toAppError: (error: unknown) => AppError): void {
  ipcMain.handle(requestChannel, async (event, name: unknown, input: unknown) => {
    const frame = event.senderFrame;
    const isOurs = frame !== null && frame.parent === null && isAppUrl(frame.url);
    if (!isOurs || !isRequestName(name)) {
      return err<AppError>({ code: 'refused', message: 'This request is not part of the contract.' });
    }
    return answer(handlers, toAppError, name, input);
  });
}

/** Sends an event to every open window. */
export function sendEvent<Name extends EventName>(name: Name, payload: Events[Name]): void {
  for (const window of BrowserWindow.getAllWindows()) {
    if (!window.isDestroyed()) window.webContents.send(eventChannel, name, payload);
  }
}
