import { UnstyledButton } from '@mantine/core';
import { IconFileSearch, IconPlayerPlay, IconPlugConnected } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { api, useAction } from '../../api';
import { ErrorPanel } from '../../components/error-panel';
import { InterruptedRestores } from '../../components/interrupted-restores';
import { Page } from '../../components/page';
import { goTo, paths } from '../../navigation';
import { useReady } from '../../readiness';
import { useApp } from '../../state/app-state';
import { useJobs } from '../../state/jobs';
import styles from './doors-page.module.css';

/** First start: three ways in. */
export function DoorsPage() {
  const startDemo = useApp((state) => state.startDemo);
  useReady('Start', true);
  const open = useAction(async (folder: boolean) => {
    const path = await api('dialogs.choose-backup', { folder });
    if (path === null) return;
    const { jobId } = await api('backups.import', { path, storeId: null });
    useJobs.getState().showJob(jobId);
    goTo(paths.backups);
  });
  return (
    <Page
      title="Welcome to Lifeboat"
      sentence="Backups, restores with a preview and proof, for MongoDB. Three ways in:"
    >
      <InterruptedRestores />
      <div className={styles.doors}>
        <Door icon={<IconPlayerPlay size={28} aria-hidden />} title="Explore the demo" onClick={() => void startDemo()}>
          A replica set of three real mongods on this computer, with an online shop in it and customers at work. Nothing
          of yours is touched; it ends with Lifeboat.
        </Door>
        <Door
          icon={<IconPlugConnected size={28} aria-hidden />}
          title="Connect to MongoDB"
          onClick={() => goTo(paths.newConnection)}
        >
          Enter a connection string. Lifeboat tells whether it can be reached and what your user may do. Nothing is
          written to a server that you did not preview.
        </Door>
        <Door
          icon={<IconFileSearch size={28} aria-hidden />}
          title="Open a backup file"
          onClick={() => void open.run(false)}
        >
          An archive of mongodump, from anywhere, compressed or not. Look into it and compare it with a server without
          importing it first.
        </Door>
      </div>
      <p className="dimmed">
        The dump is a folder?{' '}
        <UnstyledButton className={styles.inline} onClick={() => void open.run(true)}>
          Open a dump folder
        </UnstyledButton>
      </p>
      {open.error ? <ErrorPanel error={open.error} /> : null}
    </Page>
  );
}

interface DoorProps {
  icon: ReactNode;
  title: string;
  onClick: () => void;
  children: ReactNode;
}

function Door({ icon, title, onClick, children }: DoorProps) {
  return (
    <button type="button" className={styles.door} onClick={onClick}>
      <span className={styles.icon}>{icon}</span>
      <span className={styles.title}>{title}</span>
      <span className="dimmed">{children}</span>
    </button>
  );
}
