/** Slow queries on the demo, from the empty page to a proven index. */
import { expect } from '@playwright/test';
import type { LifeboatApplication } from '../fixtures';
import { Frame } from '../pages/frame';
import { SlowQueriesPage } from '../pages/slow-queries-page';
import { plantData, planted, runWorkload } from '../slow-workload';
import type { Visit } from './visit';

const rounds = 12;

/** To be called with the demo running and its workload paused. */
export async function tourSlowQueries(lifeboat: LifeboatApplication, visit: Visit): Promise<void> {
  const { window } = lifeboat;
  const frame = new Frame(window);
  const page = new SlowQueriesPage(window);
  const [demo] = (await lifeboat.request('connections.list')).filter(({ sandboxId }) => sandboxId !== null);
  const uri = demo?.uri ?? '';
  await plantData(uri);
  await frame.open('Slow queries');
  await expect(window.getByText('Find out what is slow')).toBeVisible();
  await visit('slow-queries-empty', { isDetail: true });

  await window.getByRole('button', { name: 'Profile…' }).click();
  await expect(window.getByRole('note').filter({ hasText: 'What it costs' })).toBeVisible();
  await visit('slow-queries-profile', { isDetail: true });
  await window.keyboard.press('Escape');
  await expect(window.getByRole('dialog')).toBeHidden();
  await page.profile({ databases: ['shop', planted.database], minutes: 10, slowms: 0 });
  await lifeboat.request('demo.set-workload', { running: true });
  await runWorkload(uri, rounds);
  await lifeboat.request('demo.set-workload', { running: false });
  await expect(page.shape(planted.regex)).toHaveCount(1);
  await page.stopGathering();
  await expect(page.profiler).toContainText('Profiler off');
  await visit('slow-queries');
  await tourViews(page, visit);

  await page.openTab('Shapes');
  await page.openShape(planted.missingIndex);
  await expect(window.getByRole('table', { name: 'Indexes of the collection' })).toBeVisible();
  await visit('query-shape');
  await page.explain();
  await visit('query-shape-explained', { at: page.plan, isDetail: true });
  await page.suggestIndex();
  await page.tryFirst();
  await visit('query-shape-tried', { at: page.advice, isDetail: true });
  await page.back();
}

async function tourViews(page: SlowQueriesPage, visit: Visit): Promise<void> {
  const { window } = page;
  await window.getByText('Heat map', { exact: true }).click();
  await expect(page.timeline.getByRole('application')).toBeVisible();
  await visit('slow-queries-heat-map', { isDetail: true });
  await window.getByText('Dots', { exact: true }).click();

  await page.openTab('COLLSCAN');
  await expect(window.getByRole('table', { name: 'COLLSCANs an index may help' })).toBeVisible();
  await visit('slow-queries-collscan', { isDetail: true });
  await page.openTab('Slowest');
  await window.getByRole('table', { name: 'Operations' }).getByRole('button', { name: /find/ }).first().click();
  await expect(window.getByRole('dialog')).toBeVisible();
  await visit('slow-queries-operation', { isDetail: true });
  await window.keyboard.press('Escape');
  await expect(window.getByRole('dialog')).toBeHidden();
  await page.openTab('Live operations');
  await window.getByRole('combobox', { name: 'Refresh' }).click();
  await window.getByRole('option', { name: 'Refresh by hand' }).click();
  await expect(window.getByRole('table', { name: 'Live operations' })).toBeVisible();
  await visit('slow-queries-live', { isDetail: true });
  await page.openTab('Compare');
  await expect(window.getByRole('table', { name: 'Compared shapes' })).toBeVisible();
  await visit('slow-queries-compare', { isDetail: true });
  await window.getByRole('button', { name: 'Export a report…' }).click();
  await expect(window.getByRole('dialog', { name: 'Export a report' })).toBeVisible();
  await visit('slow-queries-report', { isDetail: true });
  await window.keyboard.press('Escape');
  await expect(window.getByRole('dialog')).toBeHidden();
  await window.getByRole('button', { name: 'Profilers…' }).click();
  await expect(window.getByRole('dialog', { name: 'Profilers of the deployment' })).toBeVisible();
  await visit('slow-queries-profilers', { isDetail: true });
  await window.keyboard.press('Escape');
  await expect(window.getByRole('dialog')).toBeHidden();
}
