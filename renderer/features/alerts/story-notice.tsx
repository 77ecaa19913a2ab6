import { Anchor } from '@mantine/core';
import { useMemo } from 'react';
import type { Incident } from '../../../shared/alerts';
import { Notice } from '../../components/notice';
import { paths } from '../../navigation';
import { useAlerts } from '../../state/alerts';

/** The incident that one follows from, and those that follow from it, as far as they are open. */
function useStory({ id, followsFrom }: Incident): { root: Incident | null; followers: Incident[] } {
  const open = useAlerts((state) => state.lists?.open);
  return useMemo(
    () => ({
      root: open?.find((each) => each.id === followsFrom) ?? null,
      followers: open?.filter((each) => each.followsFrom === id) ?? [],
    }),
    [open, id, followsFrom],
  );
}

/** Where alerts are one story: which of them is the beginning, and which come of it. */
export function StoryNotice({ incident }: { incident: Incident }) {
  const { root, followers } = useStory(incident);
  const [first, ...more] = followers;
  if (root)
    return (
      <Notice kind="info" title={`It follows from another alert: ${root.host ?? root.name} lags`}>
        {incident.host} replicates from it, directly or through others.{' '}
        <Anchor href={`#${paths.alert(root.id)}`}>Open that alert</Anchor> first
        {incident.toldSeverity === null ? ': nobody is told of this one apart from it.' : '.'}
      </Notice>
    );
  if (!first) return null;
  return (
    <Notice
      kind="info"
      title={followers.length === 1 ? 'Another alert follows from it' : 'Other alerts follow from it'}
    >
      {[first, ...more].map((each, index) => (
        <span key={each.id}>
          {index === 0 ? '' : ', '}
          <Anchor href={`#${paths.alert(each.id)}`}>{each.host ?? each.name}</Anchor>
        </span>
      ))}{' '}
      {followers.length === 1 ? 'replicates' : 'replicate'} from {incident.host}, and will catch up after it.
    </Notice>
  );
}
