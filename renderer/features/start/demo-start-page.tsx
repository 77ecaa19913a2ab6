import { Button, Group } from '@mantine/core';
import { ErrorPanel } from '../../components/error-panel';
import { JobProgress } from '../../components/job-progress';
import { Page, Section } from '../../components/page';
import { goTo, paths } from '../../navigation';
import { useApp } from '../../state/app-state';
import { useJob, useJobList } from '../../state/jobs';

/** While the demo comes up: what is really being done. */
export function DemoStartPage() {
  const demo = useApp((state) => state.demo);
  const startError = useApp((state) => state.error);
  const startDemo = useApp((state) => state.startDemo);
  const ownJobId = useApp((state) => state.demoJobId);
  const newestDemoJob = useJobList().find(({ kind }) => kind === 'demo');
  const job = useJob(ownJobId) ?? newestDemoJob ?? null;
  const error = startError ?? (job?.error ? null : (demo?.error ?? null));
  return (
    <Page
      title="Starting the demo"
      sentence="Three real mongods on this computer become a replica set with an online shop in it, and customers at work."
    >
      <div style={{ maxWidth: 720 }}>
        <Section title="Progress">
          {error ? (
            <ErrorPanel error={error} onRetry={() => void startDemo()} />
          ) : (
            <JobProgress job={job} awaiting="Starting three mongods" onRetry={() => void startDemo()} />
          )}
        </Section>
        <Group gap={8} mt={16}>
          <Button variant="default" onClick={() => goTo(paths.newConnection)}>
            Connect to MongoDB instead
          </Button>
          <Button variant="default" onClick={() => goTo(paths.settings)}>
            Settings
          </Button>
        </Group>
      </div>
    </Page>
  );
}
