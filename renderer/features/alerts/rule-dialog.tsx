import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { RuleEntry } from '../../../shared/incidents';
import { api, useAction } from '../../api';
import { announce } from '../../components/announcer';
import { ErrorPanel } from '../../components/error-panel';
import { useAlerts } from '../../state/alerts';
import { focusFirstProblem } from './focus-problem';
import { draftOf, newDraft, problemsOf, ruleOf, type RuleDraft } from './rule-draft';
import { RuleFields } from './rule-fields';
import { conditionWords } from './rule-words';
import { TrySection } from './try-section';
import styles from './alerts.module.css';

interface RuleDialogProps {
  /** Null: closed. */
  edited: RuleEntry | 'new' | null;
  takenIds: readonly string[];
  onClose: () => void;
}

/** One rule: what it watches, how it fires, where; tried against the past before it is kept. */
export function RuleDialog({ edited, takenIds, onClose }: RuleDialogProps) {
  const title = edited === 'new' ? 'New alert rule' : `Alert rule: ${edited?.rule.name ?? ''}`;
  return (
    <Modal opened={edited !== null} onClose={onClose} title={title} size="xl">
      {edited ? (
        <RuleForm
          key={edited === 'new' ? 'new' : edited.rule.id}
          edited={edited}
          takenIds={takenIds}
          onClose={onClose}
        />
      ) : null}
    </Modal>
  );
}

function RuleForm({ edited, takenIds, onClose }: RuleDialogProps & { edited: RuleEntry | 'new' }) {
  const [draft, setDraft] = useState<RuleDraft>(() => (edited === 'new' ? newDraft(takenIds) : draftOf(edited.rule)));
  /** A new rule is not scolded for what nobody has entered yet. */
  const [tried, setTried] = useState(edited !== 'new');
  const original = edited === 'new' ? null : edited.original;
  const problems = problemsOf(draft);
  const rule = ruleOf(draft);
  const save = useAction(async () => {
    if (!rule) return;
    await api('alerts.save-rule', rule);
    await useAlerts.getState().load();
    announce(`${rule.name} is saved`);
    onClose();
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (!rule) focusFirstProblem(event.currentTarget);
    else if (!save.busy) void save.run();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap={16}>
        <RuleFields
          draft={draft}
          problems={tried ? problems : {}}
          isDefault={original !== null}
          onChange={(patch) => setDraft((before) => ({ ...before, ...patch }))}
        />
        <Text size="sm" role="note" aria-label="The rule in words" className="wrap-anywhere">
          {rule ? `Fires when ${conditionWords(rule)}.` : 'Not a whole rule yet.'}
        </Text>
        <fieldset className={styles.group}>
          <legend>Try it</legend>
          <TrySection rule={rule} />
        </fieldset>
        {save.error ? <ErrorPanel error={save.error} /> : null}
        <Group justify="space-between" gap={8} className={styles.footer ?? ''}>
          <span>
            {original ? (
              <Button variant="subtle" color="gray" onClick={() => setDraft(draftOf(original))}>
                Fill in the default
              </Button>
            ) : null}
          </span>
          <Group gap={8}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.busy}>
              Save
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
