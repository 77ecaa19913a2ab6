/** The bridge as promises that throw {@link ApiError}, and hooks over it. Nothing else touches `window.lifeboat`. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { EventName, Events, LifeboatBridge, RequestInput, RequestName, RequestOutput } from '../shared/contract';
import type { AppError } from '../shared/result';

declare global {
  interface Window {
    readonly lifeboat: LifeboatBridge;
  }
}

/** A failure on its way through React code; `error` is what {@link ErrorPanel} shows. */
class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly error: AppError;

  constructor(error: AppError) {
    super(error.message);
    this.error = error;
  }
}

/** Whatever was thrown, as the one shape that is shown. */
export function asAppError(thrown: unknown): AppError {
  if (thrown instanceof ApiError) return thrown.error;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'internal', message: 'The window could not do this.', details: message };
}

type Arguments<Name extends RequestName> = undefined extends RequestInput<Name> ? [] : [input: RequestInput<Name>];

/** Asks the services; throws {@link ApiError}. */
export async function api<Name extends RequestName>(
  name: Name,
  ...input: Arguments<Name>
): Promise<RequestOutput<Name>> {
  const result = await window.lifeboat.request(name, input[0] as RequestInput<Name>);
  if (!result.ok) throw new ApiError(result.error);
  return result.value;
}

export function subscribe<Name extends EventName>(name: Name, listener: (payload: Events[Name]) => void): () => void {
  return window.lifeboat.subscribe(name, listener);
}

export function pathOfFile(file: File): string | null {
  return window.lifeboat.pathOfFile(file);
}

export interface RequestState<Output> {
  /** The newest answer; kept while reloading and while a reload fails. */
  data: Output | null;
  error: AppError | null;
  loading: boolean;
  /** When `data` arrived. */
  at: Date | null;
  reload: () => void;
}

/**
 * Asks when mounted, when the input changes by value, and on `reload`. `input` null where the request takes none is
 * written as `undefined`; `enabled: false` waits.
 */
export function useRequest<Name extends RequestName>(
  name: Name,
  input: RequestInput<Name>,
  options: { enabled?: boolean } = {},
): RequestState<RequestOutput<Name>> {
  const enabled = options.enabled ?? true;
  const key = JSON.stringify([name, input ?? null]);
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<Omit<RequestState<RequestOutput<Name>>, 'reload'> & { key: string }>({
    key,
    data: null,
    error: null,
    loading: enabled,
    at: null,
  });
  const latestInput = useRef(input);
  useEffect(() => {
    latestInput.current = input;
  });

  useEffect(() => {
    if (!enabled) return;
    let current = true;
    setState((before) => ({
      ...(before.key === key ? before : { data: null, error: null, at: null }),
      key,
      loading: true,
    }));
    window.lifeboat
      .request(name, latestInput.current)
      .then((result) => {
        if (!current) return;
        if (result.ok) setState({ key, data: result.value, error: null, loading: false, at: new Date() });
        else setState((before) => ({ ...before, error: result.error, loading: false }));
      })
      .catch((thrown: unknown) => {
        if (current) setState((before) => ({ ...before, error: asAppError(thrown), loading: false }));
      });
    return () => {
      current = false;
    };
  }, [name, key, enabled, turn]);

  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const isStale = state.key !== key;
  return isStale
    ? { data: null, error: null, loading: enabled, at: null, reload }
    : { data: state.data, error: state.error, loading: state.loading, at: state.at, reload };
}

/** Runs an action of the user: remembers that it runs and how it failed. */
export function useAction<Parameters extends unknown[]>(
  action: (...parameters: Parameters) => Promise<void>,
): { run: (...parameters: Parameters) => Promise<void>; busy: boolean; error: AppError | null; clear: () => void } {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<AppError | null>(null);
  const latest = useRef(action);
  useEffect(() => {
    latest.current = action;
  });
  const run = useCallback(async (...parameters: Parameters) => {
    setBusy(true);
    setError(null);
    try {
      await latest.current(...parameters);
    } catch (thrown) {
      setError(asAppError(thrown));
    } finally {
      setBusy(false);
    }
  }, []);
  const clear = useCallback(() => setError(null), []);
  return { run, busy, error, clear };
}
