/** The way of every operation: parameters → preview → run → outcome. */
import { useCallback, useState } from 'react';
import type { Operation, OperationOutcome, OperationPreview } from '../../../../shared/operations';
import type { Job } from '../../../../shared/jobs';
import type { AppError } from '../../../../shared/result';
import { api, useAction } from '../../../api';
import { announce } from '../../../components/announcer';
import { useWhenJobEnds } from '../../../state/jobs';
import { outcomeMark } from '../operation-words';
import { pinChanges } from './pin-changes';

export type Stage =
  | { at: 'parameters' }
  /** `changed`: what is different from the preview before this one. */
  | { at: 'preview'; preview: OperationPreview; changed: string[] }
  /** `outcome` null while the job runs, and for good where it left none. */
  | { at: 'run'; preview: OperationPreview; jobId: string; outcome: OperationOutcome | null };

export interface OperationFlow {
  stage: Stage;
  busy: boolean;
  error: AppError | null;
  preview: (operation: Operation) => Promise<void>;
  previewAgain: () => Promise<void>;
  start: (typedName: string | null) => Promise<void>;
  back: () => void;
}

export function useOperationFlow(connectionId: string, set: string | null): OperationFlow {
  const [stage, setStage] = useState<Stage>({ at: 'parameters' });
  const preview = useAction(async (operation: Operation) => {
    const previewed = await api('operations.preview', { connectionId, set, operation });
    setStage((before) => ({
      at: 'preview',
      preview: previewed,
      changed: before.at === 'preview' ? pinChanges(before.preview.pin, previewed.pin) : [],
    }));
  });
  const start = useAction(async (typedName: string | null) => {
    if (stage.at !== 'preview') return;
    const { request, pin } = stage.preview;
    const { jobId } = await api('operations.start', { ...request, pin, typedName });
    setStage({ at: 'run', preview: stage.preview, jobId, outcome: null });
  });
  const outcome = useAction(async (id: string) => {
    const result = await api('operations.outcome', { id });
    setStage((before) => (before.at === 'run' ? { ...before, outcome: result } : before));
    announce(`${result.title}: ${outcomeMark(result).word}. ${result.text}`);
  });
  const { run: readOutcome } = outcome;
  const onEnd = useCallback(
    ({ resultId }: Job) => {
      if (resultId !== null) void readOutcome(resultId);
    },
    [readOutcome],
  );
  useWhenJobEnds(stage.at === 'run' ? stage.jobId : null, onEnd);
  return {
    stage,
    busy: preview.busy || start.busy,
    error: preview.error ?? start.error ?? outcome.error,
    preview: async (operation) => {
      start.clear();
      await preview.run(operation);
    },
    previewAgain: async () => {
      if (stage.at !== 'preview') return;
      start.clear();
      await preview.run(stage.preview.request.operation);
    },
    start: start.run,
    back: () => {
      start.clear();
      preview.clear();
      setStage({ at: 'parameters' });
    },
  };
}
