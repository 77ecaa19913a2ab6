import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';

const rowLinks = '[role="row"] a[href], [role="row"] button[data-row]';

/**
 * Arrow keys move between the rows of the table inside, by the first link of each; Enter opens it as any link. On the
 * way back, `returnTo` (the address of the row that was left) has the focus again.
 */
export function RowKeys({ returnTo, children }: { returnTo?: string | null; children: ReactNode }) {
  const frame = useRef<HTMLDivElement>(null);
  const returned = useRef(false);
  useEffect(() => {
    if (returned.current || !returnTo) return;
    const link = linksIn(frame.current).find((one) => one.getAttribute('href') === returnTo);
    if (!link) return;
    returned.current = true;
    link.focus();
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const target = event.target as Element;
    const isScroll = target.getAttribute('role') === 'region';
    const isLink = target.matches(rowLinks);
    if (!isScroll && !isLink) return;
    const links = linksIn(frame.current);
    const now = links.findIndex((link) => link === target);
    const next = isScroll ? links[0] : links[now + (event.key === 'ArrowDown' ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <div ref={frame} onKeyDown={onKeyDown} style={{ display: 'flex', flex: 1, flexDirection: 'column', minHeight: 0 }}>
      {children}
    </div>
  );
}

/** One a row, from above to below. */
function linksIn(frame: HTMLElement | null): HTMLElement[] {
  const rows = [...(frame?.querySelectorAll('[role="row"]') ?? [])];
  return rows
    .sort((left, right) => Number(left.getAttribute('aria-rowindex')) - Number(right.getAttribute('aria-rowindex')))
    .flatMap((row) => {
      const link = row.querySelector<HTMLElement>('a[href], button[data-row]');
      return link ? [link] : [];
    });
}
