import { SimpleGrid } from '@mantine/core';
import type { NamespaceDiff } from '../../../../shared/diff';
import { formatCount, formatDuration, formatQuantity } from '../../../../shared/format';
import type { Job } from '../../../../shared/jobs';
import type { RestoreResult } from '../../../../shared/restore';
import { ErrorPanel } from '../../../components/error-panel';
import { Facts } from '../../../components/facts';
import { Notice } from '../../../components/notice';
import { Section } from '../../../components/page';
import { metadataText } from '../metadata-effect';
import { modeWords } from '../../../components/mode-words';
import { ProblemList } from '../problem-list';
import { ConflictList } from './conflict-list';
import { estimateComparison } from './estimate-text';
import { FailureList } from './failure-list';
import { PredictedAndDone } from './predicted-and-done';
import { Remaining } from './remaining';

/** What the diff after it still shows, apart by whether the restore was to settle it. */
function differing({ remaining, leftOver }: RestoreResult): { left: NamespaceDiff[]; kept: NamespaceDiff[] } {
  const all = remaining?.namespaces.filter(({ status }) => status !== 'same') ?? [];
  const wasLeft = ({ targetNs }: NamespaceDiff) => leftOver === null || leftOver.includes(targetNs);
  return { left: all.filter(wasLeft), kept: all.filter((namespace) => !wasLeft(namespace)) };
}

/** What one restore did, beside what was predicted, with its proof. `job`: the one that did it, where it is known. */
export function RestoreReport({ result, job }: { result: RestoreResult; job: Job | null }) {
  const { left, kept } = differing(result);
  const { effect, conflicts, failures, problems } = result;
  return (
    <>
      {job?.error && job.status !== 'cancelled' ? <ErrorPanel error={job.error} /> : null}
      <Verdict result={result} left={left} kept={kept} />
      <SimpleGrid cols={2} spacing={16}>
        <Section title="Predicted and done" flush>
          <PredictedAndDone predicted={result.predicted} done={effect} />
        </Section>
        <Section title="How it went">
          <Facts
            facts={[
              { term: 'Took', value: formatDuration(result.elapsedMs / 1000) },
              { term: 'Estimated', value: estimateComparison(result.estimatedSeconds, result.elapsedMs) },
              { term: 'Indexes and options', value: metadataText(result) || 'untouched' },
              {
                term: 'Conflicts',
                value: effect.conflict === 0 ? 'none' : formatQuantity(effect.conflict, 'document'),
              },
              { term: 'Failures', value: failures.length === 0 ? 'none' : formatCount(failures.length) },
            ]}
          />
        </Section>
      </SimpleGrid>
      {effect.conflict > 0 || conflicts.length > 0 ? (
        <ConflictList
          conflicts={conflicts}
          total={Math.max(effect.conflict, conflicts.length)}
          isUndo={result.undoOf !== null}
        />
      ) : null}
      {failures.length > 0 ? <FailureList failures={failures} /> : null}
      {left.length > 0 ? <Remaining title="What still differs" namespaces={left} /> : null}
      {kept.length > 0 ? (
        <Remaining title={`What ${modeWords[result.mode].name} leaves as it is`} namespaces={kept} />
      ) : null}
      {problems.length > 0 ? (
        <Section title="Predicted beforehand">
          <ProblemList problems={problems} />
        </Section>
      ) : null}
    </>
  );
}

interface VerdictProps {
  result: RestoreResult;
  left: readonly NamespaceDiff[];
  kept: readonly NamespaceDiff[];
}

function Verdict({ result: { remaining, mode }, left, kept }: VerdictProps) {
  if (!remaining) {
    return (
      <Notice kind="warning" title="The diff after it did not run">
        There is no proof: preview once more to see what differs.
      </Notice>
    );
  }
  const ran = `The diff ran again over ${formatQuantity(remaining.namespaces.length, 'namespace')} and ${formatQuantity(remaining.totals.documents.inBackup, 'document')}`;
  const name = modeWords[mode].name;
  if (left.length > 0) {
    const verb = left.length === 1 ? 'differs' : 'differ';
    return (
      <Notice kind="warning" title="Something still differs">
        {ran}: {formatQuantity(left.length, 'namespace')} still {verb} in what {name} was to settle.
      </Notice>
    );
  }
  if (kept.length > 0) {
    return (
      <Notice kind="good" title={`Proven: all that ${name} was to settle is settled`}>
        {ran}: what still differs in {formatQuantity(kept.length, 'namespace')} is what {name} leaves as it is.
      </Notice>
    );
  }
  return (
    <Notice kind="good" title="Proven: nothing differs any more">
      {ran} and is empty.
    </Notice>
  );
}
