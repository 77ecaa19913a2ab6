import { describe, expect, it } from 'vitest';
import type { HealthEvent, HealthEventKind } from '../../../../shared/health';
import { mergeEvents, narrowEvents, stateSince } from './event-list';

function event(at: number, kind: HealthEventKind, host: string | null = null): HealthEvent {
  return { at, kind, host, set: 'rs0', text: `${kind} ${host ?? ''}` };
}

describe('events', () => {
  it('that are told twice are listed once, in order of time', () => {
    const restart = event(2, 'restarted', 'a');
    expect(mergeEvents([event(3, 'election', 'a'), restart], [{ ...restart }, event(1, 'reconfigured')])).toEqual([
      event(1, 'reconfigured'),
      restart,
      event(3, 'election', 'a'),
    ]);
  });

  it('of a member come with those of the whole set', () => {
    const events = [event(1, 'restarted', 'a'), event(2, 'restarted', 'b'), event(3, 'reconfigured')];
    expect(narrowEvents(events, { from: 0, group: null, host: 'a' }).map(({ at }) => at)).toEqual([1, 3]);
    expect(narrowEvents(events, { from: 2, group: null, host: null }).map(({ at }) => at)).toEqual([2, 3]);
    expect(narrowEvents(events, { from: 0, group: 'restarts', host: null }).map(({ at }) => at)).toEqual([1, 2]);
  });
});

describe('the time since when a member is what it is', () => {
  it('is that of its last change', () => {
    const events = [event(1, 'sampling-started'), event(5, 'state-changed', 'a'), event(7, 'stopped-answering', 'b')];
    expect(stateSince('a', events)).toEqual({ at: 5, atLeast: false });
    expect(stateSince('b', events)).toEqual({ at: 7, atLeast: false });
  });

  it('reaches no further back than somebody looked', () => {
    const events = [event(1, 'state-changed', 'a'), event(4, 'sampling-started')];
    expect(stateSince('a', events)).toEqual({ at: 4, atLeast: true });
  });

  it('is not known where no event says so', () => {
    expect(stateSince('a', [event(1, 'state-changed', 'b')])).toBeNull();
  });
});
