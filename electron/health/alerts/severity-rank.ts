import { severities, type Severity } from '../../../shared/alerts';

/** Greater for what is graver. */
export function rankOf(severity: Severity): number {
  return severities.indexOf(severity);
}
