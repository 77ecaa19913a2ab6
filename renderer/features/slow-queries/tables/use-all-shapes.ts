import { useEffect, useState } from 'react';
import type { AppError } from '../../../../shared/result';
import type { CaptureFilter, ShapeRow } from '../../../../shared/slow-queries';
import type { Capture } from '../../../../shared/captures';
import { api, asAppError } from '../../../api';

const pageSize = 1000;
/** More shapes than a person sorts through: beyond it the filters narrow. */
const most = 10_000;
export const sparkBuckets = 18;

export interface AllShapes {
  /** Null until the first answer; kept while the next is awaited. */
  shapes: ShapeRow[] | null;
  /** Shapes of the filter; more than `shapes` where there are too many. */
  total: number;
  error: AppError | null;
}

/** Every shape of a filter, page after page, so that the table sorts by any metric; again when the capture grows. */
export function useAllShapes(capture: Capture, filter: CaptureFilter): AllShapes {
  const [state, setState] = useState<AllShapes>({ shapes: null, total: 0, error: null });
  const { id, operations, status } = capture;
  const key = JSON.stringify(filter);
  useEffect(() => {
    let current = true;
    const load = async () => {
      const shapes: ShapeRow[] = [];
      let total = Infinity;
      while (shapes.length < Math.min(total, most)) {
        const page = await api('captures.shapes', {
          captureId: id,
          filter: JSON.parse(key) as CaptureFilter,
          sort: 'totalMs',
          descending: true,
          offset: shapes.length,
          limit: pageSize,
          buckets: sparkBuckets,
        });
        if (!current) return;
        total = page.total;
        shapes.push(...page.shapes);
        if (page.shapes.length === 0) break;
      }
      setState({ shapes, total: Number.isFinite(total) ? total : shapes.length, error: null });
    };
    load().catch((thrown: unknown) => {
      if (current) setState((before) => ({ ...before, error: asAppError(thrown) }));
    });
    return () => {
      current = false;
    };
  }, [id, operations, status, key]);
  return state;
}
