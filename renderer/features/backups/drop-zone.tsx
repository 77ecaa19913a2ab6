import { useState, type DragEvent, type ReactNode } from 'react';
import styles from './drop-zone.module.css';

interface DropZoneProps {
  onDrop: (file: File) => void;
  children: ReactNode;
}

/** Takes a dump that is dropped anywhere on the page; the keyboard's way is the import button. */
export function DropZone({ onDrop, children }: DropZoneProps) {
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
        const [file] = event.dataTransfer.files;
        if (file) onDrop(file);
      }}
    >
      {children}
      {over ? <div className={styles.over}>Drop a dump to import it</div> : null}
    </div>
  );
}
