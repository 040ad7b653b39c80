import type { WebContents } from 'electron';
import { ownOrigin } from './addresses.ts';
import type { ShellLog } from './shell-log.ts';

/**
 * Keeps a page where it is: it may load itself again, and go nowhere else. Nothing is ever handed to the system's
 * browser. The shell's own `loadURL` does not pass here.
 */
export function guardNavigation(
  contents: Pick<WebContents, 'on' | 'setWindowOpenHandler' | 'getURL'>,
  log: ShellLog,
): void {
  const refuse = (event: { preventDefault(): void }, what: string, url: string): void => {
    event.preventDefault();
    // Without its path and query: those can carry what somebody scanned.
    log('warn', 'a navigation was refused', { what, to: placeOf(url) });
  };
  const staysHere = (url: string): boolean => {
    const origin = ownOrigin(url);
    return origin !== undefined && origin === ownOrigin(contents.getURL());
  };
  contents.on('will-navigate', (event) => {
    if (!staysHere(event.url)) refuse(event, 'page', event.url);
  });
  contents.on('will-frame-navigate', (event) => {
    // The main frame has been judged above; our pages have no frames.
    if (!event.isMainFrame) refuse(event, 'frame', event.url);
  });
  contents.on('will-redirect', (event) => refuse(event, 'redirect', event.url));
  contents.on('will-attach-webview', (event) => refuse(event, 'webview', ''));
  contents.setWindowOpenHandler(({ url }) => {
    log('warn', 'a window was refused', { to: placeOf(url) });
    return { action: 'deny' };
  });
}

function placeOf(address: string): string {
  const url = URL.parse(address);
  return url === null ? '' : `${url.protocol}//${url.host}`;
}
