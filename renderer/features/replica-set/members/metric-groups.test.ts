import { expect, it } from 'vitest';
import { metricNames } from '../../../../shared/health';
import { metricGroups } from './metric-groups';

it('every number of a member has its one place on the page', () => {
  const shown = metricGroups.flatMap(({ metrics }) => metrics);
  // The state has a place of its own.
  expect([...shown, 'state'].sort()).toEqual([...metricNames].sort());
});
