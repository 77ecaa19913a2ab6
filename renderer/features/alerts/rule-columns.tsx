import { ActionIcon, Anchor, Badge, Switch, Tooltip } from '@mantine/core';
import { IconHistory, IconRestore, IconTrash } from '@tabler/icons-react';
import type { AlertRule } from '../../../shared/alerts';
import type { RuleEntry } from '../../../shared/incidents';
import { SeverityMark, severityOrder, severityWords } from '../../components/severity-mark';
import type { Column } from '../../components/table-model';
import { paths } from '../../navigation';
import { changesOf, conditionWords, scopeWords } from './rule-words';

interface RuleActions {
  nameOf: (connectionId: string) => string;
  onToggle: (rule: AlertRule) => void;
  onTry: (rule: AlertRule) => void;
  onUndo: (entry: RuleEntry) => void;
}

function changedText(entry: RuleEntry): string | null {
  if (!entry.original) return 'own';
  const changes = changesOf(entry);
  return changes.length === 0 ? null : `changed: ${changes.join(', ')}`;
}

function ChangedMark({ entry }: { entry: RuleEntry }) {
  const text = changedText(entry);
  if (text === null) return <span className="dimmed">–</span>;
  return (
    <Tooltip label={entry.original ? text : 'A rule of your own'}>
      <Badge tt="none" tabIndex={0}>
        {entry.original ? 'changed' : 'own'}
      </Badge>
    </Tooltip>
  );
}

export function ruleColumns({ nameOf, onToggle, onTry, onUndo }: RuleActions): Column<RuleEntry>[] {
  return [
    {
      id: 'enabled',
      header: 'On',
      width: 60,
      value: ({ rule }) => (rule.enabled ? 'on' : 'off'),
      cell: ({ rule }) => (
        <Switch
          aria-label={`On: ${rule.name}`}
          checked={rule.enabled}
          onChange={() => onToggle(rule)}
          style={{ display: 'inline-flex', verticalAlign: 'middle' }}
        />
      ),
    },
    {
      id: 'severity',
      header: 'Severity',
      width: 100,
      value: ({ rule }) => severityWords[rule.severity],
      order: ({ rule }) => severityOrder(rule.severity),
      cell: ({ rule }) => <SeverityMark severity={rule.severity} />,
    },
    {
      id: 'name',
      header: 'Rule',
      width: 170,
      grow: 2,
      value: ({ rule }) => rule.name,
      cell: ({ rule }) => (
        <Anchor href={`#${paths.alertRule(rule.id)}`} size="sm" className="clip" title={rule.name}>
          {rule.name}
        </Anchor>
      ),
    },
    {
      id: 'condition',
      header: 'Fires when',
      width: 260,
      grow: 4,
      value: ({ rule }) => conditionWords(rule),
      cell: ({ rule }) => (
        <span className={rule.enabled ? undefined : 'dimmed'} title={conditionWords(rule)}>
          {conditionWords(rule)}
        </span>
      ),
    },
    {
      id: 'scope',
      header: 'Where',
      width: 100,
      grow: 1,
      value: ({ rule }) => scopeWords(rule.scope, nameOf),
    },
    {
      id: 'changed',
      header: 'Changed',
      width: 95,
      value: changedText,
      cell: (entry) => <ChangedMark entry={entry} />,
    },
    {
      id: 'actions',
      header: 'Do',
      width: 80,
      value: () => null,
      cell: (entry) => <RowActions entry={entry} onTry={onTry} onUndo={onUndo} />,
    },
  ];
}

function RowActions({ entry, onTry, onUndo }: { entry: RuleEntry } & Pick<RuleActions, 'onTry' | 'onUndo'>) {
  const { rule, original } = entry;
  const undone = original ? 'Reset to the default' : 'Delete';
  return (
    <span style={{ display: 'inline-flex', gap: 4 }}>
      <Tooltip label="Try against history">
        <ActionIcon size={24} aria-label={`Try against history: ${rule.name}`} onClick={() => onTry(rule)}>
          <IconHistory size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      {original && changesOf(entry).length === 0 ? null : (
        <Tooltip label={undone}>
          <ActionIcon size={24} aria-label={`${undone}: ${rule.name}`} onClick={() => onUndo(entry)}>
            {original ? <IconRestore size={16} aria-hidden /> : <IconTrash size={16} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      )}
    </span>
  );
}
