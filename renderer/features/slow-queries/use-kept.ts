import { useEffect, useRef, useState } from 'react';
import type { RequestInput, RequestName, RequestOutput } from '../../../shared/contract';
import type { Capture } from '../../../shared/captures';
import { useRequest, type RequestState } from '../../api';

/** An answer that stays in sight while the next one is awaited, also for another filter. */
export function useKept<Output>(state: RequestState<Output>): RequestState<Output> {
  const [kept, setKept] = useState(state.data);
  useEffect(() => {
    if (state.data !== null) setKept(state.data);
  }, [state.data]);
  return { ...state, data: state.data ?? kept };
}

/** Asks about a capture, again whenever it has grown, and keeps the last answer in sight meanwhile. */
export function useCaptureRequest<Name extends RequestName>(
  name: Name,
  input: RequestInput<Name>,
  capture: Capture,
  enabled = true,
): RequestState<RequestOutput<Name>> {
  const state = useKept(useRequest(name, input, { enabled }));
  const { reload } = state;
  const growth = `${capture.operations} ${capture.status}`;
  const asked = useRef(growth);
  useEffect(() => {
    if (asked.current === growth) return;
    asked.current = growth;
    reload();
  }, [growth, reload]);
  return state;
}
