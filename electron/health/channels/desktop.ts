/** What shows notices on the desktop. Only the window's process has it; services know no Electron. */
export interface DesktopNotice {
  title: string;
  body: string;
  /** Null for a test. */
  incidentId: string | null;
}

export interface DesktopNotifier {
  /** Resolves with what the operating system said of it. Throws 'unsupported' where there are none. */
  show(notice: DesktopNotice): Promise<string>;
}
