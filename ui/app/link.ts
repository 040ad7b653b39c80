import { type ClientContext, type ClientLink, createORPCClient, ORPCError } from '@orpc/client';
import { RPCLink as PortLink, type SupportedMessagePort } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import type {
  ErrorBody,
  ErrorCode,
  Text,
  TillContract,
  TillEvent,
} from '../../agent/contract/index.ts';
import { browserEnvironment, type LinkEnvironment, type LinkSocket } from './link-environment.ts';

/** Every procedure of the till, typed by the contract. */
export type TillClient = ContractRouterClient<TillContract>;

/**
 * `connecting` not reached yet, or again on its way; `open` calls go through; `closed` not reached, the next attempt is
 * timed; `refused` the till will not have this page: only opening it again from the till helps.
 */
export interface LinkState {
  readonly phase: 'connecting' | 'open' | 'closed' | 'refused';
  /** Epoch milliseconds of the change to this phase. */
  readonly since: number;
  /** Attempts that failed since the link was last open. */
  readonly failures: number;
  /** Why the till refused, where it did. */
  readonly error?: LinkError;
}

/** An error of a call as screens show it. `disconnected` is the link's own: the call did not reach the till or its answer was lost. */
export interface LinkError {
  readonly code: ErrorCode | 'disconnected';
  readonly message: Text;
  readonly hint: Text;
  readonly field?: string;
  readonly data?: Record<string, unknown>;
}

/** Thrown by calls made while the link is not open, and by calls whose answer was lost with it. */
export class DisconnectedError extends Error {
  override readonly name = 'DisconnectedError';
}

export interface TillLink {
  readonly client: TillClient;
  state(): LinkState;
  /** Calls `changed` on each change of state; the value ends that. */
  subscribe(changed: () => void): () => void;
  /**
   * Events in order without a gap, over as many connections as it takes.
   * @param options.after resume after this `seq`; absent = from the present
   * @param options.onGap the till no longer has the events to resume from: read the state afresh; delivery goes on from the present
   */
  follow(options: {
    readonly after?: number;
    readonly onEvent: (event: TillEvent) => void;
    readonly onGap?: () => void;
  }): () => void;
  close(): void;
}

const DISCONNECTED: LinkError = {
  code: 'disconnected',
  message: { 'zh-CN': '与本机服务的连接已断开', en: 'The connection to the till program is down' },
  hint: { 'zh-CN': '正在自动重连；重连后再试', en: 'It reconnects by itself; try again then' },
};

/** What a screen shows for anything a call threw. */
export function readError(error: unknown): LinkError {
  if (error instanceof ORPCError && isErrorBody(error.data)) return error.data;
  if (error instanceof DisconnectedError) return DISCONNECTED;
  return {
    code: 'internal',
    message: { 'zh-CN': '程序出错', en: 'Something broke inside' },
    hint: {
      'zh-CN': '重试；若仍出错请联系技术支持',
      en: 'Try again; if it happens again call support',
    },
  };
}

function isErrorBody(data: unknown): data is ErrorBody {
  return (
    typeof data === 'object' &&
    data !== null &&
    'code' in data &&
    'message' in data &&
    'hint' in data
  );
}

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 10_000;
/** The till answers the first message or the attempt counts as failed. */
const WELCOME_TIMEOUT_MS = 5_000;
/** Where the token of a page is kept: the tab's own storage, gone with the tab. */
const TOKEN_KEYS = { screen: 'tillside.screen-token', capture: 'tillside.capture-token' } as const;
/** Refusals after which another attempt with the same token is pointless. */
const FINAL_REFUSALS: readonly string[] = ['unauthenticated', 'ui-code-wrong', 'forbidden-origin'];

/** Backoff of attempt `failures` (1, 2, ...): doubling from 250 ms to 10 s, of which the later half is random. */
export function retryDelayMs(failures: number, random: number): number {
  const full = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 16));
  return full / 2 + (full / 2) * random;
}

type Link = ClientLink<ClientContext>;

/**
 * The page's connection to its till: a message port under Electron, a WebSocket in a browser. It reconnects by itself
 * for as long as the page lives; calls made meanwhile fail at once, so that a screen never waits on a dead line.
 * The one-time code in the address (`#code=...`) is exchanged for a token kept in this tab, and removed from the address.
 */
