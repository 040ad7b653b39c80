import type { UtilityPort } from '../../drivers/utility-port.ts';
import type { LinkedPage } from '../app/screen-links.ts';

/** Screens served at one time; a window has one. */
export const SCREEN_PORTS_MAX = 4;

/** The ports of the till's own screens, as the shell hands them in. */
export interface ScreenPorts {
  /** @param page what is at the other end; absent = a screen */
  open(portId: number, port: UtilityPort, page?: LinkedPage): void;
  close(portId: number): void;
}

/**
 * @param serve serves the contract over a port; false = there is no till to serve yet
 * @param onClosed called once for each port that is no longer served
 */
export function createScreenPorts(
  serve: (port: UtilityPort, page: LinkedPage) => boolean,
  onClosed: (portId: number) => void,
): ScreenPorts {
  const screens = new Map<number, UtilityPort>();
  return {
    open(portId, given, page = 'screen') {
      const port = closable(given);
      port.on('close', () => {
        screens.delete(portId);
        onClosed(portId);
      });
      if (screens.size >= SCREEN_PORTS_MAX || !serve(port, page)) return port.close();
      screens.set(portId, port);
    },
    close: (portId) => screens.get(portId)?.close(),
  };
}

/**
 * A port whose `close` is heard at this end, too: by itself it tells only the other end, and what is served over it
 * would go on for nobody.
 */
function closable(port: UtilityPort): UtilityPort {
  const listeners: (() => void)[] = [];
  let open = true;
  const closed = (): void => {
    if (!open) return;
    open = false;
    for (const listener of listeners) listener();
  };
  port.on('close', closed);
  return {
    postMessage: (message) => port.postMessage(message),
    on(type: 'message' | 'close', listener: never) {
      if (type === 'close') listeners.push(listener);
      else port.on(type, listener);
    },
    start: () => port.start(),
    close() {
      port.close();
      closed();
    },
  };
}
