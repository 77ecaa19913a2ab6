import type { ReactNode } from 'react';
import type { Connection } from '../../../shared/connections';
import { formatBytes } from '../../../shared/format';
import type { ReviewedIndex } from '../../../shared/indexes';
import { api, useAction } from '../../api';
import { announce } from '../../components/announcer';
import { ConfirmTyped } from '../../components/confirm-typed';

export type ChangeKind = 'hide' | 'unhide' | 'drop' | 'rebuild' | 'validate';

export interface Change {
  kind: ChangeKind;
  index: ReviewedIndex;
}

interface ChangeDialogProps {
  connection: Connection;
  change: Change | null;
  onClose: () => void;
  onDone: () => void;
}

const words: Record<ChangeKind, { title: string; label: string; done: string }> = {
  hide: { title: 'Hide this index?', label: 'Hide', done: 'hidden' },
  unhide: { title: 'Let it be used again?', label: 'Unhide', done: 'in use again' },
  drop: { title: 'Drop this index?', label: 'Drop', done: 'dropped' },
  rebuild: { title: 'Build this index anew?', label: 'Rebuild', done: 'being built anew' },
  validate: { title: 'Validate the collection?', label: 'Validate', done: 'being validated' },
};

/** Says what a change means, and asks for the connection's name where it is a production one. */
export function ChangeDialog({ connection, change, onClose, onDone }: ChangeDialogProps) {
  const action = useAction(async (typedName: string | null) => {
    if (!change) return;
    const { kind, index } = change;
    const target = { connectionId: connection.id, ns: index.ns, typedName };
    if (kind === 'validate') await api('indexes.validate', target);
    else if (kind === 'drop') {
      await api('indexes.drop', { ...target, name: index.name, unwatched: index.watched?.readyToDrop !== true });
    } else if (kind === 'rebuild') await api('indexes.rebuild', { ...target, name: index.name });
    else if (kind === 'hide') await api('indexes.hide', { ...target, name: index.name });
    else await api('indexes.unhide', { ...target, name: index.name });
    announce(`${kind === 'validate' ? index.ns : index.name} is ${words[kind].done}`);
    onClose();
    onDone();
  });
  const close = (): void => {
    action.clear();
    onClose();
  };
  const text = words[change?.kind ?? 'hide'];
  return (
    <ConfirmTyped
      opened={change !== null}
      onClose={close}
      title={text.title}
      expected={connection.environment === 'production' ? connection.name : null}
      expectedName="the connection's name"
      confirmLabel={text.label}
      busy={action.busy}
      error={action.error}
      onConfirm={(typed) => void action.run(typed)}
    >
      {change ? meaningOf(change) : null}
    </ConfirmTyped>
  );
}

function meaningOf({ kind, index }: Change): ReactNode {
  const name = (
    <>
      <code className="wrap-anywhere">{index.name}</code> of <code className="wrap-anywhere">{index.ns}</code>
    </>
  );
  switch (kind) {
    case 'hide':
      return (
        <p>
          No query uses {name} any more from now on; writes keep it up to date, so that it can be brought back at once.
          Watch for a week whether anything becomes slow, then drop it.
        </p>
      );
    case 'unhide':
      return <p>Queries may use {name} again, at once.</p>;
    case 'drop':
      return (
        <>
          <p>
            {name} goes{index.bytes === null ? '' : ` and frees ${formatBytes(index.bytes)}`}. What it was is kept in
            the audit; bringing it back means building it anew.
          </p>
          {index.watched?.readyToDrop ? null : (
            <p>
              <strong>It was not hidden and watched for a week before:</strong> whether something needs it is not known.
              Hiding it first can be taken back at once.
            </p>
          )}
        </>
      );
    case 'rebuild':
      return (
        <p>
          {name} is dropped and built again. Until it is built, queries do without it
          {index.options.unique ? ', and nothing keeps its values unique' : ''}.
        </p>
      );
    case 'validate':
      return (
        <p>
          The server reads all of <code className="wrap-anywhere">{index.ns}</code> and its indexes and checks that they
          agree. The collection is locked meanwhile: writes wait.
        </p>
      );
  }
}
