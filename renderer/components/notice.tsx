import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import styles from './notice.module.css';

interface NoticeProps {
  kind: 'info' | 'warning' | 'good' | 'bad';
  title?: string;
  children?: ReactNode;
  action?: ReactNode;
}

const icons = {
  info: <IconInfoCircle size={16} aria-hidden />,
  warning: <IconAlertTriangle size={16} aria-hidden />,
  good: <IconCircleCheck size={16} aria-hidden />,
  bad: <IconAlertTriangle size={16} aria-hidden />,
};

/** A sentence or two that matter here. */
export function Notice({ kind, title, children, action }: NoticeProps) {
  return (
    <div className={`${styles.notice} ${styles[kind]}`} role="note">
      <span className={styles.icon}>{icons[kind]}</span>
      <div className={styles.body}>
        {title ? <p className={styles.title}>{title}</p> : null}
        {children ? <div>{children}</div> : null}
      </div>
      {action}
    </div>
  );
}
