/**
 * Where the connection stands. `reconnecting`: it was there a moment ago and is being made again, so headquarters counts
 * as reached until that fails. `rechecking`: sync is stopped and looks whether somebody has put it right.
 */
export type ConnectionState =
  | 'idle'
  | 'connecting'
  | 'waiting'
  | 'online'
  | 'reconnecting'
  | 'stopped'
  | 'rechecking'
  | 'closed';

export type ConnectionEvent =
  /** The client was started. */
  | 'start'
  /** A session with headquarters is open. */
  | 'opened'
  /** Headquarters did not answer, or not as it should. */
  | 'failed'
  /** The stream or poll that was under way broke off. */
  | 'cut'
  /** Headquarters refuses this till until a person acts. */
  | 'halted'
  /** The next attempt begins. */
  | 'retry'
  /** The client ends. */
  | 'close';

export const CONNECTION_STATES: readonly ConnectionState[] = [
  'idle',
  'connecting',
  'waiting',
  'online',
  'reconnecting',
  'stopped',
  'rechecking',
  'closed',
];
export const CONNECTION_EVENTS: readonly ConnectionEvent[] = [
  'start',
  'opened',
  'failed',
  'cut',
  'halted',
  'retry',
  'close',
];

/** Every state times every event; what changes nothing stands there too. */
const NEXT: Readonly<Record<ConnectionState, Readonly<Record<ConnectionEvent, ConnectionState>>>> =
  {
    idle: {
      start: 'connecting',
      opened: 'idle',
      failed: 'idle',
      cut: 'idle',
      halted: 'idle',
      retry: 'idle',
      close: 'closed',
    },
    connecting: {
      start: 'connecting',
      opened: 'online',
      failed: 'waiting',
      cut: 'connecting',
      halted: 'stopped',
      retry: 'connecting',
      close: 'closed',
    },
    waiting: {
      start: 'waiting',
      opened: 'online',
      failed: 'waiting',
      cut: 'waiting',
      halted: 'stopped',
      retry: 'connecting',
      close: 'closed',
    },
    online: {
      start: 'online',
      opened: 'online',
      failed: 'waiting',
      cut: 'reconnecting',
      halted: 'stopped',
      retry: 'online',
      close: 'closed',
    },
    reconnecting: {
      start: 'reconnecting',
      opened: 'online',
      failed: 'waiting',
      cut: 'reconnecting',
      halted: 'stopped',
      retry: 'reconnecting',
      close: 'closed',
    },
    stopped: {
      start: 'stopped',
      opened: 'stopped',
      failed: 'stopped',
      cut: 'stopped',
      halted: 'stopped',
      retry: 'rechecking',
      close: 'closed',
    },
    rechecking: {
      start: 'rechecking',
      opened: 'online',
      failed: 'stopped',
      cut: 'rechecking',
      halted: 'stopped',
      retry: 'rechecking',
      close: 'closed',
    },
    closed: {
      start: 'closed',
      opened: 'closed',
      failed: 'closed',
      cut: 'closed',
      halted: 'closed',
      retry: 'closed',
      close: 'closed',
    },
  };

/** The state after an event. */
export function nextConnection(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  return NEXT[state][event];
}

/** How a state is told to people. */
export function shownState(state: ConnectionState): 'online' | 'offline' | 'stopped' {
  switch (state) {
    case 'online':
    case 'reconnecting':
      return 'online';
    case 'stopped':
    case 'rechecking':
      return 'stopped';
    default:
      return 'offline';
  }
}
