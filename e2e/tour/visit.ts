import type { Locator } from '@playwright/test';

export interface Look {
  /** What is to be seen: scrolled to before anything is done. */
  at?: Locator;
  /** A dialog, a menu or another part of a page that has a picture of its own already: one size is enough of it. */
  isDetail?: true;
}

/** Called where a page stands still and shows its data. */
export type Visit = (name: string, look?: Look) => Promise<void>;
