/** Searches pages for accessibility faults. */
import axe from 'axe-core';
import { expect, type Page } from '@playwright/test';
import type { Visit } from '../tour/visit';

const grave = new Set(['serious', 'critical']);
const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds on the page as it stands; with `onlyColours`, among the rules that another theme can break. */
async function inspect(window: Page, onlyColours: boolean): Promise<axe.Result[]> {
  // The policy of the page keeps scripts out, but not what the test evaluates in it; it stays until the page is left.
  const isThere = await window.evaluate(() => 'axe' in globalThis);
  if (!isThere) await window.evaluate(axe.source);
  return window.evaluate(
    async (runOnly) => {
      const { axe: injected } = globalThis as unknown as { axe: typeof axe };
      const { violations } = await injected.run(document, { runOnly, resultTypes: ['violations'] });
      return violations;
    },
    onlyColours ? { type: 'rule' as const, values: ['color-contrast'] } : { type: 'tag' as const, values: standards },
  );
}

function isGrave({ impact }: axe.Result): boolean {
  return grave.has(impact ?? '');
}

/** What is grave, and still so once the page has come to rest: colours on their way from one theme to the other are not. */
async function lastingFaults(window: Page, onlyColours: boolean): Promise<axe.Result[]> {
  const found = (await inspect(window, onlyColours)).filter(isGrave);
  if (found.length === 0) return found;
  await window.evaluate(() => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    return Promise.allSettled(ending.map(({ finished }) => finished)).then(() => undefined);
  });
  return (await inspect(window, onlyColours)).filter(isGrave);
}

/** Tables that would have to be scrolled sideways, at the smallest size of window the pages are made for. */
function sidewaysTables(window: Page): Promise<string[]> {
  return window.evaluate(() =>
    [...document.querySelectorAll('main, [role="region"]:has(> [role="table"])')]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map((element) => `${element.getAttribute('aria-label') ?? 'the page'} scrolls sideways`),
  );
}

/** Searches each page in both themes, and collects what is serious or critical. */
export function inspector(window: Page, found: string[]): Visit {
  return async (name) => {
    for (const fault of await sidewaysTables(window)) found.push(`${name}: ${fault}`);
    for (const theme of ['dark', 'light'] as const) {
      await window.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await expect(window.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme);
      for (const { id, help, nodes } of await lastingFaults(window, theme === 'light')) {
        for (const node of nodes)
          found.push(`${name} (${theme}) ${id}: ${help}: ${node.target.join(' ')} ${node.html}`);
      }
    }
  };
}
