import { Button, Group, NumberInput, Popover, Stack } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { dateFieldText } from '../../../components/dates';
import { TimeFields } from '../../../components/time-fields';
import type { ChartRange } from '../chart/chart-view';

interface SelectionFieldsProps {
  range: ChartRange;
  selection: ChartRange | null;
  onSelect: (selection: ChartRange | null) => void;
}

/** Selecting by typing what dragging selects. */
export function SelectionFields({ range, selection, onSelect }: SelectionFieldsProps) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" withArrow trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" size="compact-xs" aria-expanded={opened} onClick={() => setOpened(!opened)}>
          Select by values…
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Fields
          key={String(opened)}
          shown={selection ?? range}
          onSelect={(selected) => {
            onSelect(selected);
            setOpened(false);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function Fields({ shown, onSelect }: { shown: ChartRange; onSelect: (selection: ChartRange) => void }) {
  const [from, setFrom] = useState(() => dateFieldText(shown.from));
  const [to, setTo] = useState(() => dateFieldText(shown.to + 999));
  const [low, setLow] = useState<number | string>(Math.floor(shown.low));
  const [high, setHigh] = useState<number | string>(Math.ceil(shown.high));
  const selected: ChartRange = {
    from: new Date(from).getTime(),
    to: new Date(to).getTime(),
    low: Number(low === '' ? NaN : low),
    high: Number(high === '' ? NaN : high),
  };
  const valid = selected.from < selected.to && selected.low <= selected.high;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (valid) onSelect(selected);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={8}>
        <TimeFields from={from} to={to} onFrom={setFrom} onTo={setTo} />
        <Group gap={8} grow wrap="nowrap">
          <NumberInput label="At least (ms)" value={low} onChange={setLow} min={0} />
          <NumberInput label="At most (ms)" value={high} onChange={setHigh} min={0} />
        </Group>
        <Button type="submit" disabled={!valid}>
          Select
        </Button>
      </Stack>
    </form>
  );
}
