/** The part of a WebSocket that the link uses. */
export interface LinkSocket {
  send(data: string): void;
  close(): void;
  addEventListener(type: string, listener: (event: { readonly data: unknown }) => void): void;
  removeEventListener(type: string, listener: (event: { readonly data: unknown }) => void): void;
}

/** A message port as the desktop shell hands it over. */
export type LinkPort = Pick<MessagePort, 'postMessage' | 'addEventListener' | 'start' | 'close'>;

/** Everything the link takes from the page, so that tests can stand in for it. */
export interface LinkEnvironment {
  /** The desktop shell, where the page runs in one. */
  readonly shell?: {
    /** Asks for a port to the till; `given` may be called again when the till was restarted. The value withdraws the request. */
    requestPort(
      given: (port: LinkPort, onClosed: (closed: () => void) => void) => void,
    ): () => void;
  };
  /** What the page is to the till; absent = one of its screens. */
  readonly page?: 'screen' | 'capture';
  readonly openSocket: () => LinkSocket;
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** The one-time code of the page's address, while it has one. */
  readonly code: () => string | undefined;
  /** Removes the code from the address and from the history. */
  readonly forgetCode: () => void;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly epochMs: () => number;
  /** Runs `run` after `delayMs`; the value cancels that. */
  readonly after: (delayMs: number, run: () => void) => () => void;
}

/**
 * Messages between page and preload script of the desktop shell (`window.postMessage`, same origin, same window):
 * the page asks, the shell answers with a transferred port.
 */
export const PORT_REQUEST = 'tillside:port-request';
export const PORT_REPLY = 'tillside:port';
/** Set on `window` by the preload script; absent in a plain browser. */
export const SHELL_MARK = 'tillsideShell';

/** The environment of a real page. */
export function browserEnvironment(): LinkEnvironment {
  const { location, sessionStorage, history } = window;
  return {
    ...(SHELL_MARK in window ? { shell: { requestPort: requestShellPort } } : {}),
    openSocket: () => new WebSocket(`ws://${location.host}/ws`),
    storage: sessionStorage,
    code: () => new URLSearchParams(location.hash.slice(1)).get('code') ?? undefined,
    forgetCode: () => {
      const rest = new URLSearchParams(location.hash.slice(1));
      rest.delete('code');
      const hash = rest.size === 0 ? '' : `#${rest.toString()}`;
      history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`);
    },
    random: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
    epochMs: () => Math.round(performance.timeOrigin + performance.now()),
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  };
}

function requestShellPort(
  given: (port: LinkPort, onClosed: (closed: () => void) => void) => void,
): () => void {
  const onMessage = (event: MessageEvent): void => {
    // Only our own preload script posts from this window to itself; frames and openers have another source.
    if (
      event.source !== window ||
      event.origin !== window.location.origin ||
      event.data !== PORT_REPLY
    )
      return;
    const [port] = event.ports;
    if (port === undefined) return;
    window.removeEventListener('message', onMessage);
    port.start();
    given(port, (closed) => port.addEventListener('close', closed, { once: true }));
  };
  window.addEventListener('message', onMessage);
  window.postMessage(PORT_REQUEST, window.location.origin);
  return () => window.removeEventListener('message', onMessage);
}
