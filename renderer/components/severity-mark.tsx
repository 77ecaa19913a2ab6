import {
  IconAlertOctagonFilled,
  IconAlertTriangle,
  IconAlertTriangleFilled,
  IconInfoCircle,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { severities, type Severity } from '../../shared/alerts';

const icons: Record<Severity, (size: number) => ReactNode> = {
  critical: (size) => <IconAlertOctagonFilled size={size} aria-hidden />,
  high: (size) => <IconAlertTriangleFilled size={size} aria-hidden />,
  warning: (size) => <IconAlertTriangle size={size} aria-hidden />,
  info: (size) => <IconInfoCircle size={size} aria-hidden />,
};

export const severityWords: Record<Severity, string> = {
  critical: 'Critical',
  high: 'High',
  warning: 'Warning',
  info: 'Info',
};

const classOf: Record<Severity, string> = { critical: 'bad', high: 'bad', warning: 'warning', info: 'dimmed' };

/** The class of a severity's colour as text. */
export function severityClass(severity: Severity): string {
  return classOf[severity];
}

/** 0 for the gravest. */
export function severityOrder(severity: Severity): number {
  return severities.length - 1 - severities.indexOf(severity);
}

interface SeverityMarkProps {
  severity: Severity;
  /** What is said instead of the severity's word. */
  children?: ReactNode;
  size?: number;
}

/** How grave an alert is, by sign, colour and word: never by colour alone. */
export function SeverityMark({ severity, children, size = 15 }: SeverityMarkProps) {
  return (
    <span className={`state-mark ${classOf[severity]}`}>
      {icons[severity](size)}
      <span>{children ?? severityWords[severity]}</span>
    </span>
  );
}
