import { describe, expect, test, vi } from 'vitest';
import { commandLineArguments } from './command-line-mode';

vi.mock('electron', () => ({ app: {} }));

describe('the arguments an installed Lifeboat was started with', () => {
  test('ask for a window when they do not say otherwise', () => {
    expect(commandLineArguments(['/Applications/Lifeboat'])).toBeNull();
    expect(commandLineArguments(['/Applications/Lifeboat', '--lifeboat-cli'])).toBeNull();
  });

  test('are handed to the command line as they stand, switches of Chromium included', () => {
    const given = ['/Applications/Lifeboat', '--lifeboat-cli', '--', 'backup', 'list', '--type', 'full', '--', 'x'];
    expect(commandLineArguments(given)).toEqual(['backup', 'list', '--type', 'full', '--', 'x']);
  });
});
