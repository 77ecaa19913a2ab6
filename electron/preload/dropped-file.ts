import { webUtils } from 'electron';

/** The path of a file dropped on the window: by `webUtils` where Electron has it, else by the file's own property. */
export function pathOfDroppedFile(file: unknown): string | null {
  if (!(file instanceof File)) return null;
  const modern: typeof webUtils | undefined = webUtils;
  const found = modern ? modern.getPathForFile(file) : Reflect.get(file, 'path');
  return typeof found === 'string' && found !== '' ? found : null;
}
