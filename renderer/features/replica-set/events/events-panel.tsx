import { Select } from '@mantine/core';
import { useMemo, useState } from 'react';
import { DataTable } from '../../../components/data-table';
import { ErrorPanel } from '../../../components/error-panel';
import { Notice } from '../../../components/notice';
import { Timestamp } from '../../../components/timestamp';
import { useNow } from '../../../components/use-now';
import { Waiting } from '../../../components/waiting';
import { eventSpans, useReplicaSet, type EventSpan } from '../replica-set-store';
import { eventColumns, shardedEventColumns } from './event-columns';
import { eventGroups, eventGroupWords, narrowEvents, type EventGroup } from './event-list';

const spanWords: Record<EventSpan, string> = {
  hour: 'Last hour',
  day: 'Last 24 hours',
  week: 'Last 7 days',
  month: 'Last 30 days',
  year: 'Last year',
};
const spans = Object.keys(eventSpans) as EventSpan[];
const groups = Object.keys(eventGroups) as EventGroup[];
const everything = 'everything';

interface EventsPanelProps {
  connectionId: string;
  /** Null: of all members. */
  host: string | null;
  sharded: boolean;
}

/** Elections, restarts, changes of state and configuration: newest first. */
export function EventsPanel({ connectionId, host, sharded }: EventsPanelProps) {
  const events = useReplicaSet((state) => state.events);
  const error = useReplicaSet((state) => state.eventsError);
  const eventsFrom = useReplicaSet((state) => state.eventsFrom);
  const loading = useReplicaSet((state) => state.eventsLoading);
  const span = useReplicaSet((state) => state.span);
  const showSpan = useReplicaSet((state) => state.showSpan);
  const loadEvents = useReplicaSet((state) => state.loadEvents);
  const [group, setGroup] = useState<EventGroup | null>(null);
  const now = useNow(60_000);
  const from = now.getTime() - eventSpans[span];
  const rows = useMemo(() => narrowEvents(events ?? [], { from, group, host }), [events, from, group, host]);
  if (error)
    return <ErrorPanel error={error} onRetry={() => void loadEvents(connectionId, span)} connectionId={connectionId} />;
  if (eventsFrom === Infinity) return <Waiting for="Reading what happened" />;
  // Time goes on between reading and showing.
  const isCut = !loading && eventsFrom > from + 120_000;
  return (
    <>
      {isCut ? (
        <Notice kind="info">
          Only the newest events are listed, those since <Timestamp value={new Date(eventsFrom)} />.
        </Notice>
      ) : null}
      <DataTable
        key={String(sharded)}
        label="Events"
        columns={sharded ? shardedEventColumns : eventColumns}
        rows={rows}
        rowKey={({ at, kind, host: about, set, text }) => [at, kind, about, set, text].join('\n')}
        initialSort={{ id: 'at', desc: true }}
        height={520}
        nothing="Nothing happened in this time that Lifeboat saw."
        filters={
          <>
            <Select
              aria-label="Time of the events"
              w={140}
              value={span}
              onChange={(value) => showSpan(spans.find((one) => one === value) ?? span)}
              data={spans.map((value) => ({ value, label: spanWords[value] }))}
            />
            <Select
              aria-label="Kind of the events"
              w={160}
              value={group ?? everything}
              onChange={(value) => setGroup(groups.find((one) => one === value) ?? null)}
              data={[
                { value: everything, label: 'All kinds' },
                ...groups.map((value) => ({ value, label: eventGroupWords[value] })),
              ]}
            />
          </>
        }
      />
    </>
  );
}
