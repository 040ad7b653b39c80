import type { IpcRenderer } from 'electron';
import { CAPTURE_CHANNEL } from './channels.ts';

/** What the page at the camera posts to its own window: it has something to show, or nothing more. */
const PAGE_SAYS: Readonly<Record<string, boolean>> = {
  'tillside:capture-on': true,
  'tillside:capture-off': false,
};

/** Carries to the main process whether the page is to be seen, and nothing else. */
export function passCapture(
  page: Pick<Window, 'addEventListener'> & { readonly location: Pick<Location, 'origin'> },
  ipc: Pick<IpcRenderer, 'send'>,
): void {
  page.addEventListener('message', ({ source, origin, data }) => {
    if (source !== page || origin !== page.location.origin || typeof data !== 'string') return;
    const shown = Object.hasOwn(PAGE_SAYS, data) ? PAGE_SAYS[data] : undefined;
    if (shown !== undefined) ipc.send(CAPTURE_CHANNEL, shown);
  });
}
