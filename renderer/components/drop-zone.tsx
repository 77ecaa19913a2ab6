import { useState, type DragEvent, type ReactNode } from 'react';
import styles from './drop-zone.module.css';

interface DropZoneProps {
  /** At least one; folders come as files, too. */
  onDrop: (files: readonly File[]) => void;
  /** What letting go does: "Drop a dump to import it". */
  text: string;
  children: ReactNode;
}

/** Takes files that are dropped anywhere on the page; the keyboard's way is a button of the page. */
export function DropZone({ onDrop, text, children }: DropZoneProps) {
  const [over, setOver] = useState(false);
  const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files');
  return (
    <div
      className={styles.zone}
      onDragOver={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const files = [...event.dataTransfer.files];
        if (files.length > 0) onDrop(files);
      }}
    >
      {children}
      {over ? <div className={styles.over}>{text}</div> : null}
    </div>
  );
}
