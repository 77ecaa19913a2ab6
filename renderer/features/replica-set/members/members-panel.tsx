import { DataTable } from '../../../components/data-table';
import { RowKeys } from '../../../components/row-keys';
import { goTo, paths } from '../../../navigation';
import type { DeploymentView } from '../deployment-view';
import { memberColumns, shardedMemberColumns } from './member-columns';

const rowHeight = 28;
const aroundRows = 88;
const highest = 600;

/** All members with all their numbers, each with the time of its sample. */
export function MembersPanel({ view }: { view: DeploymentView }) {
  const sharded = view.topology === 'sharded';
  return (
    <RowKeys>
      <DataTable
        key={String(sharded)}
        label={sharded ? 'Members of all sets' : 'Members'}
        columns={sharded ? shardedMemberColumns : memberColumns}
        rows={view.members}
        rowKey={({ host }) => host}
        height={Math.min(highest, view.members.length * rowHeight + aroundRows)}
        onOpen={({ host }) => goTo(paths.replicaSetMember(host))}
      />
    </RowKeys>
  );
}
