/** The one scheme of the program: its screens and the shell's own pages, and nothing from elsewhere. */
export const SCHEME = 'app';
/** Serves the screens of the till. */
export const TILL_HOST = 'till';
/** Serves the shell's own pages: the agent has stopped, leave kiosk. */
export const SHELL_HOST = 'shell';

export const TILL_ORIGIN = `${SCHEME}://${TILL_HOST}`;
export const SHELL_ORIGIN = `${SCHEME}://${SHELL_HOST}`;
/** Path of the page at the camera. */
export const CAPTURE_PAGE = '/capture.html';
export const STOPPED_PAGE = `${SHELL_ORIGIN}/stopped`;
export const LEAVE_KIOSK_PAGE = `${SHELL_ORIGIN}/leave-kiosk`;

/**
 * The origin of an address of ours, or nothing for every other address. Compared part by part: a name or a password in
 * front of our host makes another address of it, and so does a port, which `host` holds.
 */
export function ownOrigin(address: string): string | undefined {
  const url = URL.parse(address);
  if (url === null || url.protocol !== `${SCHEME}:`) return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  return [TILL_ORIGIN, SHELL_ORIGIN].find((origin) => origin === `${SCHEME}://${url.host}`);
}
