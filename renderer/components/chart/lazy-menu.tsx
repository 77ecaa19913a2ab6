import { Menu } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode, type Ref } from 'react';

interface TargetProps {
  ref: Ref<HTMLButtonElement>;
  'aria-haspopup': 'menu';
  'aria-expanded': boolean;
  onClick: () => void;
}

interface LazyMenuProps {
  /** The button that opens it. */
  target: (props: TargetProps) => ReactNode;
  position: 'bottom-start' | 'bottom-end';
  closeOnItemClick?: boolean;
  /** The items. */
  children: ReactNode;
}

/** A menu that is made when it is opened: a page of many charts has dozens, and each would measure itself before anybody asks. */
export function LazyMenu({ target, position, closeOnItemClick = true, children }: LazyMenuProps) {
  const [opened, setOpened] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const wasOpened = useRef(false);
  useEffect(() => {
    // The button of the open menu was another one: the focus comes back to this one.
    if (wasOpened.current && !opened) button.current?.focus();
    wasOpened.current = opened;
  }, [opened]);
  const props: TargetProps = {
    ref: button,
    'aria-haspopup': 'menu',
    'aria-expanded': opened,
    onClick: () => setOpened(!opened),
  };
  if (!opened) return target(props);
  return (
    <Menu opened onChange={setOpened} position={position} closeOnItemClick={closeOnItemClick} returnFocus={false}>
      <Menu.Target>{target(props)}</Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
