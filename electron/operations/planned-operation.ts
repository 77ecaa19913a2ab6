/** What each kind of operation is made of: a preview, and the steps that carry it out. */
import type { FailoverReport, Operation, OperationKind, OperationPreview } from '../../shared/operations';
import type { Need } from '../connections/privileges';
import type { ConfigurationChange } from './configuration';
import type { SetAccess } from './set-access';
import type { SetState } from './set-state';

export type Remark = OperationPreview['remarks'][number];

/** What a step that is being carried out may use. */
export interface OperationRun {
  readonly access: SetAccess;
  readonly signal: AbortSignal;
  /** What is being done now. */
  report(phase: string, progress?: { bytesDone: number; bytesTotal: number | null }): void;
  log(line: string): void;
  /** Makes the success one with warnings. */
  warn(message: string): void;
  keepFailover(report: FailoverReport): void;
}

export interface PlannedStep {
  /** What is done: "Ask db1:27017 to step down for 60 seconds". */
  text: string;
  /** May answer what came of it, which is told instead of `text`. What it throws ends the operation. */
  work(run: OperationRun): Promise<string | void>;
}

export interface PlannedOperation {
  title: string;
  /** For the preview, one sentence each. */
  steps: string[];
  /** The first 'refused' one is why it cannot be started. */
  remarks: Remark[];
  changes: ConfigurationChange[];
  electable: OperationPreview['electable'];
  commands: string[];
  needs: Need[];
  carryOut: PlannedStep[];
  /** Carried out at the end in any case, also after a failure or when cancelled. */
  afterwards?: PlannedStep;
  /** One sentence, once all steps are done: what is so now. */
  done(): string;
  /** What to look at when Lifeboat ended in the middle, one sentence. */
  ifInterrupted: string;
}

export type OperationOf<Kind extends OperationKind> = Extract<Operation, { kind: Kind }>;

export interface PlanInput<Kind extends OperationKind> {
  access: SetAccess;
  /** With lags. */
  state: SetState;
  operation: OperationOf<Kind>;
}

export function note(text: string): Remark {
  return { kind: 'note', text };
}

export function warning(text: string): Remark {
  return { kind: 'warning', text };
}

export function refused(text: string): Remark {
  return { kind: 'refused', text };
}

export const stateChangeNeeds: Need[] = [
  { actions: ['replSetGetStatus', 'replSetGetConfig', 'replSetStateChange'], on: 'cluster', words: 'the cluster' },
];

export const configurationNeeds: Need[] = [
  { actions: ['replSetGetStatus', 'replSetGetConfig', 'replSetConfigure'], on: 'cluster', words: 'the cluster' },
];
