/** The one place where notices of alerts are to be had, whichever deployment they are of. */
import type { AlertNotice } from '../../../shared/alerts';
import type { Connection, Environment } from '../../../shared/connections';
import type { Logger } from '../../platform/logger';

/** A notice with what channels say beside it. */
export interface ToldNotice extends AlertNotice {
  connectionName: string;
  environment: Environment;
  /** When the sample was taken that led to it, milliseconds since 1970. */
  at: number;
}

export interface NoticeBoard {
  /** What one sample of a deployment gave rise to. */
  tell(connection: Pick<Connection, 'name' | 'environment'>, notices: readonly AlertNotice[], at: number): void;
  /** Returns how to stop listening. */
  onNotice(listener: (notice: ToldNotice) => void): () => void;
}

export function createNoticeBoard(logger: Logger): NoticeBoard {
  const listeners = new Set<(notice: ToldNotice) => void>();
  return {
    tell({ name, environment }, notices, at) {
      for (const notice of notices)
        for (const listener of [...listeners]) {
          try {
            listener({ ...notice, connectionName: name, environment, at });
          } catch (error) {
            // One that fails must not keep the others from being told.
            logger.error({ error }, 'A notice of an alert was not taken');
          }
        }
    },
    onNotice(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
