import type { IpcRenderer } from 'electron';
import { PORT_CHANNEL, PORT_REQUEST_CHANNEL } from './channels.ts';

/** What the page posts to its own window to ask for its port, and what it gets with the port. */
const PAGE_ASKS = 'tillside:port-request';
const PAGE_GETS = 'tillside:port';

/** Carries the page's request to the main process and the port back, and nothing else. */
export function passPort(
  page: Pick<Window, 'addEventListener' | 'postMessage'> & {
    readonly location: Pick<Location, 'origin'>;
  },
  ipc: Pick<IpcRenderer, 'on' | 'send'>,
): void {
  page.addEventListener('message', ({ source, origin, data }) => {
    if (source === page && origin === page.location.origin && data === PAGE_ASKS)
      ipc.send(PORT_REQUEST_CHANNEL);
  });
  ipc.on(PORT_CHANNEL, ({ ports }) => {
    page.postMessage(PAGE_GETS, page.location.origin, [...ports]);
  });
}
