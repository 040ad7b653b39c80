import { expect, test } from 'vitest';
import { type Member, memberSchema } from '../../../../agent/contract/index.ts';
import { localTime } from '../../../../agent/domain/benefits/local-time.ts';
import {
  LANE_BOARD_MAX,
  type LaneVisit,
  laneBoard,
} from '../../../../agent/domain/lane/lane-board.ts';

const NOW_MS = Date.UTC(2026, 10, 21, 8, 30);
const now = localTime(NOW_MS, 'Asia/Shanghai');

function visit(memberId: string, more: Partial<LaneVisit> = {}, facts: object = {}): LaneVisit {
  const member: Member = memberSchema.parse({
    memberId,
    name: '王小明',
    tier: 'gold',
    entitlements: [{ kind: 'priority-lane' }],
    updatedAt: '2026-11-01T00:00:00.000Z',
    ...facts,
  });
  return { member, firstSeenMs: NOW_MS - 1_000, lastSeenMs: NOW_MS, servedMs: null, ...more };
}

const board = (visits: LaneVisit[]) =>
  laneBoard({ visits, identifiedToday: visits.length, storeId: 'store-1', now, nowMs: NOW_MS });
const ids = (visits: LaneVisit[]): string[] => board(visits).members.map((one) => one.memberId);

test('who waits longest stands on top, the served below', () => {
  const visits = [
    visit('served', { firstSeenMs: 0, servedMs: NOW_MS }),
    visit('late'),
    visit('early', { firstSeenMs: NOW_MS - 9_000 }),
  ];
  expect(ids(visits)).toEqual(['early', 'late', 'served']);
});

test('only members in good standing with the right at this store are on it, the right counting on its last day', () => {
  const right = (more: object): object => ({ entitlements: [{ kind: 'priority-lane', ...more }] });
  const visits = [
    visit('yes', {}, right({ validUntil: '2026-11-21', storeIds: ['store-1'] })),
    visit('over', {}, right({ validUntil: '2026-11-20' })),
    visit('elsewhere', {}, right({ storeIds: ['store-2'] })),
    visit('other', {}, { entitlements: [{ kind: 'parking' }] }),
    visit('blocked', {}, { status: 'blocked' }),
  ];
  expect(ids(visits)).toEqual(['yes']);
  expect(board(visits)).toMatchObject({ identifiedToday: 5, asOf: '2026-11-21T08:30:00.000Z' });
});

test('the board holds so many and no more', () => {
  const visits = Array.from({ length: LANE_BOARD_MAX + 1 }, (_, n) =>
    visit(`m${n}`, { firstSeenMs: n }),
  );
  expect(ids(visits)).toHaveLength(LANE_BOARD_MAX);
});
