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

const sentences: Record<number, string> = {
  [stepOf.apply]: 'Nothing is written until you press Apply.',
  [stepOf.proof]: 'What was written, and the comparison that was made again afterwards.',
};

interface RestorePageProps {
  /** Chooses this backup and goes to the target. */
  from?: string | null;
  /** The connection to compare `from` with at once: each difference as an exact restore would take it away. */
  compareWith?: string | null;
}

/** Backup → target → preview → apply → proof. */
export function RestorePage({ from = null, compareWith = null }: RestorePageProps) {
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
    if (compareWith !== null) {
      useRestore.getState().changeTarget({ connectionId: compareWith, namespaces: null, renames: [], member: null });
      useRestore.getState().setMode('exact');
      void useRestore.getState().startPreview();
    }
    goTo(paths.restore);
  }, [from, compareWith, chooseBackup]);
  const applied = applyJobId !== null;
  return (
    <Page
      title="Restore"
      step={step}
      fills={step === stepOf.backup || step === stepOf.target}
      sentence={sentences[step] ?? 'Nothing is written before you have seen what would change.'}
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
