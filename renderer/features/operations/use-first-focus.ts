import { useEffect, type RefObject } from 'react';

const fields = 'input:not([type="hidden"]):not(:disabled), textarea:not(:disabled)';

/**
 * What is shown in a dialog after it opened gets the focus itself: what asks for it, else the first field. `shown` tells one
 * content from the next.
 */
export function useFirstFocus(content: RefObject<HTMLElement | null>, shown: string): void {
  useEffect(() => {
    const visible = (element: HTMLElement): boolean => element.closest('[hidden]') === null;
    const find = (selector: string): HTMLElement | undefined =>
      [...(content.current?.querySelectorAll<HTMLElement>(selector) ?? [])].find(visible);
    (find('[data-autofocus]') ?? find(fields))?.focus();
  }, [content, shown]);
}
