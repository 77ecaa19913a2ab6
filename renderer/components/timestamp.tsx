import { Tooltip } from '@mantine/core';
import { formatAge } from '../../shared/format';
import { formatLocal, formatUtc, parseDate } from './dates';
import { useNow } from './use-now';

interface TimestampProps {
  value: string | Date | null;
  seconds?: boolean;
}

const asDate = (value: string | Date | null) => (value instanceof Date ? value : parseDate(value));

/** Local time, UTC on hover. */
export function Timestamp({ value, seconds = false }: TimestampProps) {
  const date = asDate(value);
  if (!date) return <span className="dimmed">–</span>;
  return (
    <Tooltip label={formatUtc(date)}>
      <time dateTime={date.toISOString()} className="nowrap">
        {formatLocal(date, seconds)}
      </time>
    </Tooltip>
  );
}

/** "3 h ago", kept true; the exact local and UTC time on hover. */
export function Age({ value }: { value: string | Date | null }) {
  const now = useNow();
  const date = asDate(value);
  if (!date) return <span className="dimmed">–</span>;
  return (
    <Tooltip label={`${formatLocal(date, true)} · ${formatUtc(date)}`}>
      <time dateTime={date.toISOString()} className="nowrap">
        {formatAge(date, now)}
      </time>
    </Tooltip>
  );
}
