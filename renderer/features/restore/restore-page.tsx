import { Button } from '@mantine/core';
import { IconHistory, IconPlus } from '@tabler/icons-react';
import { useEffect } from 'react';
import { Page } from '../../components/page';
import { Steps } from '../../components/steps';
import { goTo, paths } from '../../navigation';
import { useReady } from '../../readiness';
import { useCatalogue } from '../../state/catalogue';
import { ApplyStep } from './apply-step';
import { BackupStep } from './backup-step';
import { InterruptedRestores } from '../../components/interrupted-restores';
import { PreviewStep } from './preview/preview-step';
import { ProofStep } from './proof-step';
import { restoreSteps, stepOf, useRestore } from './restore-store';
import { TargetStep } from './target-step';

/** Backup → target → preview → apply → proof. `from` chooses the backup and goes to the target. */
export function RestorePage({ from = null }: { from?: string | null }) {
  const { step, reached, applyJobId, goToStep, chooseBackup, restart } = useRestore();
  const loaded = useCatalogue((state) => state.entries !== null);
  useReady('Restore', loaded);
  useEffect(() => {
    if (from === null) return;
    const state = useRestore.getState();
    // A restore that was applied is over: another begins.
    if (state.applyJobId !== null) state.restart();
    chooseBackup(from);
    useRestore.getState().goToStep(stepOf.target);
    goTo(paths.restore);
  }, [from, chooseBackup]);
  const applied = applyJobId !== null;
  return (
    <Page
      title="Restore"
      step={step}
      fills={step === stepOf.backup || step === stepOf.target}
      sentence="Nothing is written before you have seen what would change."
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconHistory size={14} aria-hidden />}
            onClick={() => goTo(paths.restoreHistory)}
          >
            History
          </Button>
          {step > 0 ? (
            <Button variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={restart}>
              Another restore
            </Button>
          ) : null}
        </>
      }
    >
      <InterruptedRestores />
      <Steps
        label="Steps of the restore"
        steps={restoreSteps}
        current={step}
        reachable={applied ? -1 : reached}
        onStep={goToStep}
      />
      {step === stepOf.backup ? <BackupStep /> : null}
      {step === stepOf.target ? <TargetStep /> : null}
      {step === stepOf.preview ? <PreviewStep /> : null}
      {step === stepOf.apply ? <ApplyStep /> : null}
      {step === stepOf.proof ? <ProofStep /> : null}
    </Page>
  );
}
