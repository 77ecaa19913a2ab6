import { Anchor } from '@mantine/core';
import { IconChevronLeft } from '@tabler/icons-react';
import { useEffect, useId, useRef, type ReactNode } from 'react';
import styles from './page.module.css';

interface PageProps {
  title: string;
  /** One sentence of state under the title. */
  sentence?: ReactNode;
  /** One primary action, at most a few more. */
  actions?: ReactNode;
  back?: { label: string; path: string };
  /** The page is as high as the window and scrolls inside. */
  fills?: boolean;
  /** The step of a wizard: another one is read from its beginning, as another page is. */
  step?: number;
  children: ReactNode;
}

let isFirstPage = true;

/** A page: names the window, moves the focus to its heading after a navigation. */
export function Page({ title, sentence, actions, back, fills = false, step, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – Lifeboat`;
  }, [title]);
  useEffect(() => {
    if (!isFirstPage) heading.current?.focus({ preventScroll: true });
    isFirstPage = false;
  }, [step]);
  return (
    <div className={fills ? `${styles.page} ${styles.fills}` : styles.page}>
      <header className={styles.head}>
        <div>
          {back ? (
            <Anchor href={`#${back.path}`} size="xs" style={{ display: 'inline-flex', alignItems: 'center', gap: 2 }}>
              <IconChevronLeft size={12} aria-hidden />
              {back.label}
            </Anchor>
          ) : null}
          <h1 ref={heading} tabIndex={-1} className={styles.title}>
            {title}
          </h1>
          {sentence ? <p className={styles.sentence}>{sentence}</p> : null}
        </div>
        {actions ? <div className={styles.actions}>{actions}</div> : null}
      </header>
      {children}
    </div>
  );
}

interface SectionProps {
  title: string;
  aside?: ReactNode;
  /** No padding around the content: for tables. */
  flush?: boolean;
  children: ReactNode;
}

export function Section({ title, aside, flush = false, children }: SectionProps) {
  const titleId = useId();
  return (
    <section className={styles.section} aria-labelledby={titleId}>
      <div className={styles.sectionHead}>
        <h2 id={titleId} className={styles.sectionTitle}>
          {title}
        </h2>
        {aside}
      </div>
      <div className={flush ? styles.flush : styles.sectionBody}>{children}</div>
    </section>
  );
}
