import { Button, Select, Switch } from '@mantine/core';
import { formatMilliseconds } from '../../../../shared/format';
import { operationKinds } from '../../../../shared/profiler';
import type { CaptureSummary, Facet } from '../../../../shared/slow-queries';
import { isNarrowed, noNarrowing, periodNames, periods } from '../capture-filter';
import { useSlowQueries } from '../slow-queries-store';
import styles from './timeline.module.css';

interface FilterBarProps {
  summary: CaptureSummary | null;
}

/** Period, namespace, operation, app, member and plan: for the chart and everything below it. */
export function FilterBar({ summary }: FilterBarProps) {
  const { period, narrowing, narrow } = useSlowQueries();
  const set = useSlowQueries.setState;
  const facets = summary?.facets;
  return (
    <div className={styles.bar} role="group" aria-label="Filter operations">
      <Select
        aria-label="Period"
        w={170}
        value={period}
        data={periods.map((value) => ({ value, label: periodNames[value] }))}
        onChange={(value) =>
          set({ period: periods.find((one) => one === value) ?? 'all', zoom: null, selection: null })
        }
      />
      <FacetSelect label="Namespace" facets={facets?.ns} value={narrowing.ns} onChange={(ns) => narrow({ ns })} wide />
      <FacetSelect
        label="Operation"
        facets={facets?.kinds}
        value={narrowing.kind}
        onChange={(name) => narrow({ kind: operationKinds.find((kind) => kind === name) ?? null })}
      />
      <FacetSelect label="App" facets={facets?.apps} value={narrowing.app} onChange={(app) => narrow({ app })} />
      {(facets?.hosts.length ?? 0) > 1 || narrowing.host !== null ? (
        <FacetSelect
          label="Member"
          facets={facets?.hosts}
          value={narrowing.host}
          onChange={(host) => narrow({ host })}
        />
      ) : null}
      <FacetSelect
        label="Plan"
        facets={facets?.plans}
        value={narrowing.plan}
        onChange={(plan) => narrow({ plan })}
        wide
      />
      <Switch
        label="Internal traffic"
        checked={narrowing.internal}
        onChange={(event) => narrow({ internal: event.currentTarget.checked })}
      />
      {isNarrowed(narrowing) ? (
        <Button variant="subtle" color="gray" size="compact-xs" onClick={() => set({ narrowing: noNarrowing })}>
          Clear filters
        </Button>
      ) : null}
    </div>
  );
}

interface FacetSelectProps {
  label: string;
  facets: readonly Facet[] | undefined;
  value: string | null;
  onChange: (value: string | null) => void;
  wide?: boolean;
}

/** Mantine takes '' for nothing chosen. */
const unnamed = '(none named)';

function FacetSelect({ label, facets, value, onChange, wide }: FacetSelectProps) {
  const names = [...new Set([...(facets ?? []).map(({ name }) => name), ...(value === null ? [] : [value])])];
  const totals = new Map((facets ?? []).map(({ name, totalMs }) => [name, totalMs]));
  return (
    <Select
      aria-label={label}
      placeholder={label}
      w={wide ? 180 : 130}
      clearable
      searchable={names.length > 8}
      comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
      maxDropdownHeight={320}
      value={value === null ? null : value === '' ? unnamed : value}
      onChange={(chosen) => onChange(chosen === unnamed ? '' : chosen)}
      data={names.map((name) => (name === '' ? unnamed : name))}
      renderOption={({ option }) => (
        <span style={{ display: 'flex', gap: 16, justifyContent: 'space-between', width: '100%' }}>
          <span className="mono clip" style={{ maxWidth: 420 }}>
            {option.label}
          </span>
          <span className="dimmed numbers">
            {formatMilliseconds(totals.get(option.value === unnamed ? '' : option.value) ?? 0)}
          </span>
        </span>
      )}
    />
  );
}
