import type { BrowserWindow, BrowserWindowConstructorOptions, Display, Screen } from 'electron';
import type { ShellSettings } from './settings.ts';
import type { ShellLog } from './shell-log.ts';
import { webPreferences } from './till-window.ts';

export interface CustomerWindowOptions {
  readonly settings: Pick<ShellSettings, 'customerScreen' | 'display'>;
  readonly screen: Pick<Screen, 'getAllDisplays' | 'on'>;
  readonly Window: new (options: BrowserWindowConstructorOptions) => BrowserWindow;
  readonly preload: string;
  /** Loads the page and looks after it. */
  readonly prepare: (window: BrowserWindow) => void;
  readonly onClosed: (windowId: number) => void;
  readonly log: ShellLog;
}

/** The customer display, while there is one. */
export interface CustomerWindow {
  /** `webContents.id` of the window. */
  id(): number | undefined;
  /** The till's window is gone: this one goes with it. */
  close(): void;
}

/**
 * Keeps a window on a display that is not the till's for as long as there is one: opened at the start or when a screen
 * is plugged in, closed when it is taken away. It fills that display and never takes the keyboard from the till.
 */
export function keepCustomerWindow(options: CustomerWindowOptions): CustomerWindow {
  const { settings, screen, Window, preload, prepare, onClosed, log } = options;
  let open: { readonly window: BrowserWindow; readonly displayId: number } | undefined;
  let ended = !settings.customerScreen;

  /** The first display that the till's own window does not use. */
  function freeDisplay(): Display | undefined {
    const displays = screen.getAllDisplays();
    const till = displays[settings.display] ?? displays[0];
    return displays.find(({ id }) => id !== till?.id);
  }

  function fit(): void {
    if (ended) return;
    const display = freeDisplay();
    if (open !== undefined && open.displayId === display?.id) return;
    open?.window.destroy();
    if (display === undefined) return;
    const { x, y, width, height } = display.bounds;
    const window = new Window({
      x,
      y,
      width,
      height,
      show: false,
      frame: false,
      fullscreen: true,
      closable: false,
      minimizable: false,
      skipTaskbar: true,
      title: 'Tillside',
      webPreferences: webPreferences(preload),
    });
    const windowId = window.webContents.id;
    open = { window, displayId: display.id };
    window.once('ready-to-show', () => window.showInactive());
    window.once('closed', () => {
      if (open?.window === window) open = undefined;
      onClosed(windowId);
    });
    log('info', 'the customer display opened', { displayId: display.id });
    prepare(window);
  }

  screen.on('display-added', fit);
  screen.on('display-removed', fit);
  fit();
  return {
    id: () => open?.window.webContents.id,
    close() {
      ended = true;
      open?.window.destroy();
    },
  };
}
