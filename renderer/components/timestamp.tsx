import { Tooltip } from '@mantine/core';
import { Fragment } from 'react';
import { formatAge } from '../../shared/format';
import { formatLocal, formatUtc, parseDate } from './dates';
import { useNow } from './use-now';

/** Tabular numerals make hyphens as wide as digits, which tears dates apart. */
function DateText({ text }: { text: string }) {
  return (
    <>
      {text.split('-').map((part, index) => (
        <Fragment key={index}>
          {index > 0 ? <span className="hyphen">-</span> : null}
          {part}
        </Fragment>
      ))}
    </>
  );
}

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
        <DateText text={formatLocal(date, seconds)} />
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
