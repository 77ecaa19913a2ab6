import { ActionIcon, Anchor } from '@mantine/core';
import { IconAlertOctagon, IconAlertTriangle, IconCircleCheck, IconInfoCircle, IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { closeToasts, useToasts, type Toast } from './toasts';
import styles from './toaster.module.css';

const icons: Record<Toast['kind'], typeof IconX> = {
  bad: IconAlertOctagon,
  warning: IconAlertTriangle,
  info: IconInfoCircle,
  good: IconCircleCheck,
};

/** The toasts of the window; there is one place for them. */
export function Toaster() {
  const toasts = useToasts((state) => state.toasts);
  if (toasts.length === 0) return null;
  return (
    <section aria-label="Notifications" className={styles.place}>
      <ul className={styles.list}>
        {toasts.map((toast) => (
          <ToastItem key={toast.id} toast={toast} />
        ))}
      </ul>
    </section>
  );
}

function ToastItem({ toast }: { toast: Toast }) {
  const { id, kind, title, text, link, seconds } = toast;
  /** Nothing goes away while somebody points at it or is in it. */
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held || seconds === null) return;
    const timer = window.setTimeout(() => closeToasts([id]), seconds * 1000);
    return () => window.clearTimeout(timer);
  }, [id, seconds, held, title, text]);
  const Icon = icons[kind];
  return (
    <li
      className={`${styles.toast} ${styles[kind]}`}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon size={16} className={styles.icon} aria-hidden />
      <div className={styles.body}>
        <p className={styles.title}>{title}</p>
        <p className={styles.text}>{text}</p>
        {link ? (
          <Anchor href={`#${link.path}`} size="sm" onClick={() => closeToasts([id])}>
            {link.label}
          </Anchor>
        ) : null}
      </div>
      <ActionIcon aria-label={`Close: ${title}`} onClick={() => closeToasts([id])}>
        <IconX size={14} aria-hidden />
      </ActionIcon>
    </li>
  );
}
