import { useCallback, useEffect, useRef, useState } from 'react';
import type { DifferingDocument, DocumentChange } from '../../../../shared/diff';
import type { AppError } from '../../../../shared/result';
import { api, asAppError } from '../../../api';

const pageSize = 100;

export interface DocumentPages {
  total: number | null;
  error: AppError | null;
  /** The document at a position of the filtered list, once its page has come. */
  at: (position: number) => DifferingDocument | null;
  /** Asks for the pages that hold these positions; known ones are not asked for again. */
  need: (first: number, last: number) => void;
  retry: () => void;
}

interface Loaded {
  key: string;
  total: number | null;
  pages: ReadonlyMap<number, DifferingDocument[]>;
  error: AppError | null;
}

/** The differing documents of a namespace, a page at a time as the list is scrolled. */
export function useDocumentPages(previewId: string, ns: string, change: DocumentChange | null): DocumentPages {
  const key = JSON.stringify([previewId, ns, change]);
  const [loaded, setLoaded] = useState<Loaded>({ key, total: null, pages: new Map(), error: null });
  const asked = useRef({ key, pages: new Set<number>() });

  const load = useCallback(
    async (page: number) => {
      if (asked.current.key !== key) asked.current = { key, pages: new Set() };
      if (asked.current.pages.has(page)) return;
      asked.current.pages.add(page);
      const keep = (patch: (before: Loaded) => Loaded) =>
        setLoaded((before) => {
          if (asked.current.key !== key) return before;
          return patch(before.key === key ? before : { key, total: null, pages: new Map(), error: null });
        });
      try {
        const answer = await api('restore.documents', {
          previewId,
          ns,
          change,
          offset: page * pageSize,
          limit: pageSize,
        });
        keep((before) => ({
          ...before,
          total: answer.total,
          pages: new Map(before.pages).set(page, answer.documents),
          error: null,
        }));
      } catch (thrown) {
        asked.current.pages.delete(page);
        keep((before) => ({ ...before, error: asAppError(thrown) }));
      }
    },
    [key, previewId, ns, change],
  );

  useEffect(() => {
    void load(0);
  }, [load]);

  const need = useCallback(
    (first: number, last: number) => {
      for (let page = Math.floor(first / pageSize); page <= Math.floor(last / pageSize); page += 1) void load(page);
    },
    [load],
  );
  const current = loaded.key === key ? loaded : null;
  const at = (position: number) => current?.pages.get(Math.floor(position / pageSize))?.[position % pageSize] ?? null;
  return { total: current?.total ?? null, error: current?.error ?? null, at, need, retry: () => void load(0) };
}
