import { describe, expect, it } from 'vitest';
import type { Incident } from '../../../shared/alerts';
import { clearedToasts, firedToasts, newsBetween } from './incident-news';

function incident(id: string, patch: Partial<Incident> = {}): Incident {
  return {
    id,
    group: 'member-down',
    ruleId: 'member-down',
    name: 'A member does not answer',
    severity: 'critical',
    connectionId: 'shop',
    set: 'rs0',
    host: `${id}:27017`,
    since: 1000,
    firedAt: 2000,
    clearedAt: null,
    value: null,
    text: 'connection refused',
    acknowledged: null,
    silenced: false,
    toldSeverity: 'critical',
    ...patch,
  };
}

const lists = (open: Incident[], past: Incident[] = []) => ({ open, past });
const nameOf = () => 'Demo shop';

describe('news of incidents', () => {
  it('tells nothing of what was there when the window opened', () => {
    expect(newsBetween(null, lists([incident('a')], [incident('b', { clearedAt: 3000 })]))).toEqual({
      fired: [],
      cleared: [],
    });
  });

  it('tells an incident once when it fires and once when it is over', () => {
    const a = incident('a');
    const over = incident('a', { clearedAt: 9000 });
    expect(newsBetween(lists([]), lists([a])).fired).toEqual([a]);
    expect(newsBetween(lists([a]), lists([a])).fired).toEqual([]);
    expect(newsBetween(lists([a]), lists([], [over])).cleared).toEqual([over]);
    expect(newsBetween(lists([]), lists([], [over])).cleared).toEqual([]);
  });

  it('keeps quiet about what is silenced, and tells it when the silence ends', () => {
    const quiet = incident('a', { silenced: true, toldSeverity: null });
    expect(newsBetween(lists([]), lists([quiet])).fired).toEqual([]);
    expect(newsBetween(lists([quiet]), lists([], [{ ...quiet, clearedAt: 9000 }])).cleared).toEqual([]);
    expect(newsBetween(lists([quiet]), lists([incident('a')])).fired).toHaveLength(1);
  });

  it('names severity, deployment and member, and leads to what to do', () => {
    const [toast] = firedToasts([incident('a')], nameOf);
    expect(toast).toMatchObject({
      kind: 'bad',
      title: 'Critical: A member does not answer',
      text: 'Demo shop, a:27017: connection refused',
      link: { path: '/alerts/show/a' },
      seconds: null,
    });
    expect(clearedToasts([incident('a', { clearedAt: 62_000 })], nameOf)[0]?.text).toBe(
      'Demo shop, a:27017 after 1 min 01 s',
    );
  });

  it('puts many at once together', () => {
    const many = ['a', 'b', 'c', 'd'].map((id) => incident(id, { severity: id === 'c' ? 'high' : 'warning' }));
    expect(firedToasts(many.slice(0, 3), nameOf)).toHaveLength(3);
    const toasts = firedToasts(many, nameOf);
    expect(toasts).toHaveLength(1);
    expect(toasts[0]).toMatchObject({ title: '4 alerts, the gravest high', link: { path: '/alerts' } });
    expect(clearedToasts(many, nameOf)).toHaveLength(1);
  });
});
