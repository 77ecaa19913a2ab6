import { useMantineColorScheme } from '@mantine/core';
import { useCallback, useEffect } from 'react';
import type { themes } from '../../shared/settings';
import { useApp } from '../state/app-state';

export type ThemeChoice = (typeof themes)[number];

/** The saved theme, applied; `setTheme` applies at once and saves. */
export function useThemeChoice(): { theme: ThemeChoice; setTheme: (theme: ThemeChoice) => void } {
  const theme = useApp(({ settings }) => settings?.theme ?? 'system');
  const updateSettings = useApp((state) => state.updateSettings);
  const { setColorScheme } = useMantineColorScheme();
  const apply = useCallback(
    (choice: ThemeChoice) => setColorScheme(choice === 'system' ? 'auto' : choice),
    [setColorScheme],
  );
  useEffect(() => apply(theme), [apply, theme]);
  const setTheme = useCallback(
    (choice: ThemeChoice) => {
      apply(choice);
      // The window keeps the choice even where it cannot be saved.
      updateSettings({ theme: choice }).catch(() => undefined);
    },
    [apply, updateSettings],
  );
  return { theme, setTheme };
}
