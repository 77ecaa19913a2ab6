import { useMemo } from 'react';
import { formatCount } from '../../../../shared/format';
import { DataTable } from '../../../components/data-table';
import { ErrorPanel } from '../../../components/error-panel';
import { Notice } from '../../../components/notice';
import { Waiting } from '../../../components/waiting';
import { goTo, paths } from '../../../navigation';
import { useSlowQueries } from '../slow-queries-store';
import type { CaptureView } from '../timeline/use-capture-view';
import { RowKeys } from '../../../components/row-keys';
import { shapeColumns } from './shape-columns';
import type { AllShapes } from './use-all-shapes';

/** The shapes of what is selected, by any metric. */
export function ShapesTab({ view, all }: { view: CaptureView; all: AllShapes }) {
  const { id } = view.capture;
  const columns = useMemo(() => shapeColumns(id), [id]);
  const openedShape = useSlowQueries((state) => state.openedShape);
  const { shapes, total, error } = all;
  if (error && !shapes) return <ErrorPanel error={error} />;
  if (!shapes) return <Waiting for="Grouping the operations by shape" />;
  return (
    <RowKeys returnTo={openedShape ? `#${paths.queryShape(id, openedShape)}` : null}>
      {total > shapes.length ? (
        <Notice kind="info">
          The {formatCount(shapes.length)} shapes with the most time of {formatCount(total)}: narrow the filter for the
          others.
        </Notice>
      ) : null}
      <DataTable
        label="Shapes"
        columns={columns}
        rows={shapes}
        rowKey={(row) => row.id}
        initialSort={{ id: 'totalMs', desc: true }}
        onOpen={(row) => goTo(paths.queryShape(id, row.id))}
        nothing="No operation passes the filters above."
      />
    </RowKeys>
  );
}
