import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useEffect } from 'react';
import { formatQuantity } from '../../../../shared/format';
import type { Preview } from '../../../../shared/restore';
import { useAction, useRequest } from '../../../api';
import { Notice } from '../../../components/notice';
import { Age } from '../../../components/timestamp';
import { useRestore } from '../restore-store';

/** The oplog is read for it: often enough to be told, seldom enough not to be felt. */
const askEveryMs = 20_000;
const listed = 5;

/** Says when somebody wrote to what the preview shows: its numbers are old then. */
export function WrittenSince({ preview }: { preview: Preview }) {
  const mode = useRestore((state) => state.mode);
  const refreshPreview = useRestore((state) => state.refreshPreview);
  const refresh = useAction(refreshPreview);
  const { id, undoOf, createdAt } = preview;
  // A clone goes where nothing is, and what an undo would put back is checked document by document.
  const matters = mode !== 'clone' && undoOf === null;
  const { data, reload } = useRequest('restore.written-since', { previewId: id }, { enabled: matters });
  const isOld = (data?.namespaces.length ?? 0) > 0;
  useEffect(() => {
    if (!matters || isOld) return;
    const timer = window.setInterval(reload, askEveryMs);
    window.addEventListener('focus', reload);
    return () => {
      window.clearInterval(timer);
      window.removeEventListener('focus', reload);
    };
  }, [matters, isOld, reload]);
  if (!matters || !data) return null;
  if (data.unknown !== null) {
    return <span className="dimmed">Whether anybody wrote since the preview is not known: {data.unknown}.</span>;
  }
  if (!isOld) return null;
  const { namespaces } = data;
  const names = namespaces
    .slice(0, listed)
    .map(
      ({ ns, documents, reason }) => `${ns}: ${documents === null ? reason : formatQuantity(documents, 'document')}`,
    );
  return (
    <Notice
      kind="warning"
      title="The preview is stale: somebody wrote since"
      action={
        <Button
          leftSection={<IconRefresh size={14} aria-hidden />}
          loading={refresh.busy}
          onClick={() => void refresh.run()}
        >
          Refresh the preview
        </Button>
      }
    >
      Since it was read (<Age value={createdAt} />
      ): {names.join(' · ')}
      {namespaces.length > listed
        ? ` · and ${formatQuantity(namespaces.length - listed, 'more collection')}`
        : ''}.{' '}
      {mode === 'drop'
        ? 'Drop is refused until the preview is refreshed.'
        : 'Applied as it is, the restore leaves alone what changed and lists it as conflicts. A refresh shows the numbers of now.'}
    </Notice>
  );
}
