import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../shared/result';
import type { TestState } from '../../state/connections';
import { connectionsSentence, gravityOf, stateOf, topologyOf } from './connection-rows';

const untested: TestState = { running: false, result: null, at: null, error: null };

function refused(code: ErrorCode, message: string): { test: TestState } {
  return { test: { ...untested, error: { code, message } } };
}

const healthy: { test: TestState } = {
  test: {
    ...untested,
    result: {
      reachable: true,
      error: null,
      elapsedMs: 3,
      authenticatedAs: null,
      privileges: [],
      warnings: [],
      deployment: {
        topology: 'standalone',
        setName: null,
        setId: null,
        directToSecondary: false,
        host: 'a:27017',
        serverVersion: '6.0.5',
        featureCompatibilityVersion: '6.0',
        oplogWindowHours: null,
        members: [],
      },
    },
  },
};

describe('the list of connections', () => {
  it('says why a deployment cannot be used', () => {
    expect(stateOf(refused('unreachable', 'Nothing accepts connections at a:27017.'))).toEqual({
      state: 'bad',
      text: 'Nothing accepts connections at a:27017.',
    });
  });

  it('does not blame a deployment for a password that nobody has typed yet', () => {
    expect(stateOf(refused('secret-unavailable', 'The password of a must be typed.'))).toEqual({
      state: 'waiting',
      text: 'Waits for its password',
    });
  });

  it('puts first what needs somebody', () => {
    const rows = [healthy, { test: untested }, refused('secret-unavailable', ''), refused('dns', 'unknown host')];
    expect(
      [...rows].sort((left, right) => gravityOf(left) - gravityOf(right)).map((row) => stateOf(row).state),
    ).toEqual(['bad', 'waiting', 'unknown', 'good']);
  });

  it('knows no topology before it was told', () => {
    expect(topologyOf({ test: untested })).toBeNull();
    expect(topologyOf(healthy)).toBe('standalone');
  });

  it('sums them up in one sentence', () => {
    expect(connectionsSentence([])).toBeNull();
    expect(connectionsSentence([healthy])).toBe('1 connection: 1 healthy.');
    expect(connectionsSentence([healthy, refused('dns', 'unknown host'), { test: untested }])).toBe(
      '3 connections: 1 in trouble, 1 being tested, 1 healthy.',
    );
  });
});
