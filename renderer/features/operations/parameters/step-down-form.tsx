import { Checkbox, Group, NumberInput } from '@mantine/core';
import { useState } from 'react';
import { ParameterForm, wholeNumber, type ParametersProps } from './parameter-form';

const mostSeconds = 86_400;

export function StepDownForm({ facts, host: _host, ...form }: ParametersProps) {
  const [seconds, setSeconds] = useState<number | string>(60);
  const [catchUpSeconds, setCatchUpSeconds] = useState<number | string>(10);
  const [force, setForce] = useState(false);
  const primary = facts.members.find(({ state }) => state === 'PRIMARY')?.host;
  const away = wholeNumber(seconds, 1, mostSeconds);
  const wait = wholeNumber(catchUpSeconds, 0, mostSeconds);
  const order = away !== null && wait !== null && wait >= away ? 'Less than the time it stays away' : undefined;
  return (
    <ParameterForm
      {...form}
      operation={
        away === null || wait === null || order
          ? null
          : { kind: 'step-down', seconds: away, catchUpSeconds: wait, force }
      }
    >
      <p style={{ margin: 0 }}>
        Primary of {facts.set}: <code className="wrap-anywhere">{primary ?? 'unknown'}</code>
      </p>
      <Group gap={16} align="flex-start" grow>
        <NumberInput
          label="Stays away for (s)"
          description="It is not elected again before that"
          value={seconds}
          onChange={setSeconds}
          min={1}
          max={mostSeconds}
          error={away === null ? '1 to 86,400 s' : undefined}
          data-autofocus
        />
        <NumberInput
          label="Waits for a secondary (s)"
          description="At most, until one that can be elected has caught up"
          value={catchUpSeconds}
          onChange={setCatchUpSeconds}
          min={0}
          max={mostSeconds}
          error={wait === null ? '0 to 86,400 s' : order}
        />
      </Group>
      <Checkbox
        label="Step down even when no secondary has caught up"
        description="Writes that no other member has yet may be rolled back"
        checked={force}
        onChange={(event) => setForce(event.currentTarget.checked)}
      />
    </ParameterForm>
  );
}
