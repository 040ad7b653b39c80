import { expect, test } from 'vitest';
import { lineOf } from '../../../../sync/hq/commands/tills.ts';
import { tillRowSchema } from '../../../../sync/protocol/fleet.ts';

const row = (rest: object) =>
  tillRowSchema.parse({
    tillId: 'till-1',
    storeId: 'store-1',
    storeName: { 'zh-CN': '店', en: 'Store' },
    storeTier: 'standard',
    state: 'registered',
    online: true,
    lastSeenAt: '2026-11-21T08:30:00.000Z',
    version: '1.0.0',
    protocol: 4,
    behind: 12,
    waiting: 3,
    oldestWaitingAt: '2026-11-21T08:00:00.000Z',
    receivedSeq: 40,
    backedUpSeq: 30,
    clockOffsetMs: 0,
    registeredAt: '2026-11-01T00:00:00.000Z',
    lastCheck: {
      at: '2026-11-21T03:00:00.000Z',
      kind: 'walk',
      outcome: 'repaired',
      drift: 2,
    },
    recentDrift: 5,
    ...rest,
  });

test('a till in the list says what waits there, its last check and its drift, as the console does', () => {
  expect(lineOf(row({})).replaceAll(/ +/g, ' ')).toBe(
    'till-1 store-1 online behind 12 waiting 3 since 2026-11-21T08:00:00.000Z entries 40 drift 5 ' +
      'check repaired 2026-11-21T03:00:00.000Z 2026-11-21T08:30:00.000Z 1.0.0',
  );
});

test('a till in the list that has yet to say has dashes', () => {
  const silent = {
    state: 'waiting',
    online: false,
    lastSeenAt: null,
    version: null,
    protocol: null,
    behind: null,
    waiting: null,
    oldestWaitingAt: null,
    receivedSeq: 0,
    registeredAt: null,
    lastCheck: null,
    recentDrift: 0,
  };
  expect(lineOf(row(silent)).replaceAll(/ +/g, ' ').trim()).toBe(
    'till-1 store-1 waiting behind - waiting - entries 0 drift 0 check - -',
  );
});
