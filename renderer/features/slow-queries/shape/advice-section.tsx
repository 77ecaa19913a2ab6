import { Button, Group, Stack } from '@mantine/core';
import { IconBulb, IconFlask } from '@tabler/icons-react';
import { useState } from 'react';
import type { Advice, AdviceWarning, IndexSuggestion, ShapeAdvice } from '../../../../shared/advice';
import type { Connection } from '../../../../shared/connections';
import { formatBytes, formatCount, formatMilliseconds, formatQuantity } from '../../../../shared/format';
import type { OperationRow, ShapeRow } from '../../../../shared/slow-queries';
import { api, useAction } from '../../../api';
import { CommandBlock } from '../../../components/command-block';
import { ErrorPanel } from '../../../components/error-panel';
import { Facts, type Fact } from '../../../components/facts';
import { Notice } from '../../../components/notice';
import { Section } from '../../../components/page';
import { TrySection } from './try-section';
import styles from './shape.module.css';

interface AdviceSectionProps {
  captureId: string;
  connection: Connection;
  row: ShapeRow;
  /** The example the advice rests on; null where none has its whole command. */
  example: OperationRow | null;
  /** What came of a try is kept under this id. */
  onTried: (tryId: string) => void;
}

const sampleSize = 1000;

/** What would help and what it costs, asked for by a button: it reads a sample of the collection. */
export function AdviceSection(props: AdviceSectionProps) {
  const { connection, row, example } = props;
  const [advice, setAdvice] = useState<Advice | null>(null);
  const ask = useAction(async () => {
    const answer = await api('advice.shape', {
      connectionId: connection.id,
      shapes: [
        {
          id: row.id,
          ns: row.ns,
          op: row.op,
          shape: row.shape,
          command: example?.command ?? null,
          count: row.count,
          totalMs: row.totalMs,
          docsExamined: row.docsExamined,
          keysExamined: row.keysExamined,
          returned: row.returned,
          written: row.written,
          sortStageCount: row.sortStageCount,
        },
      ],
      sampleSize,
    });
    setAdvice(answer);
  });
  const verdict = advice?.shapes.find(({ shapeId }) => shapeId === row.id) ?? null;
  return (
    <Section title="What would help, and what it costs">
      <Stack gap={12}>
        <Group gap={12}>
          <Button
            leftSection={<IconBulb size={14} aria-hidden />}
            variant={advice ? 'default' : 'filled'}
            loading={ask.busy}
            onClick={() => void ask.run()}
          >
            {advice ? 'Ask again' : 'Suggest an index'}
          </Button>
          <span className="dimmed">
            Reads at most {formatCount(sampleSize)} documents of {row.ns} at random on {connection.name}; builds
            nothing.
          </span>
        </Group>
        {ask.error ? <ErrorPanel error={ask.error} connectionId={connection.id} /> : null}
        {verdict ? <Verdict advice={verdict} /> : null}
        {advice?.suggestions.map((suggestion) => (
          <Suggestion key={suggestion.id} suggestion={suggestion} {...props} />
        ))}
        {advice && (advice.sampled.length > 0 || advice.notes.length > 0) ? (
          <div className="dimmed">
            {advice.sampled.map(({ ns, documents, of, ms, host }) => (
              <div key={ns}>
                {formatQuantity(documents, 'document')}
                {of === null ? '' : ` of ${formatCount(of)}`} of {ns} read on {host} in {formatMilliseconds(ms)}.
              </div>
            ))}
            {advice.notes.map((note) => (
              <div key={note}>{note}</div>
            ))}
          </div>
        ) : null}
      </Stack>
    </Section>
  );
}

const verdictKinds = {
  suggested: 'info',
  served: 'good',
  'would-not-help': 'warning',
  unknown: 'info',
} as const;

