/** Reports of operations into files. Nothing is decided here. */
import type { RequestHandlers } from '../../shared/contract';
import type { Services } from '../app';
import { writeOutcomeReport } from '../operations/reports/outcome-report';

export interface OperationReportHandlerDependencies {
  services: Services;
  chooseNew(defaultPath: string): Promise<string | null>;
}

export function createOperationReportHandlers({
  services,
  chooseNew,
}: OperationReportHandlerDependencies): Pick<RequestHandlers, 'operation-reports.save'> {
  return {
    'operation-reports.save': async ({ id, format }) => {
      const outcome = await services.operations.outcome(id);
      const path = await chooseNew(`lifeboat-${outcome.kind}.${format}`);
      if (path === null) return null;
      await writeOutcomeReport(outcome, format, path);
      return { path };
    },
  };
}
