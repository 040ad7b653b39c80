import type {
  BrowserWindow,
  BrowserWindowConstructorOptions,
  Display,
  WebPreferences,
} from 'electron';
import type { ShellSettings } from './settings.ts';

/** A page gets no Node, no other world's objects, and nothing that is not written here. */
export function webPreferences(preload: string): WebPreferences {
  return {
    preload,
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: false,
  };
}

export interface WindowOptions {
  readonly settings: Pick<ShellSettings, 'kiosk' | 'display'>;
  readonly displays: readonly Pick<Display, 'bounds'>[];
  readonly preload: string;
  readonly icon?: string;
}

/** The till's window on the display of its settings, shown once it has something to show. */
export function openTillWindow(
  Window: new (options: BrowserWindowConstructorOptions) => BrowserWindow,
  { settings, displays, preload, icon }: WindowOptions,
): BrowserWindow {
  const bounds = (displays[settings.display] ?? displays[0])?.bounds;
  const window = new Window({
    ...(bounds === undefined ? {} : { x: bounds.x, y: bounds.y }),
    width: 1_366,
    height: 768,
    minWidth: 1_024,
    minHeight: 600,
    show: false,
    kiosk: settings.kiosk,
    autoHideMenuBar: true,
    title: 'Tillside',
    ...(icon === undefined ? {} : { icon }),
    webPreferences: webPreferences(preload),
  });
  window.once('ready-to-show', () => {
    if (!settings.kiosk) window.maximize();
    window.show();
  });
  return window;
}

/** Brings the window to the front, for whoever started the program a second time. */
export function focusWindow(
  window: Pick<BrowserWindow, 'isMinimized' | 'restore' | 'show' | 'focus'>,
): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
