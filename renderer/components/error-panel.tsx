import { Button, Group } from '@mantine/core';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import { useId, useState, type ReactNode } from 'react';
import { maskControlCharacters } from '../../shared/format';
import type { AppError } from '../../shared/result';
import { CopyAction } from './copy-action';
import { errorTitle } from './error-titles';
import { UnlockButton } from './unlock-button';
import styles from './error-panel.module.css';

interface ErrorPanelProps {
  error: AppError;
  onRetry?: () => void;
  /** The connection it happened on: offers to enter a password that is asked for each time. */
  connectionId?: string | null;
  actions?: ReactNode;
}

function ticketText(error: AppError): string {
  return [
    `${errorTitle(error.code)} (${error.code})`,
    error.message,
    error.hint,
    error.logReference ? `Log reference: ${error.logReference}` : undefined,
    error.details,
  ]
    .filter((line) => line !== undefined)
    .join('\n');
}

/** Every failure looks like this: what happened, why, what to do, and the details to copy. */
export function ErrorPanel({ error, onRetry, connectionId, actions }: ErrorPanelProps) {
  const [open, setOpen] = useState(false);
  const detailsId = useId();
  const needsPassword = error.code === 'secret-unavailable' && connectionId;
  return (
    <section role="alert" className={styles.panel}>
      <IconAlertTriangle size={18} className={styles.icon} aria-hidden />
      <div className={styles.body}>
        <p className={styles.title}>{errorTitle(error.code)}</p>
        <p className={styles.text}>{maskControlCharacters(error.message)}</p>
        {error.hint ? <p className={`${styles.text} dimmed`}>{maskControlCharacters(error.hint)}</p> : null}
        {error.logReference ? (
          <p className={`${styles.text} dimmed`}>
            Log reference <code>{error.logReference}</code>
          </p>
        ) : null}
        <Group gap={8} mt={8}>
          {needsPassword ? <UnlockButton connectionId={connectionId} onUnlocked={onRetry} /> : null}
          {onRetry ? (
            <Button variant="default" leftSection={<IconRefresh size={14} aria-hidden />} onClick={onRetry}>
              Try again
            </Button>
          ) : null}
          {actions}
          {error.details ? (
            <Button
              variant="default"
              aria-expanded={open}
              aria-controls={detailsId}
              onClick={() => setOpen((before) => !before)}
            >
              {open ? 'Hide details' : 'Details'}
            </Button>
          ) : null}
          <CopyAction text={() => ticketText(error)} label="the error" />
        </Group>
        {error.details && open ? (
          <pre id={detailsId} className={styles.details} tabIndex={0} aria-label="Details of the error">
            {maskControlCharacters(error.details)}
          </pre>
        ) : null}
      </div>
    </section>
  );
}
