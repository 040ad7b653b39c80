import type { MessageChannelMain, MessagePortMain, WebContents, WebFrameMain } from 'electron';
import { CAPTURE_PAGE, TILL_ORIGIN } from './addresses.ts';
import { PORT_CHANNEL } from './channels.ts';
import type { ShellLog } from './shell-log.ts';

/** Gives the agent its end of a screen's channel, and takes it back. */
export interface ScreenAgent {
  /** @param page what is at the other end: the camera's page may do nothing but send frames */
  openScreen(portId: number, port: MessagePortMain, page: 'screen' | 'capture'): void;
  closeScreen(portId: number): void;
}

/** A page's request as `ipcMain` reports it. */
export interface PortRequest {
  readonly sender: Pick<WebContents, 'id'>;
  readonly senderFrame: WebFrameMain | null;
}

/** Hands each of our windows its one port between page and agent. The main process never sees what goes over it. */
export interface PortBroker {
  request(request: PortRequest): void;
  agentOpened(agent: ScreenAgent): void;
  agentGone(): void;
  /** The agent no longer serves this port. */
  portClosed(portId: number): void;
  /** The page of this window was left, loaded again, or its process ended. */
  pageGone(windowId: number): void;
}

/** The page at the camera can never get the port of a screen, and no screen gets its. */
function pageOf({ url }: Pick<WebFrameMain, 'url'>): 'screen' | 'capture' {
  return new URL(url).pathname === CAPTURE_PAGE ? 'capture' : 'screen';
}

/** One of our windows: the page that waits for its port, and the port that is out. */
interface Screen {
  waiting: WebFrameMain | undefined;
  openPortId: number | undefined;
}

/**
 * One port at a time for each window, only for the main frame of one of our own showing the till's screens. A request
 * that comes while the window's port is out waits until that one is closed; so does one that comes before the agent has
 * opened.
 */
export function createPortBroker(options: {
  /** `webContents.id` of our windows. */
  readonly windowIds: () => readonly (number | undefined)[];
  readonly newChannel: () => Pick<MessageChannelMain, 'port1' | 'port2'>;
  readonly log: ShellLog;
}): PortBroker {
  const { windowIds, newChannel, log } = options;
  const screens = new Map<number, Screen>();
  let agent: ScreenAgent | undefined;
  let nextPortId = 0;

  const handOver = (screen: Screen): void => {
    const { waiting: frame } = screen;
    if (agent === undefined || frame === undefined || screen.openPortId !== undefined) return;
    screen.waiting = undefined;
    if (frame.isDestroyed()) return;
    const { port1, port2 } = newChannel();
    screen.openPortId = nextPortId++;
    agent.openScreen(screen.openPortId, port2, pageOf(frame));
    frame.postMessage(PORT_CHANNEL, null, [port1]);
  };

  const screenOf = (windowId: number): Screen => {
    const known = screens.get(windowId);
    if (known !== undefined) return known;
    const screen: Screen = { waiting: undefined, openPortId: undefined };
    screens.set(windowId, screen);
    return screen;
  };

  const refusalOf = ({ sender, senderFrame }: PortRequest): string | undefined => {
    if (!windowIds().includes(sender.id)) return 'another window';
    if (senderFrame === null) return 'a page that is gone';
    if (senderFrame.parent !== null) return 'a frame inside the page';
    if (senderFrame.origin !== TILL_ORIGIN) return 'a page that is not the till';
    return undefined;
  };

  return {
    request(request) {
      const refusal = refusalOf(request);
      if (refusal !== undefined) return log('warn', 'a port was refused', { to: refusal });
      const screen = screenOf(request.sender.id);
      screen.waiting = request.senderFrame as WebFrameMain;
      if (screen.openPortId !== undefined)
        log('warn', 'a port was asked for while one is out; it waits for that to close');
      handOver(screen);
    },
    agentOpened(opened) {
      agent = opened;
      for (const screen of screens.values()) handOver(screen);
    },
    agentGone() {
      agent = undefined;
      for (const screen of screens.values()) screen.openPortId = undefined;
    },
    portClosed(portId) {
      const screen = [...screens.values()].find(({ openPortId }) => openPortId === portId);
      if (screen === undefined) return;
      screen.openPortId = undefined;
      handOver(screen);
    },
    pageGone(windowId) {
      const screen = screens.get(windowId);
      if (screen === undefined) return;
      screen.waiting = undefined;
      // Its end dies with the page; ours is closed at once, so that nothing is sent to nobody.
      if (screen.openPortId !== undefined) agent?.closeScreen(screen.openPortId);
      if (!windowIds().includes(windowId) && screen.openPortId === undefined)
        screens.delete(windowId);
    },
  };
}
