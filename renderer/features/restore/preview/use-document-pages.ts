import { useCallback, useEffect, useRef, useState } from 'react';
import type { DifferingDocument } from '../../../../shared/diff';
import type { AppError } from '../../../../shared/result';
import { api, asAppError } from '../../../api';
import type { DocumentQuery } from './document-query';

const pageSize = 100;
/** Pages kept: a list of a million documents is scrolled through without holding it. */
const keptPages = 100;
const mostAtOnce = 2;

export interface DocumentPages {
  total: number | null;
  error: AppError | null;
  /** The document at a position of the list, once its page has come. */
  at: (position: number) => DifferingDocument | null;
  /** Says which positions are looked at: their pages are asked for, and no others any more. */
  need: (first: number, last: number) => void;
  retry: () => void;
}

interface Loaded {
  total: number | null;
  pages: ReadonlyMap<number, DifferingDocument[]>;
  error: AppError | null;
}

const nothing: Loaded = { total: null, pages: new Map(), error: null };

function withPage(pages: Loaded['pages'], page: number, documents: DifferingDocument[]): Loaded['pages'] {
  const next = new Map(pages);
  next.delete(page);
  next.set(page, documents);
  for (const oldest of next.keys()) {
    if (next.size <= keptPages) break;
    next.delete(oldest);
  }
  return next;
}

/** The differing documents of a namespace, a page at a time as the list is scrolled. For one query: another is another mount. */
export function useDocumentPages(previewId: string, ns: string, query: DocumentQuery): DocumentPages {
  const [loaded, setLoaded] = useState<Loaded>(nothing);
  const state = useRef({
    wanted: { first: 0, last: 0 },
    known: nothing.pages,
    running: new Set<number>(),
    gone: false,
  });
  const asked = useRef({ previewId, ns, query });

  const load = useCallback(() => {
    const current = state.current;
    const { first, last } = current.wanted;
    for (let page = first; page <= last && current.running.size < mostAtOnce; page += 1) {
      if (current.known.has(page) || current.running.has(page)) continue;
      current.running.add(page);
      const { query: wanted, ...of } = asked.current;
      api('restore.documents', { ...of, ...wanted, offset: page * pageSize, limit: pageSize })
        .then(({ total, documents }) => {
          current.known = withPage(current.known, page, documents);
          const { known: pages } = current;
          if (!current.gone) setLoaded({ total, pages, error: null });
          current.running.delete(page);
          if (!current.gone) load();
        })
        .catch((thrown: unknown) => {
          current.running.delete(page);
          if (!current.gone) setLoaded((before) => ({ ...before, error: asAppError(thrown) }));
        });
    }
  }, []);

  useEffect(() => {
    const current = state.current;
    current.gone = false;
    load();
    return () => {
      current.gone = true;
    };
  }, [load]);

  const need = useCallback(
    (first: number, last: number) => {
      state.current.wanted = {
        first: Math.floor(first / pageSize),
        last: Math.floor(Math.max(first, last) / pageSize),
      };
      load();
    },
    [load],
  );
  const at = (position: number) => loaded.pages.get(Math.floor(position / pageSize))?.[position % pageSize] ?? null;
  return { total: loaded.total, error: loaded.error, at, need, retry: load };
}
