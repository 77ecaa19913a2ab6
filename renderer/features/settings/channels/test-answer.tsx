import type { ChannelTest } from '../../../../shared/channels';
import { maskControlCharacters } from '../../../../shared/format';
import { ErrorPanel } from '../../../components/error-panel';
import { Notice } from '../../../components/notice';
import { Timestamp } from '../../../components/timestamp';

export interface TestedChannel {
  name: string;
  test: ChannelTest;
  at: Date;
}

/** What a screen reader says of it. */
export function testSentence({ name, test }: TestedChannel): string {
  return test.error ? `Test of ${name}: ${test.error.message}` : `Test of ${name}: ${test.answer ?? 'taken'}`;
}

/** What became of a test message: the answer, or why there was none and what to do. */
export function TestAnswer({ tested, onRetry }: { tested: TestedChannel; onRetry?: () => void }) {
  const { name, test, at } = tested;
  if (test.error) return <ErrorPanel error={test.error} {...(onRetry ? { onRetry } : {})} />;
  return (
    <Notice kind="good" title={`The test message of ${name || 'this channel'} was taken`}>
      Answer: <code className="wrap-anywhere">{maskControlCharacters(test.answer ?? 'none')}</code>, after {test.tookMs}{' '}
      ms, at <Timestamp value={at} seconds />. Look whether it arrived.
    </Notice>
  );
}
