import { NumberInput, SegmentedControl, Text } from '@mantine/core';
import { useState } from 'react';
import { firstChoice, MemberSelect, ParameterForm, wholeNumber, type ParametersProps } from './parameter-form';

export function FreezeForm({ facts, host: clicked, ...form }: ParametersProps) {
  // A primary cannot be frozen, an arbiter is never elected.
  const members = facts.members.filter(({ state, arbiterOnly }) => state !== 'PRIMARY' && !arbiterOnly);
  const [host, setHost] = useState(firstChoice(members, clicked));
  const [mode, setMode] = useState('freeze');
  const [seconds, setSeconds] = useState<number | string>(120);
  const time = mode === 'unfreeze' ? 0 : wholeNumber(seconds, 1, 86_400);
  return (
    <ParameterForm
      {...form}
      operation={host === null || time === null ? null : { kind: 'freeze', host, seconds: time }}
    >
      <MemberSelect label="Secondary" members={members} host={host} onChange={setHost} />
      <div>
        <Text size="sm" fw={500} mb={4} id="freeze-mode">
          What to do
        </Text>
        <SegmentedControl
          aria-labelledby="freeze-mode"
          data={[
            { value: 'freeze', label: 'Freeze it' },
            { value: 'unfreeze', label: 'Unfreeze it' },
          ]}
          value={mode}
          onChange={setMode}
        />
      </div>
      {mode === 'freeze' ? (
        <NumberInput
          label="For how long (s)"
          description="It ends by itself; a restart of the member ends it too"
          value={seconds}
          onChange={setSeconds}
          min={1}
          max={86_400}
          error={time === null ? '1 to 86,400 s' : undefined}
        />
      ) : (
        <p style={{ margin: 0 }}>It can be elected again at once.</p>
      )}
    </ParameterForm>
  );
}
