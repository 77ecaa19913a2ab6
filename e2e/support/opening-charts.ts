/** How long the charts take to open, and how long the browser alone takes to show the same page. */
import { expect, type Page } from '@playwright/test';

export interface Opening {
  /** In sight and drawn. */
  charts: number;
  /** From the change of the address until all charts in sight are drawn. */
  milliseconds: number;
  /** Of a copy of the very page that was opened: no React, no history, no chart library. */
  bareMilliseconds: number;
}

/** Leaves the settings for the charts of the chosen connection. Gives up after `limitMs`, with what was drawn until then. */
export async function openCharts(window: Page, limitMs: number): Promise<Opening> {
  await window.evaluate(() => {
    location.hash = '#/settings';
  });
  await expect(window.locator('section[data-ready]')).toHaveCount(0);
  await expect(window.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  return window.evaluate(async (limit) => {
    const frame = () => new Promise(requestAnimationFrame);
    const drawnCharts = () => {
      const charts = [...document.querySelectorAll('section[data-ready]')].filter((section) => {
        const box = section.getBoundingClientRect();
        return box.top < innerHeight && box.bottom > 0;
      });
      const drawn = charts.filter(
        (section) =>
          section.getAttribute('data-ready') === 'true' &&
          section.querySelector('.recharts-curve, [data-grade]') !== null,
      );
      return charts.length > 2 && drawn.length === charts.length ? drawn.length : 0;
    };
    const began = performance.now();
    location.hash = '#/replica-set';
    while (drawnCharts() === 0 && performance.now() - began < limit) await frame();
    const milliseconds = performance.now() - began;
    const charts = drawnCharts();
    const page = document.querySelector('main');
    if (!page) throw new Error('There is no page.');
    await frame();
    const beganBare = performance.now();
    const copy = page.cloneNode(true) as HTMLElement;
    page.after(copy);
    copy.getBoundingClientRect();
    await frame();
    const bareMilliseconds = performance.now() - beganBare;
    copy.remove();
    return { charts, milliseconds, bareMilliseconds };
  }, limitMs);
}
