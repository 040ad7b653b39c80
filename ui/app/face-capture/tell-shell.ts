/** What the desktop program's window at the camera listens to; in a browser nobody does. */
export const CAPTURE_ON = 'tillside:capture-on';
export const CAPTURE_OFF = 'tillside:capture-off';

/** Says whether this page is to be seen. */
export function tellShell(shown: boolean): void {
  window.postMessage(shown ? CAPTURE_ON : CAPTURE_OFF, window.location.origin);
}
