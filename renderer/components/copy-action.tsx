import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { announce } from './announcer';

interface CopyActionProps {
  text: string | (() => string);
  /** What is copied: "the command". */
  label: string;
  /** Shows the words instead of the icon alone. */
  words?: boolean;
}

export function CopyAction({ text, label, words = false }: CopyActionProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = window.setTimeout(() => setCopied(false), 1500);
    return () => window.clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === 'function' ? text() : text);
      setCopied(true);
      announce(`Copied ${label}`);
    } catch {
      announce(`Could not copy ${label}`);
    }
  };
  const icon = copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />;
  if (words) {
    return (
      <Button variant="default" leftSection={icon} onClick={() => void copy()}>
        {copied ? 'Copied' : `Copy ${label}`}
      </Button>
    );
  }
  return (
    <Tooltip label={copied ? 'Copied' : `Copy ${label}`}>
      <ActionIcon aria-label={`Copy ${label}`} onClick={() => void copy()}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
