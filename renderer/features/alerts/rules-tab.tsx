import { Select } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { AlertRule } from '../../../shared/alerts';
import type { RuleEntry } from '../../../shared/incidents';
import { api, useAction } from '../../api';
import { announce } from '../../components/announcer';
import { ConfirmTyped } from '../../components/confirm-typed';
import { DataTable } from '../../components/data-table';
import { ErrorPanel } from '../../components/error-panel';
import { RowKeys } from '../../components/row-keys';
import { goTo, paths } from '../../navigation';
import { useAlerts } from '../../state/alerts';
import { useConnectionNames } from './connection-names';
import { ruleColumns } from './rule-columns';
import { RuleDialog } from './rule-dialog';
import { changesOf, conditionWords } from './rule-words';
import { TryDialog } from './try-dialog';

const kinds = [
  { value: 'all', label: 'All rules' },
  { value: 'changed', label: 'Changed from the default' },
  { value: 'own', label: 'Of your own' },
  { value: 'off', label: 'Switched off' },
] as const;
type Kind = (typeof kinds)[number]['value'];

function isOfKind(entry: RuleEntry, kind: Kind): boolean {
  switch (kind) {
    case 'all':
      return true;
    case 'changed':
      return changesOf(entry).length > 0;
    case 'own':
      return entry.original === null;
    case 'off':
      return !entry.rule.enabled;
  }
}

interface RulesTabProps {
  entries: readonly RuleEntry[];
  /** The rule in the dialog; `new`: one of the user's own; null: none. */
  openId: string | null;
}

/** Every rule in words: what it watches, where, how grave, and what was changed of it. */
export function RulesTab({ entries, openId }: RulesTabProps) {
  const nameOf = useConnectionNames();
  const [kind, setKind] = useState<Kind>('all');
  const [tried, setTried] = useState<AlertRule | null>(null);
  const [undone, setUndone] = useState<RuleEntry | null>(null);
  const toggle = useAction(async (rule: AlertRule) => {
    await api('alerts.save-rule', { ...rule, enabled: !rule.enabled });
    await useAlerts.getState().load();
    announce(`${rule.name} is switched ${rule.enabled ? 'off' : 'on'}`);
  });
  const { run } = toggle;
  const columns = useMemo(
    () => ruleColumns({ nameOf, onToggle: (rule) => void run(rule), onTry: setTried, onUndo: setUndone }),
    [nameOf, run],
  );
  const rows = useMemo(() => entries.filter((entry) => isOfKind(entry, kind)), [entries, kind]);
  const opened = entries.find(({ rule }) => rule.id === openId) ?? null;
  return (
    <RowKeys>
      {toggle.error ? <ErrorPanel error={toggle.error} /> : null}
      <DataTable
        label="Alert rules"
        columns={columns}
        rows={rows}
        rowKey={({ rule }) => rule.id}
        onOpen={({ rule }) => goTo(paths.alertRule(rule.id))}
        nothing="No rule passes the filter."
        filters={
          <Select
            aria-label="Which rules"
            w={210}
            value={kind}
            onChange={(value) => setKind(kinds.find((one) => one.value === value)?.value ?? 'all')}
            data={kinds.map(({ value, label }) => ({ value, label }))}
          />
        }
      />
      <RuleDialog
        edited={openId === 'new' ? 'new' : opened}
        takenIds={entries.map(({ rule }) => rule.id)}
        onClose={() => goTo(paths.alertRules)}
      />
      <TryDialog rule={tried} onClose={() => setTried(null)} />
      <UndoDialog entry={undone} onClose={() => setUndone(null)} />
    </RowKeys>
  );
}

/** Back to the default, or away with a rule of the user's own. */
function UndoDialog({ entry, onClose }: { entry: RuleEntry | null; onClose: () => void }) {
  const original = entry?.original ?? null;
  const undo = useAction(async () => {
    if (!entry) return;
    await api('alerts.reset-rule', { id: entry.rule.id });
    await useAlerts.getState().load();
    announce(original ? `${original.name} is as it was` : `${entry.rule.name} is deleted`);
    onClose();
  });
  const close = () => {
    undo.clear();
    onClose();
  };
  return (
    <ConfirmTyped
      opened={entry !== null}
      onClose={close}
      title={original ? 'Reset this rule to its default?' : 'Delete this rule?'}
      expected={null}
      expectedName=""
      confirmLabel={original ? 'Reset' : 'Delete'}
      busy={undo.busy}
      error={undo.error}
      onConfirm={() => void undo.run()}
    >
      {original ? (
        <p className="wrap-anywhere">
          {original.name}: {conditionWords(original)}, everywhere.
        </p>
      ) : (
        <p className="wrap-anywhere">
          {entry?.rule.name ?? ''} watches nothing any more. What it has open is over with the next sample; past alerts
          stay.
        </p>
      )}
    </ConfirmTyped>
  );
}
