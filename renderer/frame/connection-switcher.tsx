import { Combobox, useCombobox } from '@mantine/core';
import { IconLock, IconPlus, IconSelector } from '@tabler/icons-react';
import { useState } from 'react';
import type { Connection } from '../../shared/connections';
import { ConnectionDot, EnvironmentBadge } from '../components/environment-badge';
import { sampledTopology } from '../components/sampled-topology';
import { VerdictMark } from '../components/verdict-mark';
import { goTo, paths } from '../navigation';
import { useConnections, useCurrentConnection } from '../state/connections';
import { useHealthOf } from '../state/health';
import styles from './connection-switcher.module.css';

const addValue = '+add';

/** Which deployment the window looks at; typing filters. */
export function ConnectionSwitcher() {
  const connections = useConnections((state) => state.connections);
  const choose = useConnections((state) => state.choose);
  const current = useCurrentConnection();
  const [search, setSearch] = useState('');
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      combobox.focusTarget();
      setSearch('');
    },
    onDropdownOpen: () => combobox.focusSearchInput(),
  });
  if (!connections) return null;
  const wanted = search.trim().toLowerCase();
  const shown = connections.filter(
    ({ name, environment }) => name.toLowerCase().includes(wanted) || environment.includes(wanted),
  );
  return (
    <Combobox
      store={combobox}
      width={520}
      position="bottom-start"
      shadow="md"
      onOptionSubmit={(value) => {
        combobox.closeDropdown();
        if (value === addValue) goTo(paths.newConnection);
        else choose(value);
      }}
    >
      <Combobox.Target targetType="button">
        <button
          type="button"
          className={styles.button}
          aria-label={current ? `Connection: ${current.name}, ${current.environment}` : 'Choose a connection'}
          onClick={() => combobox.toggleDropdown()}
        >
          {current ? <CurrentLabel connection={current} /> : <span className="dimmed">No connection</span>}
          <IconSelector size={14} aria-hidden className="dimmed" style={{ flex: 'none' }} />
        </button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value);
            combobox.selectFirstOption();
          }}
          placeholder="Filter by name or environment"
          aria-label="Filter connections"
        />
        <Combobox.Options mah={360} style={{ overflowY: 'auto' }} aria-label="Connections">
          {shown.map((connection) => (
            <Combobox.Option key={connection.id} value={connection.id} active={connection.id === current?.id}>
              <SwitcherOption connection={connection} />
            </Combobox.Option>
          ))}
          {shown.length === 0 ? <Combobox.Empty>No connection by this name</Combobox.Empty> : null}
          <Combobox.Option value={addValue}>
            <span className={styles.option}>
              <IconPlus size={14} aria-hidden />
              Add a connection…
            </span>
          </Combobox.Option>
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function useTopology(connectionId: string): string | null {
  const sample = useHealthOf(connectionId)?.sample;
  return sample ? sampledTopology(sample) : null;
}

function CurrentLabel({ connection }: { connection: Connection }) {
  const topology = useTopology(connection.id);
  return (
    <>
      <ConnectionDot colour={connection.colour} />
      <span className={`${styles.name} clip`} title={connection.name}>
        {connection.name}
      </span>
      {topology === null ? null : <span className="dimmed nowrap">{topology}</span>}
      <EnvironmentBadge environment={connection.environment} />
      {connection.readOnly ? <IconLock size={14} aria-label="read-only" style={{ flex: 'none' }} /> : null}
    </>
  );
}

function SwitcherOption({ connection }: { connection: Connection }) {
  const health = useHealthOf(connection.id);
  const topology = useTopology(connection.id);
  return (
    <span className={styles.option}>
      <ConnectionDot colour={connection.colour} />
      <span className="clip" title={connection.name}>
        {connection.name}
      </span>
      <span className={styles.aside}>
        {topology === null ? null : <span className="dimmed">{topology}</span>}
        {health?.sample ? <VerdictMark verdict={health.verdict} /> : null}
        {connection.readOnly ? <IconLock size={14} aria-label="read-only" /> : null}
        <EnvironmentBadge environment={connection.environment} />
      </span>
    </span>
  );
}
