import { ActionIcon, Kbd, Menu, Tooltip } from '@mantine/core';
import { IconDeviceDesktop, IconHelp, IconLifebuoy, IconMoon, IconSearch, IconSun } from '@tabler/icons-react';
import { useRef, useState, type MouseEvent, type ReactNode } from 'react';
import { useHashLocation } from 'wouter/use-hash-location';
import type { Environment } from '../../shared/connections';
import { Announcer } from '../components/announcer';
import { goTo } from '../navigation';
import { useApp } from '../state/app-state';
import { useCurrentConnection } from '../state/connections';
import { listCommands } from './actions';
import { AlertIndicator } from './alert-indicator';
import { CommandPalette } from './command-palette';
import { ConnectionSwitcher } from './connection-switcher';
import { JobTray } from './job-tray';
import { isWithin, pageEntries } from './pages';
import { palette } from './palette';
import { ShortcutsSheet } from './shortcuts-sheet';
import { useShortcuts } from './use-shortcuts';
import { useThemeChoice, type ThemeChoice } from './use-theme-choice';
import styles from './frame.module.css';

const edges: Record<Environment, string | undefined> = {
  production: styles.production,
  staging: styles.staging,
  development: styles.development,
  sandbox: styles.sandbox,
};

const themeNames: Record<ThemeChoice, string> = { system: 'System', dark: 'Dark', light: 'Light' };
const themeIcons: Record<ThemeChoice, ReactNode> = {
  system: <IconDeviceDesktop size={16} aria-hidden />,
  dark: <IconMoon size={16} aria-hidden />,
  light: <IconSun size={16} aria-hidden />,
};

/** Everything around a page: edge, top bar, navigation, job tray, palette, shortcuts. */
export function Frame({ children }: { children: ReactNode }) {
  const main = useRef<HTMLElement>(null);
  const [location] = useHashLocation();
  const [shortcutsOpen, setShortcutsOpen] = useState(false);
  const connection = useCurrentConnection();
  const platform = useApp(({ info }) => info?.platform);
  const { theme, setTheme } = useThemeChoice();
  const commands = () => listCommands({ setTheme, showShortcuts: () => setShortcutsOpen(true) });
  useShortcuts(commands);
  const edge = connection ? edges[connection.environment] : '';
  const paletteKey = platform === 'darwin' ? '⌘ K' : 'Ctrl K';
  const skip = (event: MouseEvent) => {
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <div className={`${styles.frame} ${edge}`} data-environment={connection?.environment}>
      <a href="#main" className={styles.skip} onClick={skip}>
        Skip to the page
      </a>
      <header className={styles.top}>
        <a
          href="#/"
          className={styles.brand}
          onClick={(event) => {
            event.preventDefault();
            goTo('/');
          }}
        >
          <IconLifebuoy size={20} className={styles.mark} aria-hidden />
          Lifeboat
        </a>
        <ConnectionSwitcher />
        <div className={styles.tools}>
          {/* First, so that nothing beside it moves when it comes and goes. */}
          <AlertIndicator />
          <button type="button" className={styles.search} onClick={() => palette.open()}>
            <IconSearch size={14} aria-hidden />
            Search or command
            <Kbd size="xs">{paletteKey}</Kbd>
          </button>
          <Menu position="bottom-end">
            <Menu.Target>
              <Tooltip label="Theme">
                <ActionIcon aria-label={`Theme: ${themeNames[theme]}`}>{themeIcons[theme]}</ActionIcon>
              </Tooltip>
            </Menu.Target>
            <Menu.Dropdown>
              {(['system', 'dark', 'light'] as const).map((choice) => (
                <Menu.Item
                  key={choice}
                  leftSection={themeIcons[choice]}
                  aria-current={choice === theme}
                  onClick={() => setTheme(choice)}
                >
                  {themeNames[choice]}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
          <Tooltip label="Keyboard shortcuts (?)">
            <ActionIcon aria-label="Keyboard shortcuts" onClick={() => setShortcutsOpen(true)}>
              <IconHelp size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </div>
      </header>
      <nav className={styles.side} aria-label="Pages">
        <ul className={styles.pages}>
          {pageEntries.map((page) => (
            <li key={page.path}>
              <a
                href={`#${page.path}`}
                className={styles.page}
                aria-current={isWithin(location, page.path) ? 'page' : undefined}
              >
                {page.icon}
                {page.label}
                {page.count}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main ref={main} id="main" className={styles.main} tabIndex={-1}>
        {children}
      </main>
      <div className={styles.tray}>
        <JobTray />
      </div>
      <CommandPalette commands={commands} />
      <ShortcutsSheet opened={shortcutsOpen} onClose={() => setShortcutsOpen(false)} commands={commands} />
      <Announcer />
    </div>
  );
}
