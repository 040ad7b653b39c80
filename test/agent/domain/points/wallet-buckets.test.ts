import { describe, expect, test } from 'vitest';
import type { LotId, MemberId, PointsLot } from '../../../../agent/contract/index.ts';
import { WALLET_MAX_BUCKETS, WALLET_MAX_LOTS } from '../../../../agent/contract/wallet.ts';
import { walletBuckets, walletLots } from '../../../../agent/domain/points/wallet-buckets.ts';

const TODAY = '2026-11-21';
const day = (reserved: Record<string, number> = {}) => ({
  today: TODAY,
  until: '2026-12-21',
  reserved,
});

function lot(lotId: string, points: number, more: Partial<PointsLot> = {}): PointsLot {
  return {
    lotId: lotId as LotId,
    memberId: 'm' as MemberId,
    points,
    earnedAt: '2026-01-01T00:00:00.000Z',
    channel: 'store',
    bucket: 'base',
    source: 'test',
    ...more,
  };
}

describe('the categories of a wallet', () => {
  test('show what can be spent, what waits, what expires soon and what is owed, base first', () => {
    const lots = [
      lot('g', 5, { bucket: 'green', expiresOn: '2026-12-01' }),
      lot('a', -30, { bucket: 'a' }),
      lot('b1', 10, { expiresOn: '2026-12-05' }),
      lot('b2', 20, { expiresOn: '2028-01-01' }),
      lot('b3', 40, { availableOn: '2026-12-01', expiresOn: '2026-12-02' }),
      lot('gone', 99, { bucket: 'old', expiresOn: '2026-11-20' }),
    ];
    expect(walletBuckets(lots, day())).toEqual([
      {
        bucket: 'base',
        // 30, of which all are kept back for what is owed of `a`.
        available: 0,
        pending: 40,
        expiringSoon: 10,
        firstExpiryOn: '2026-12-05',
      },
      { bucket: 'a', available: -30, pending: 0, expiringSoon: 0 },
      {
        bucket: 'green',
        available: 5,
        pending: 0,
        expiringSoon: 5,
        firstExpiryOn: '2026-12-01',
      },
    ]);
    expect(walletBuckets([], day())).toEqual([]);
  });

  test('leave out what running sales reserve and what is owed of another category', () => {
    const lots = [lot('b', 100), lot('tea', -40, { bucket: 'tea' }), lot('g', 5, { bucket: 'g' })];
    const shown = (reserved?: Record<string, number>) =>
      walletBuckets(lots, day(reserved)).map(({ bucket, available }) => [bucket, available]);
    expect(shown()).toEqual([
      ['base', 60],
      ['g', 5],
      ['tea', -40],
    ]);
    expect(shown({ base: 50, g: 2 })).toEqual([
      ['base', 10],
      ['g', 3],
      ['tea', -40],
    ]);
  });

  test(`are ${WALLET_MAX_BUCKETS} at most`, () => {
    const lots = Array.from({ length: WALLET_MAX_BUCKETS }, (_, n) =>
      lot(`l-${n}`, 1, { bucket: `c${n}` }),
    );
    expect(walletBuckets(lots, day())).toHaveLength(WALLET_MAX_BUCKETS);
    const [first, ...others] = walletBuckets([...lots, lot('b', 1)], day());
    expect(first?.bucket).toBe('base');
    expect(others).toHaveLength(WALLET_MAX_BUCKETS - 1);
  });

  test('that only wait are there too', () => {
    const lots = [lot('w', 7, { bucket: 'green', availableOn: '2026-11-22' })];
    expect(walletBuckets(lots, day())).toEqual([
      { bucket: 'green', available: 0, pending: 7, expiringSoon: 0 },
    ]);
  });
});

describe('the lots of a wallet', () => {
  test('leave out what expired and what is empty, and keep what is owed or waits', () => {
    const lots = [
      lot('late', 1, { expiresOn: '2027-01-01' }),
      lot('gone', 1, { expiresOn: '2026-11-20' }),
      lot('owed', -1, { expiresOn: '2026-11-20' }),
      lot('empty', 0),
      lot('waits', 1, { availableOn: '2026-12-01' }),
      lot('last-day', 1, { expiresOn: TODAY }),
    ];
    const ids = walletLots(lots, TODAY, 10).map(({ lotId }) => lotId);
    expect(ids).toEqual(['owed', 'last-day', 'late', 'waits']);
  });

  test(`are ${WALLET_MAX_LOTS} at most, and those that expire first are kept`, () => {
    const lots = Array.from({ length: WALLET_MAX_LOTS + 1 }, (_, n) =>
      lot(`l${n}`, 1, { expiresOn: `2027-01-${n === 0 ? '31' : '30'}` }),
    );
    const shown = walletLots(lots, TODAY, WALLET_MAX_LOTS);
    expect(shown).toHaveLength(WALLET_MAX_LOTS);
    expect(shown.some(({ lotId }) => lotId === 'l0')).toBe(false);
    expect(walletLots(lots.slice(1), TODAY, WALLET_MAX_LOTS)).toHaveLength(WALLET_MAX_LOTS);
  });
});
