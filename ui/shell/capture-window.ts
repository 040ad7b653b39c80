import type { BrowserWindow, BrowserWindowConstructorOptions, Rectangle, Screen } from 'electron';
import { CAPTURE_PAGE, TILL_ORIGIN } from './addresses.ts';
import type { PortRequest } from './port-broker.ts';
import type { ShellSettings } from './settings.ts';
import type { ShellLog } from './shell-log.ts';
import { webPreferences } from './till-window.ts';

/** How large the member's own picture is, in pixels; less where a display has less. */
export const CAPTURE_WIDTH = 480;
export const CAPTURE_HEIGHT = 480;

export interface CaptureWindowOptions {
  readonly settings: Pick<ShellSettings, 'faceCamera' | 'display'>;
  readonly screen: Pick<Screen, 'getAllDisplays'>;
  readonly Window: new (options: BrowserWindowConstructorOptions) => BrowserWindow;
  readonly preload: string;
  /** Loads the page and looks after it. */
  readonly prepare: (window: BrowserWindow) => void;
  readonly onClosed: (windowId: number) => void;
  readonly log: ShellLog;
}

/** The page at the camera, where the settings want one. */
export interface CaptureWindow {
  /** `webContents.id` of the window. */
  id(): number | undefined;
  /** Its page wants to be seen, or no more. Anybody else who says so is refused. */
  show(request: PortRequest, shown: unknown): void;
  /** The till's window is gone: this one goes with it. */
  close(): void;
}

/**
 * Holds the page that may use the camera for faces, in a window that shows nothing else. It is hidden until a session looks
 * at somebody: then it lies in a corner of the customer's display, else of the till's, above what is there. It takes neither
 * keys nor touches, so that what lies beneath works as ever, the way without a face included.
 */
export function holdCaptureWindow(options: CaptureWindowOptions): CaptureWindow {
  const { settings, screen, Window, preload, prepare, onClosed, log } = options;
  if (!settings.faceCamera)
    return { id: () => undefined, show: () => undefined, close: () => undefined };
  const window = new Window({
    ...placeOn(bounds()),
    show: false,
    frame: false,
    resizable: false,
    focusable: false,
    alwaysOnTop: true,
    skipTaskbar: true,
    title: 'Tillside',
    webPreferences: webPreferences(preload),
  });
  window.setIgnoreMouseEvents(true);
  const windowId = window.webContents.id;
  let open = true;
  window.once('closed', () => {
    open = false;
    onClosed(windowId);
  });

  /** Of the first display that the till's own window does not use, where there is one. */
  function bounds(): Rectangle {
    const displays = screen.getAllDisplays();
    const till = displays[settings.display] ?? displays[0];
    const free = displays.find(({ id }) => id !== till?.id);
    return (free ?? till)?.bounds ?? { x: 0, y: 0, width: CAPTURE_WIDTH, height: CAPTURE_HEIGHT };
  }

  // A picture that stands still shows somebody who may have gone.
  window.webContents.on('render-process-gone', () => window.hide());
  prepare(window);
  return {
    id: () => (open ? windowId : undefined),
    show({ sender, senderFrame }, shown) {
      const isOurs =
        sender.id === windowId &&
        senderFrame !== null &&
        senderFrame.parent === null &&
        senderFrame.origin === TILL_ORIGIN &&
        new URL(senderFrame.url).pathname === CAPTURE_PAGE;
      if (!isOurs || typeof shown !== 'boolean')
        return log('warn', 'a page that is not at the camera wanted to be seen');
      if (!open) return;
      if (!shown) return window.hide();
      // Displays come and go between two sessions.
      window.setBounds(placeOn(bounds()));
      window.showInactive();
    },
    close() {
      if (open) window.destroy();
    },
  };
}

/** The upper right corner. */
function placeOn({ x, y, width, height }: Rectangle): Rectangle {
  const ownWidth = Math.min(CAPTURE_WIDTH, width);
  return { x: x + width - ownWidth, y, width: ownWidth, height: Math.min(CAPTURE_HEIGHT, height) };
}