function Verdict({ advice }: { advice: ShapeAdvice }) {
  // A warning that says what the summary says adds its hint only.
  const said = advice.warnings.find(({ message }) => message === advice.summary);
  return (
    <>
      <Notice kind={verdictKinds[advice.verdict]} title={advice.summary}>
        {advice.servedBy ? (
          <>
            Served by <code>{advice.servedBy}</code>.
          </>
        ) : (
          said?.hint
        )}
      </Notice>
      <Warnings warnings={advice.warnings.filter((warning) => warning !== said)} />
    </>
  );
}

function Warnings({ warnings }: { warnings: readonly AdviceWarning[] }) {
  return (
    <>
      {warnings.map(({ code, severity, message, hint, field }) => (
        <Notice key={`${code} ${field ?? ''}`} kind={severity}>
          {message} {hint ? <span className="dimmed">{hint}</span> : null}
        </Notice>
      ))}
    </>
  );
}

const percent = (share: number) => (share < 0.01 && share > 0 ? '< 1 %' : `${Math.round(share * 100)} %`);

function costFacts({ cost, makesRedundant, extends: extended, partial, fields }: IndexSuggestion): Fact[] {
  const facts: Fact[] = [
    {
      term: 'Fields',
      value: fields.map(({ field, role, selectivity, array }) => (
        <div key={field}>
          <code>{field}</code> <span className="dimmed">{role}</span>
          {selectivity === null ? '' : `, takes ${percent(selectivity)} of the documents`}
          {array ? ', holds arrays' : ''}
        </div>
      )),
    },
    {
      term: 'Size',
      value:
        cost.bytes === null
          ? 'not estimated'
          : `about ${formatBytes(cost.bytes)}${cost.bytesShareOfData === null ? '' : `, ${percent(cost.bytesShareOfData)} of the data`}`,
    },
    {
      term: 'Writes',
      value: `${cost.writesPerSecond === null ? 'not known' : `${cost.writesPerSecond < 10 ? cost.writesPerSecond.toFixed(1) : formatCount(cost.writesPerSecond)} a second keep it up to date`}: ${cost.writesBasis}`,
    },
    { term: 'Beside', value: formatQuantity(cost.indexesNow, 'index', 'indexes') },
  ];
  if (extended) facts.push({ term: 'Extends', value: <code>{extended}</code> });
  if (makesRedundant.length > 0)
    facts.push({ term: 'No longer needed', value: <code>{makesRedundant.join(', ')}</code> });
  if (partial) {
    const bytes = partial.bytes === null ? '' : `, about ${formatBytes(partial.bytes)}`;
    facts.push({ term: 'Or partial', value: `${partial.note} (${percent(partial.share)} of the documents${bytes})` });
  }
  return facts;
}

interface SuggestionProps extends AdviceSectionProps {
  suggestion: IndexSuggestion;
}

function Suggestion({ suggestion, example, ...props }: SuggestionProps) {
  const [trying, setTrying] = useState(false);
  return (
    <article className={styles.suggestion} aria-label={`Index ${suggestion.keyText}`}>
      <div className={styles.beside}>
        <div>
          <code className={styles.saved}>{suggestion.keyText}</code>
          <div>
            Would save about {formatMilliseconds(suggestion.savedMs)}, {percent(suggestion.savedShare)} of the time of
            these operations (an estimate).
          </div>
        </div>
        <Button
          variant="default"
          leftSection={<IconFlask size={14} aria-hidden />}
          disabled={example === null || trying}
          onClick={() => setTrying(true)}
        >
          Try it in a sandbox…
        </Button>
      </div>
      <ul className={styles.reasons}>
        {suggestion.reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <Facts facts={costFacts(suggestion)} />
      <Stack gap={8} mt={8}>
        <Warnings warnings={suggestion.warnings} />
        <CommandBlock commands={[suggestion.shellCommand]} />
        {trying && example ? <TrySection suggestion={suggestion} example={example} {...props} /> : null}
      </Stack>
    </article>
  );
}
