import { Button, Popover, ScrollArea, Stack, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { ChangeDetails, ChangedPath } from '../../../../shared/diff';
import { formatCount, formatQuantity, maskControlCharacters } from '../../../../shared/format';
import styles from './preview.module.css';

interface PathStripProps {
  details: ChangeDetails;
  path: string | null;
  /** Null: documents are not filtered by a path any more. */
  onPath: (path: string | null) => void;
}

const shownAtOnce = 8;
/** Listed in the pop-over; typing finds the others. */
const mostListed = 200;

/** "status 25 · total 3": the paths that differ in changed documents; each filters the list. */
export function PathStrip({ details, path, onPath }: PathStripProps) {
  const chosen = details.paths.find((each) => each.path === path) ?? null;
  const first = details.paths.slice(0, shownAtOnce);
  const shown = chosen && !first.includes(chosen) ? [...first, chosen] : first;
  const more = details.paths.length + details.pathsOmitted - first.length;
  if (details.paths.length === 0) return null;
  return (
    <div className={styles.pathStrip} role="group" aria-label="Changed paths">
      <span className="dimmed">changed paths</span>
      {shown.map((each) => (
        <PathButton key={each.path} path={each} isChosen={each.path === path} onPath={onPath} />
      ))}
      {more > 0 ? <MorePaths details={details} more={more} path={path} onPath={onPath} /> : null}
    </div>
  );
}

interface PathButtonProps {
  path: ChangedPath;
  isChosen: boolean;
  onPath: (path: string | null) => void;
}

function PathButton({ path: { path, documents }, isChosen, onPath }: PathButtonProps) {
  const name = maskControlCharacters(path);
  return (
    <Button
      variant={isChosen ? 'light' : 'default'}
      size="compact-xs"
      className={styles.path}
      aria-pressed={isChosen}
      aria-label={`${name}, in ${formatQuantity(documents, 'document')}`}
      title={name}
      rightSection={isChosen ? <IconX size={12} aria-hidden /> : undefined}
      onClick={() => onPath(isChosen ? null : path)}
    >
      <span className="mono clip">{name}</span>
      <span className={styles.pathCount}>{formatCount(documents)}</span>
    </Button>
  );
}

function MorePaths({ details, more, path, onPath }: PathStripProps & { more: number }) {
  const [isOpen, setIsOpen] = useState(false);
  const [text, setText] = useState('');
  const found = details.paths.filter((each) => each.path.toLowerCase().includes(text.toLowerCase()));
  const listed = found.slice(0, mostListed);
  return (
    <Popover position="bottom-start" withArrow trapFocus returnFocus opened={isOpen} onChange={setIsOpen}>
      <Popover.Target>
        <Button variant="subtle" size="compact-xs" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {formatCount(more)} more
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap={8} w={360} role="group" aria-label="All changed paths">
          <TextInput
            aria-label="Filter changed paths"
            placeholder="Filter"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <ScrollArea.Autosize mah={280}>
            <Stack gap={4} align="flex-start">
              {listed.map((each) => (
                <PathButton
                  key={each.path}
                  path={each}
                  isChosen={each.path === path}
                  onPath={(chosen) => {
                    setIsOpen(false);
                    onPath(chosen);
                  }}
                />
              ))}
            </Stack>
          </ScrollArea.Autosize>
          {found.length > listed.length ? (
            <span className="dimmed">
              {formatQuantity(found.length - listed.length, 'more path')}: type to find them
            </span>
          ) : null}
          {details.pathsOmitted > 0 ? (
            <span className="dimmed">{formatQuantity(details.pathsOmitted, 'further path')} not told apart</span>
          ) : null}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
