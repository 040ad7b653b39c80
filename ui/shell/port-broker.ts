import type { MessageChannelMain, MessagePortMain, WebContents, WebFrameMain } from 'electron';
import { TILL_ORIGIN } from './addresses.ts';
import { PORT_CHANNEL } from './channels.ts';
import type { ShellLog } from './shell-log.ts';

/** Gives the agent its end of a screen's channel, and takes it back. */
export interface ScreenAgent {
  openScreen(portId: number, port: MessagePortMain): void;
  closeScreen(portId: number): void;
}

/** A page's request as `ipcMain` reports it. */
export interface PortRequest {
  readonly sender: Pick<WebContents, 'id'>;
  readonly senderFrame: WebFrameMain | null;
}

/** Hands the one port between page and agent. The main process never sees what goes over it. */
export interface PortBroker {
  request(request: PortRequest): void;
  agentOpened(agent: ScreenAgent): void;
  agentGone(): void;
  /** The agent no longer serves this port. */
  portClosed(portId: number): void;
  /** The page was left, loaded again, or its process ended. */
  pageGone(): void;
}

/**
 * One port at a time, only for the main frame of our own window showing the till's screens. A request that comes while
 * a port is out waits until that one is closed; so does one that comes before the agent has opened.
 */
export function createPortBroker(options: {
  /** `webContents.id` of our window. */
  readonly windowId: number;
  readonly newChannel: () => Pick<MessageChannelMain, 'port1' | 'port2'>;
  readonly log: ShellLog;
}): PortBroker {
  const { windowId, newChannel, log } = options;
  let agent: ScreenAgent | undefined;
  let waiting: WebFrameMain | undefined;
  let openPortId: number | undefined;
  let nextPortId = 0;

  const handOver = (): void => {
    if (agent === undefined || waiting === undefined || openPortId !== undefined) return;
    const frame = waiting;
    waiting = undefined;
    if (frame.isDestroyed()) return;
    const { port1, port2 } = newChannel();
    openPortId = nextPortId++;
    agent.openScreen(openPortId, port2);
    frame.postMessage(PORT_CHANNEL, null, [port1]);
  };

  const refusalOf = ({ sender, senderFrame }: PortRequest): string | undefined => {
    if (sender.id !== windowId) return 'another window';
    if (senderFrame === null) return 'a page that is gone';
    if (senderFrame.parent !== null) return 'a frame inside the page';
    if (senderFrame.origin !== TILL_ORIGIN) return 'a page that is not the till';
    return undefined;
  };

  return {
    request(request) {
      const refusal = refusalOf(request);
      if (refusal !== undefined) return log('warn', 'a port was refused', { to: refusal });
      waiting = request.senderFrame as WebFrameMain;
      if (openPortId !== undefined)
        log('warn', 'a port was asked for while one is out; it waits for that to close');
      handOver();
    },
    agentOpened(opened) {
      agent = opened;
      handOver();
    },
    agentGone() {
      agent = undefined;
      openPortId = undefined;
    },
    portClosed(portId) {
      if (portId !== openPortId) return;
      openPortId = undefined;
      handOver();
    },
    pageGone() {
      waiting = undefined;
      // Its end dies with the page; ours is closed at once, so that nothing is sent to nobody.
      if (openPortId !== undefined) agent?.closeScreen(openPortId);
    },
  };
}
