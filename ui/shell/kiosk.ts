import type { BrowserWindow } from 'electron';
import type { Text } from '../../agent/contract/text.ts';
import type { ShellLog } from './shell-log.ts';

export interface KioskOptions {
  readonly window: BrowserWindow;
  readonly on: boolean;
  /** Opens the page that asks for a manager's PIN. */
  readonly openDialog: () => BrowserWindow;
  /** Why the window may not leave kiosk; undefined = it may. */
  readonly check: (managerId: string, pin: string) => Promise<Text | undefined>;
  readonly log: ShellLog;
}

/** A window that fills the screen until a manager opens it; also for the next start. */
export interface Kiosk {
  /** Answers why not; undefined = done. */
  leave(managerId: string, pin: string): Promise<Text | undefined>;
  /** Without a PIN, where there is no till that could check one and nothing can be sold. */
  leaveStopped(): void;
  /** `webContents.id` of the page that asks for the PIN, while it is open. */
  dialogId(): number | undefined;
  /** The program ends, on order of the system. */
  release(): void;
}

/**
 * Holds the window in kiosk: it fills the screen and does not close. Ctrl+Shift+K asks for a manager's PIN. No key of the
 * system is blocked: what Alt+Tab or the Windows key open is for the system's assigned access to keep shut.
 */
export function holdKiosk({ window, on, openDialog, check, log }: KioskOptions): Kiosk {
  let held = on;
  let dialog: BrowserWindow | undefined;

  window.on('close', (event) => {
    if (held) event.preventDefault();
  });
  window.webContents.on('before-input-event', (event, input) => {
    const asked =
      input.type === 'keyDown' && input.control && input.shift && input.key.toLowerCase() === 'k';
    if (!asked || !held) return;
    event.preventDefault();
    if (dialog !== undefined) return dialog.focus();
    const opened = openDialog();
    dialog = opened;
    opened.once('closed', () => {
      dialog = undefined;
    });
  });

  function open(how: string): void {
    log('warn', 'the window left kiosk', { how });
    held = false;
    window.setKiosk(false);
    dialog?.close();
  }

  return {
    leaveStopped: () => open('the till is stopped'),
    async leave(managerId, pin) {
      const refusal = await check(managerId, pin);
      if (refusal !== undefined) return refusal;
      open('by PIN');
      return undefined;
    },
    dialogId: () => dialog?.webContents.id,
    release() {
      held = false;
    },
  };
}
