import { Group, NumberInput, SegmentedControl, Select, Switch, TagsInput, Text, TextInput } from '@mantine/core';
import { severities } from '../../../shared/alerts';
import { ScopeFields } from '../../components/scope-fields';
import { severityWords } from '../../components/severity-mark';
import {
  hasNumber,
  isOfMembers,
  isWatched,
  ruleOf,
  watchedChoices,
  type DraftProblems,
  type RuleDraft,
} from './rule-draft';
import { durationWords, unitOf, unitSign } from './rule-words';
import styles from './alerts.module.css';

interface RuleFieldsProps {
  draft: RuleDraft;
  problems: DraftProblems;
  /** What a default watches stays; everything else of it can be changed. */
  isDefault: boolean;
  onChange: (patch: Partial<RuleDraft>) => void;
}

/** The unit of what is watched, also while the numbers are missing. */
function signOf(draft: RuleDraft): string {
  const complete = ruleOf({ ...draft, name: 'x', threshold: 0, clearAt: 0, forSeconds: 0, clearSeconds: 0 });
  const unit = complete ? unitOf(complete.condition) : null;
  return unit === null ? '' : unitSign(unit);
}

function secondsText(value: number | string): string {
  if (typeof value !== 'number') return ' ';
  return value === 0 ? 'At once' : durationWords(value);
}

export function RuleFields(props: RuleFieldsProps) {
  const { draft, problems, isDefault, onChange } = props;
  return (
    <>
      <Group gap={16} align="flex-start" wrap="nowrap">
        <TextInput
          label="Name"
          description="What an alert is called"
          withAsterisk
          required
          value={draft.name}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
          error={problems.name}
          maxLength={120}
          style={{ flex: 1 }}
          data-autofocus
        />
        <Select
          label="Severity"
          description="Routes it to channels"
          w={150}
          value={draft.severity}
          onChange={(value) => onChange({ severity: severities.find((one) => one === value) ?? draft.severity })}
          data={[...severities].reverse().map((value) => ({ value, label: severityWords[value] }))}
        />
        <Switch
          label="On"
          checked={draft.enabled}
          onChange={(event) => onChange({ enabled: event.currentTarget.checked })}
          mt={42}
        />
      </Group>
      <fieldset className={styles.group}>
        <legend>When it fires</legend>
        <Limits {...props} isDefault={isDefault} />
      </fieldset>
      <fieldset className={styles.group}>
        <legend>Where</legend>
        <Scope draft={draft} onChange={onChange} />
      </fieldset>
      <TextInput
        label="Runbook"
        description="Where the steps are written down: an address or a path; it stands on the alert's page"
        value={draft.runbook}
        onChange={(event) => onChange({ runbook: event.currentTarget.value })}
        maxLength={500}
        spellCheck={false}
      />
    </>
  );
}

function Limits({ draft, problems, isDefault, onChange }: RuleFieldsProps) {
  const sign = signOf(draft);
  const unit = sign === '' ? '' : ` (${sign})`;
  return (
    <>
      <Select
        label="What is watched"
        description={isDefault ? 'Fixed for a default; make a rule of your own to watch something else' : undefined}
        value={draft.watched}
        disabled={isDefault}
        searchable
        onChange={(value) => isWatched(value) && onChange({ watched: value })}
        data={watchedChoices.map(({ group, items }) => ({ group, items: [...items] }))}
      />
      {hasNumber(draft.watched) ? (
        <>
          <div>
            <Text size="sm" fw={500} mb={4} id="rule-side">
              It breaks the rule
            </Text>
            <SegmentedControl
              aria-labelledby="rule-side"
              value={draft.when}
              onChange={(value) => onChange({ when: value === 'below' ? 'below' : 'above' })}
              data={[
                { value: 'above', label: 'above the threshold' },
                { value: 'below', label: 'below the threshold' },
              ]}
            />
          </div>
          <div className={styles.limits}>
            <NumberInput
              label={`Threshold${unit}`}
              value={draft.threshold}
              onChange={(threshold) => onChange({ threshold })}
              error={problems.threshold}
            />
            <NumberInput
              label={`Over at${unit}`}
              value={draft.clearAt}
              onChange={(clearAt) => onChange({ clearAt })}
              error={problems.clearAt}
            />
          </div>
        </>
      ) : null}
      <div className={styles.limits}>
        <NumberInput
          label="For how long (s)"
          description={secondsText(draft.forSeconds)}
          value={draft.forSeconds}
          onChange={(forSeconds) => onChange({ forSeconds })}
          min={0}
          max={86_400}
          step={10}
          clampBehavior="none"
          error={problems.forSeconds}
        />
        <NumberInput
          label="Over after (s)"
          description={secondsText(draft.clearSeconds)}
          value={draft.clearSeconds}
          onChange={(clearSeconds) => onChange({ clearSeconds })}
          min={0}
          max={86_400}
          step={10}
          clampBehavior="none"
          error={problems.clearSeconds}
        />
      </div>
    </>
  );
}

function Scope({ draft, onChange }: Pick<RuleFieldsProps, 'draft' | 'onChange'>) {
  return (
    <>
      <div className={styles.limits}>
        <ScopeFields
          label="Deployments"
          connectionIds={draft.connectionIds}
          environments={draft.environments}
          onChange={onChange}
        />
      </div>
      {isOfMembers(draft.watched) ? (
        <TagsInput
          size="xs"
          label="Members"
          description="None: every one. As host:port, Enter after each"
          value={draft.hosts}
          onChange={(hosts) => onChange({ hosts: hosts.map((host) => host.trim()).filter((host) => host !== '') })}
        />
      ) : null}
    </>
  );
}
