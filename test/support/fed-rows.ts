import type { Member, PointsLot } from '../../agent/contract/index.ts';
import type { Cursor, FeedRow } from '../../sync/protocol/feed.ts';
import { testMember } from './ledger.ts';

/** A place in the feed. */
export function cursorAt(pos: number, timeline = 'timeline-1'): Cursor {
  return { timeline, pos, chain: String(pos % 10).repeat(64) };
}

export function memberRow(n: number, ver: number, more: Partial<Member> = {}): FeedRow {
  const member = testMember(n, more);
  return ['member', member.memberId, ver, JSON.stringify(member)];
}

/** An account with lots such as `{ a: 100 }`, and up to which entry each till's movements are booked. */
export function accountRow(
  memberId: string,
  ver: number,
  lots: Readonly<Record<string, number>>,
  booked: Readonly<Record<string, number>> = {},
): FeedRow {
  const all = Object.entries(lots).map(([lotId, points]) => lotOf(lotId, points));
  return ['points', memberId, ver, JSON.stringify({ memberId, lots: all, booked })];
}

function lotOf(lotId: string, points: number): Omit<PointsLot, 'memberId'> {
  return {
    lotId: lotId as PointsLot['lotId'],
    points,
    earnedAt: '2026-11-01T00:00:00.000Z',
    channel: 'store',
    bucket: 'base',
    source: 'hq',
  };
}

export function staffRow(staffId: string, ver: number, pinHash: string): FeedRow {
  const staff = { staffId, name: '李雷', role: 'cashier', active: true, pinHash, storeIds: null };
  return ['staff', staffId, ver, JSON.stringify(staff)];
}

export function articleRow(sku: string, ver: number, priceMinor = 990): FeedRow {
  const name = { 'zh-CN': '茶', en: 'Tea' };
  return ['article', sku, ver, JSON.stringify({ sku, name, category: 'drinks', priceMinor })];
}

/** The store of the test till, as the feed has it. */
const SHOP = {
  storeId: 'store-1',
  name: { 'zh-CN': '人民广场店', en: "People's Square" },
  storeTier: 'standard',
  timeZone: 'Asia/Shanghai',
  currency: 'CNY',
  dayEndsAtMinute: 0,
};

export function storeRow(ver: number, more: object = {}): FeedRow {
  return ['store', SHOP.storeId, ver, JSON.stringify({ ...SHOP, ...more })];
}

export function documentRow(version: number, ver: number): FeedRow {
  const body = { kind: 'rule-set', version, sizeBytes: 10, sha256: 'a'.repeat(64) };
  return ['document', 'rule-set', ver, JSON.stringify(body)];
}
