import { useState } from 'react';
import type { AppError } from '../../../../shared/result';
import { useAction } from '../../../api';
import { goTo, paths } from '../../../navigation';
import { useRestore } from '../restore-store';

interface PreviewUndo {
  run: (restoreId: string, connectionId: string | null) => Promise<void>;
  busy: boolean;
  error: AppError | null;
}

/** Starts the preview of an undo and goes where it is shown. Nothing is written by it. */
export function usePreviewUndo(): PreviewUndo {
  const [error, setError] = useState<AppError | null>(null);
  const { run, busy } = useAction(async (restoreId: string, connectionId: string | null) => {
    await useRestore.getState().previewUndo(restoreId, connectionId);
    const refused = useRestore.getState().error;
    setError(refused);
    if (refused === null) goTo(paths.restore);
  });
  return { run, busy, error };
}
