import { Button } from '@mantine/core';
import { useEffect } from 'react';
import { ActionBar } from '../../../components/action-bar';
import { Page } from '../../../components/page';
import { Steps } from '../../../components/steps';
import { Waiting } from '../../../components/waiting';
import { paths } from '../../../navigation';
import { useReady } from '../../../readiness';
import { useApp } from '../../../state/app-state';
import { useConnection, useConnections } from '../../../state/connections';
import { scopeProblem, scopeText } from './backup-draft';
import { ConnectionStep } from './connection-step';
import { OptionsStep } from './options-step';
import { ResultStep } from './result-step';
import { ReviewStep } from './review-step';
import { ScopeStep } from './scope-step';
import { useBackupWizard, wizardSteps } from './wizard-store';

const lastInputStep = 2;
const resultStep = wizardSteps.length - 1;

/** Connection → scope → options → review with estimate and exact command → result. */
export function BackupWizardPage() {
  const { step, reached, draft, jobId, goToStep, change } = useBackupWizard();
  const settings = useApp((state) => state.settings);
  const connection = useConnection(draft.connectionId);
  const currentId = useConnections((state) => state.currentId);
  useReady('Back up', settings !== null);
  // The connection the window looks at is the one that is meant, until another is chosen.
  const preselected = draft.connectionId === null ? currentId : null;
  useEffect(() => {
    if (preselected !== null) change({ connectionId: preselected });
  }, [preselected, change]);

  const problem = step === 0 ? (connection ? null : 'Choose a connection.') : step === 1 ? scopeProblem(draft) : null;
  return (
    <Page
      title="Back up"
      fills={step < 2}
      step={step}
      back={{ label: 'Backups', path: paths.backups }}
      sentence={
        step > 0 && connection
          ? `${connection.name}: ${scopeText(draft)}`
          : 'One archive that plain mongorestore reads, verified as soon as it is made.'
      }
    >
      <Steps
        label="Steps of the backup"
        steps={wizardSteps}
        current={step}
        reachable={jobId === null ? Math.min(reached, resultStep - 1) : step === resultStep ? -1 : reached}
        onStep={goToStep}
      />
      {!settings ? <Waiting for="Reading the settings" /> : null}
      {settings && step === 0 ? <ConnectionStep /> : null}
      {settings && step === 1 && draft.connectionId !== null ? <ScopeStep connectionId={draft.connectionId} /> : null}
      {settings && step === 2 ? <OptionsStep settings={settings} /> : null}
      {settings && step === 3 ? <ReviewStep settings={settings} /> : null}
      {settings && step === resultStep ? <ResultStep /> : null}
      {step <= lastInputStep ? (
        <ActionBar said={problem !== null && step > 0 ? <span className="dimmed">{problem}</span> : null}>
          {step > 0 ? (
            <Button variant="default" onClick={() => goToStep(step - 1)}>
              Back
            </Button>
          ) : null}
          <Button disabled={problem !== null} onClick={() => goToStep(step + 1)}>
            Continue
          </Button>
        </ActionBar>
      ) : null}
    </Page>
  );
}
