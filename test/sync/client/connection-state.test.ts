import { describe, expect, test } from 'vitest';
import {
  CONNECTION_EVENTS,
  CONNECTION_STATES,
  type ConnectionEvent,
  type ConnectionState,
  nextConnection,
  shownState,
} from '../../../sync/client/connection-state.ts';

describe('the connection', () => {
  /** What changes the state; every other cell leaves it as it is. */
  const changes: Record<ConnectionState, Partial<Record<ConnectionEvent, ConnectionState>>> = {
    idle: { start: 'connecting', close: 'closed' },
    connecting: { opened: 'online', failed: 'waiting', halted: 'stopped', close: 'closed' },
    waiting: { opened: 'online', halted: 'stopped', retry: 'connecting', close: 'closed' },
    online: { failed: 'waiting', cut: 'reconnecting', halted: 'stopped', close: 'closed' },
    reconnecting: { opened: 'online', failed: 'waiting', halted: 'stopped', close: 'closed' },
    stopped: { retry: 'rechecking', close: 'closed' },
    rechecking: { opened: 'online', failed: 'stopped', halted: 'stopped', close: 'closed' },
    closed: {},
  };
  const cells = CONNECTION_STATES.flatMap((state) =>
    CONNECTION_EVENTS.map((event) => [state, event, changes[state][event] ?? state] as const),
  );
  test.each(cells)('%s, on %s, is %s', (state, event, after) => {
    expect(nextConnection(state, event)).toBe(after);
  });

  test('is never shown as online while it waits, starts or is stopped', () => {
    expect(CONNECTION_STATES.map((state) => [state, shownState(state)])).toEqual([
      ['idle', 'offline'],
      ['connecting', 'offline'],
      ['waiting', 'offline'],
      ['online', 'online'],
      ['reconnecting', 'online'],
      ['stopped', 'stopped'],
      ['rechecking', 'stopped'],
      ['closed', 'offline'],
    ]);
  });
});
