import { ActionIcon, Button, Popover, SegmentedControl, Stack, Tooltip } from '@mantine/core';
import {
  IconArrowBackUp,
  IconChevronDown,
  IconChevronLeft,
  IconChevronRight,
  IconPlayerRecord,
  IconZoomIn,
  IconZoomOut,
} from '@tabler/icons-react';
import { useState, type FormEvent, type ReactNode } from 'react';
import { dateFieldText, formatLocal } from '../../../components/dates';
import { TimeFields } from '../../../components/time-fields';
import type { TimeRange } from '../../../components/chart/time-view';
import { lengthText, limitsAt, neighbour, spans, zoomedIn, zoomedOut } from './time-choice';
import type { ChartTime } from './use-time-choice';
import styles from './charts.module.css';

interface RangeBarProps {
  time: ChartTime;
  children?: ReactNode;
}

/** Which time all charts show: the newest, a stretch of the past, closer, farther, as it was. */
export function RangeBar({ time, children }: RangeBarProps) {
  const { choice, frame, now, showSpan, show, goLive } = time;
  const { range } = frame;
  const after = neighbour(range, 1, now);
  const atCursor = () => frame.cursor.getState().time;
  return (
    <div className={styles.tools} role="group" aria-label="Time of the charts">
      <SegmentedControl
        aria-label="How long"
        data={spans.map(({ label, ms }) => ({ label, value: String(ms) }))}
        value={choice.fixed === null ? String(choice.spanMs) : ''}
        onChange={(value) => showSpan(Number(value))}
      />
      {choice.fixed === null ? (
        <span className="good nowrap" role="status">
          <IconPlayerRecord size={12} aria-hidden style={{ verticalAlign: '-1px' }} /> Live
        </span>
      ) : (
        <Button
          variant="default"
          size="compact-xs"
          onClick={goLive}
          leftSection={<IconArrowBackUp size={14} aria-hidden />}
        >
          Back to live
        </Button>
      )}
      <Tools>
        <Tool
          label="Earlier"
          icon={<IconChevronLeft size={16} aria-hidden />}
          run={() => show(neighbour(range, -1, now) ?? range)}
        />
        <Tool
          label="Later"
          icon={<IconChevronRight size={16} aria-hidden />}
          disabled={choice.fixed === null}
          run={() => (after === null ? goLive() : show(after))}
        />
        <Tool
          label="Zoom in"
          icon={<IconZoomIn size={16} aria-hidden />}
          run={() => show(zoomedIn(range, atCursor()))}
        />
        <Tool label="Zoom out" icon={<IconZoomOut size={16} aria-hidden />} run={() => show(zoomedOut(range, now))} />
      </Tools>
      <TimesField range={range} limits={limitsAt(now)} onShow={show} />
      {children}
    </div>
  );
}

function Tools({ children }: { children: ReactNode }) {
  return <span style={{ display: 'inline-flex', gap: 2 }}>{children}</span>;
}

interface ToolProps {
  label: string;
  icon: ReactNode;
  disabled?: boolean;
  run: () => void;
}

function Tool({ label, icon, disabled = false, run }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} disabled={disabled} onClick={run}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

interface TimesFieldProps {
  range: TimeRange;
  limits: TimeRange;
  onShow: (range: TimeRange) => void;
}

function TimesField({ range, limits, onShow }: TimesFieldProps) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" withArrow trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          size="compact-xs"
          aria-label={`Choose times, now ${rangeText(range)}, ${lengthText(range)}`}
          aria-expanded={opened}
          rightSection={<IconChevronDown size={12} aria-hidden />}
          onClick={() => setOpened(!opened)}
        >
          <span className="numbers">
            {rangeText(range)} · {lengthText(range)}
          </span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Fields
          key={String(opened)}
          range={range}
          limits={limits}
          onShow={(chosen) => {
            onShow(chosen);
            setOpened(false);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

/** Without what both have in common. */
function rangeText({ from, to }: TimeRange): string {
  const [begin, end] = [formatLocal(new Date(from)), formatLocal(new Date(to))];
  const isYear = begin.slice(0, 4) === end.slice(0, 4) && begin.slice(0, 4) === String(new Date().getFullYear());
  const start = isYear ? begin.slice(5) : begin;
  if (begin.slice(0, 10) === end.slice(0, 10)) return `${start} to ${end.slice(11)}`;
  return `${start} to ${isYear ? end.slice(5) : end}`;
}

function Fields({ range, limits, onShow }: TimesFieldProps) {
  const [from, setFrom] = useState(() => dateFieldText(range.from));
  const [to, setTo] = useState(() => dateFieldText(range.to));
  const chosen = { from: new Date(from).getTime(), to: new Date(to).getTime() };
  const valid = chosen.to - chosen.from >= 1000 && chosen.from < limits.to && chosen.to > limits.from;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (valid) onShow({ from: Math.max(chosen.from, limits.from), to: chosen.to });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={8}>
        <TimeFields from={from} to={to} onFrom={setFrom} onTo={setTo} />
        <Button type="submit" disabled={!valid}>
          Show
        </Button>
      </Stack>
    </form>
  );
}
