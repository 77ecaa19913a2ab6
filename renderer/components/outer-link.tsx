import { Anchor } from '@mantine/core';
import { externalHosts } from '../../shared/external-hosts';
import { CopyAction } from './copy-action';

function opensOutside(text: string): boolean {
  try {
    const { protocol, host, username } = new URL(text);
    return protocol === 'https:' && externalHosts.has(host) && username === '';
  } catch {
    return false;
  }
}

/** An address that somebody entered: a link where the main process would open it, else text to copy. */
export function OuterLink({ address, label }: { address: string; label: string }) {
  if (opensOutside(address))
    return (
      <Anchor href={address} target="_blank" rel="noreferrer" size="sm" className="wrap-anywhere">
        {address}
      </Anchor>
    );
  return (
    <span className="beside-action">
      <code className="wrap-anywhere">{address}</code>
      <CopyAction text={address} label={label} />
    </span>
  );
}