export function createTillLink(environment: LinkEnvironment = browserEnvironment()): TillLink {
  const { page = 'screen' } = environment;
  const tokenKey = TOKEN_KEYS[page];
  const listeners = new Set<() => void>();
  const waiting = new Set<() => void>();
  let current: { readonly link: Link; readonly drop: () => void } | undefined;
  let state: LinkState = { phase: 'connecting', since: environment.epochMs(), failures: 0 };
  let cancelRetry: (() => void) | undefined;
  let cancelAttempt: (() => void) | undefined;
  let ended = false;

  function enter(phase: LinkState['phase'], failures: number, error?: LinkError): void {
    state = {
      phase,
      since: state.phase === phase ? state.since : environment.epochMs(),
      failures,
      ...(error === undefined ? {} : { error }),
    };
    for (const changed of listeners) changed();
    if (phase === 'open') for (const wake of [...waiting]) wake();
  }

  function opened(link: Link, drop: () => void): void {
    current = { link, drop };
    enter('open', 0);
  }

  /** The connection is gone or an attempt failed: try again, unless the till said that it is no use. */
  function lost(refusal?: LinkError): void {
    if (ended) return;
    current = undefined;
    cancelAttempt?.();
    cancelAttempt = undefined;
    if (refusal !== undefined && FINAL_REFUSALS.includes(refusal.code)) {
      environment.storage.removeItem(tokenKey);
      enter('refused', state.failures + 1, refusal);
      return;
    }
    const failures = state.failures + 1;
    enter('closed', failures);
    cancelRetry = environment.after(retryDelayMs(failures, environment.random()), connect);
  }

  function connect(): void {
    if (ended) return;
    enter('connecting', state.failures);
    const shell = environment.shell;
    if (shell === undefined) cancelAttempt = openSocket();
    else
      cancelAttempt = shell.requestPort((port, onClosed) => {
        onClosed(() => lost());
        opened(new PortLink({ port: port as SupportedMessagePort }), () => undefined);
      });
  }

  function openSocket(): () => void {
    const introduction = introduce();
    if (introduction === undefined) {
      // Deferred, so that a caller has subscribed before the first change.
      return environment.after(0, () => lost(NO_TOKEN));
    }
    const socket: LinkSocket = environment.openSocket();
    let refusal: LinkError | undefined;
    let settled = false;
    const cancelTimer = environment.after(WELCOME_TIMEOUT_MS, () => socket.close());
    socket.addEventListener('open', () => socket.send(JSON.stringify(introduction)));
    const onReply = (event: { readonly data: unknown }): void => {
      const reply = JSON.parse(String(event.data)) as Welcome;
      if (reply.kind === 'refused') {
        refusal = reply.error;
        return;
      }
      settled = true;
      cancelTimer();
      socket.removeEventListener('message', onReply);
      if (reply.token !== undefined) environment.storage.setItem(tokenKey, reply.token);
      if ('code' in introduction) environment.forgetCode();
      opened(new SocketLink({ websocket: socket as unknown as WebSocket }), () => socket.close());
    };
    socket.addEventListener('message', onReply);
    socket.addEventListener('close', () => {
      cancelTimer();
      if ('code' in introduction && !settled) {
        // A spent code is worth nothing again; an older token of this tab may still be.
        if (refusal !== undefined) environment.forgetCode();
        if (refusal !== undefined && environment.storage.getItem(tokenKey) !== null)
          refusal = undefined;
      }
      lost(refusal);
    });
    return () => {
      cancelTimer();
      socket.close();
    };
  }

  function introduce(): Introduction | undefined {
    const code = environment.code();
    if (code !== undefined) return { kind: page === 'screen' ? 'link' : 'capture-link', code };
    const token = environment.storage.getItem(tokenKey);
    return token === null ? undefined : { kind: page, token };
  }

  const link: Link = {
    async call(path, input, options) {
      const used = current;
      if (used === undefined) throw new DisconnectedError('the link is not open');
      try {
        return await used.link.call(path, input, options);
      } catch (error) {
        if (error instanceof ORPCError || used === current || options.signal?.aborted === true)
          throw error;
        throw new DisconnectedError('the link was lost before the answer', { cause: error });
      }
    },
  };
  const client: TillClient = createORPCClient(link);

  /** Resolves when the link is open or `signal` aborts. */
  function untilOpen(signal: AbortSignal): Promise<void> {
    if (state.phase === 'open' || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  function follow({ after, onEvent, onGap }: Parameters<TillLink['follow']>[0]): () => void {
    const stop = new AbortController();
    let position = after;
    let pause = 0;
    const hand = (event: TillEvent): void => {
      try {
        onEvent(event);
      } catch (error) {
        // A screen's own mistake is for the page's error handler; the stream goes on.
        queueMicrotask(() => {
          throw error;
        });
      }
    };
    const once = async (): Promise<void> => {
      // A definite place to resume from, before the first event was seen.
      position ??= (await client.pos.status()).head.eventSeq;
      for await (const event of await client.pos.events(
        { after: position },
        { signal: stop.signal },
      )) {
        position = event.seq;
        pause = 0;
        hand(event);
      }
    };
    const run = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        await untilOpen(stop.signal);
        if (stop.signal.aborted) return;
        try {
          await once();
        } catch (error) {
          if (stop.signal.aborted) return;
          if (readError(error).code === 'events-gone') {
            position = undefined;
            onGap?.();
          }
        }
        pause += 1;
        await new Promise<void>((resolve) =>
          environment.after(retryDelayMs(pause, environment.random()), resolve),
        );
      }
    };
    void run();
    return () => stop.abort();
  }

  connect();

  return {
    client,
    state: () => state,
    subscribe(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    follow,
    close() {
      ended = true;
      cancelRetry?.();
      cancelAttempt?.();
      current?.drop();
      current = undefined;
      enter('closed', state.failures);
    },
  };
}

/** The first message; see the agent's `firstMessageSchema`. */
type Introduction =
  | { readonly kind: 'link' | 'capture-link'; readonly code: string }
  | { readonly kind: 'screen' | 'capture'; readonly token: string };

type Welcome =
  | { readonly kind: 'welcome'; readonly token?: string }
  | { readonly kind: 'refused'; readonly error: LinkError };

const NO_TOKEN: LinkError = {
  code: 'unauthenticated',
  message: {
    'zh-CN': '此页面还没有得到收银台的许可',
    en: 'This page was not opened from the till',
  },
  hint: {
    'zh-CN': '请用收银台程序显示的地址打开',
    en: 'Open it by the address that the till prints',
  },
};
