import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LotId, MemberId } from '../../../../agent/contract/index.ts';
import { appendEntry, testLot } from '../../../support/ledger.ts';
import { openTestStore } from '../../../support/store.ts';

const member = 'm-1' as MemberId;
const lot = (id: string) => id as LotId;
const move = (seq: number, lotId: string, delta: number) => ({
  seq,
  lotId: lot(lotId),
  memberId: member,
  delta,
});

describe('points', () => {
  test('are listed by expiry, those without last, then by lot id, empty lots left out and owed ones kept', () => {
    const till = openTestStore();
    till.store.points.upsertLots([
      testLot('d', member, 10),
      testLot('c', member, 10, { expiresOn: '2027-01-31' }),
      testLot('b', member, -3, { expiresOn: '2026-12-31', channel: 'app', bucket: 'fresh' }),
      testLot('a', member, 10),
      testLot('e', member, 0, { expiresOn: '2026-12-01' }),
      testLot('f', 'm-2', 99),
    ]);
    const { points } = till.reopen();
    expect(points.lots(member).map(({ lotId }) => lotId)).toEqual(['b', 'c', 'a', 'd']);
    expect(points.lots(member)[0]).toEqual(
      testLot('b', member, -3, { expiresOn: '2026-12-31', channel: 'app', bucket: 'fresh' }),
    );
    expect(points.balance(member)).toBe(27);
    expect(points.balance('m-9' as MemberId)).toBe(0);
  });

  test('move only with the entry that moves them, and each move is on record', () => {
    const { store } = openTestStore();
    store.points.upsertLots([testLot('a', member, 10), testLot('b', member, 0)]);
    expect(() => store.points.move([move(1, 'a', -4)])).toThrow('FOREIGN KEY');
    expect(store.points.balance(member)).toBe(10);
    store.transaction(() => {
      store.points.move([move(1, 'a', -4), move(1, 'b', 9), move(1, 'a', -7)]);
      appendEntry(store, 1, { memberId: member });
    });
    const base = { bucket: 'base' };
    expect(store.points.movementsOf(1)).toEqual([
      { ...move(1, 'a', -4), ...base },
      { ...move(1, 'b', 9), ...base },
      { ...move(1, 'a', -7), ...base },
    ]);
    expect(store.points.lots(member).map(({ lotId, points }) => [lotId, points])).toEqual([
      ['a', -1],
      ['b', 9],
    ]);
    expect(store.points.movementsOf(2)).toEqual([]);
  });

  test('keep the day from which a lot can be spent, and tell of each move what category it was of', () => {
    const till = openTestStore();
    const waits = testLot('w', member, 10, { availableOn: '2026-12-05', bucket: 'green' });
    till.store.points.upsertLots([waits, testLot('a', member, 5)]);
    till.store.points.addLots([testLot('w', member, 99), testLot('n', member, 1)]);
    till.store.transaction(() => {
      till.store.points.move([move(1, 'w', -4), move(1, 'a', -1)]);
      appendEntry(till.store, 1, { memberId: member });
    });
    const { points } = till.reopen();
    expect(points.lots(member).find(({ lotId }) => lotId === 'w')).toEqual({ ...waits, points: 6 });
    expect(points.movementsOf(1).map(({ bucket }) => bucket)).toEqual(['green', 'base']);
    points.upsertLots([testLot('w', member, 6, { bucket: 'green' })]);
    expect(points.lots(member).some((lot) => 'availableOn' in lot)).toBe(false);
  });

  test('do not move in a lot that is unknown or somebody else’s, and then nothing of the batch moves', () => {
    const { store } = openTestStore();
    store.points.upsertLots([testLot('a', member, 10), testLot('x', 'm-2', 10)]);
    store.transaction(() => appendEntry(store, 1));
    for (const foreign of ['x', 'nowhere']) {
      expect(() => store.points.move([move(1, 'a', -4), move(1, foreign, -4)])).toThrow(
        `no lot ${foreign}`,
      );
      expect(store.points.lots(member)[0]?.points).toBe(10);
      expect(store.points.movementsOf(1)).toEqual([]);
    }
    expect(() => store.points.move([move(1, 'a', 0.5)])).toThrow('whole numbers');
  });

  test('keep balance = first lots + movements, whatever moves', () => {
    const { store } = openTestStore();
    store.points.upsertLots([testLot('a', member, 100), testLot('b', member, 50)]);
    let [n, expected] = [0, 150];
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: -200, max: 200 })), {
          maxLength: 5,
        }),
        (all) => {
          n++;
          store.transaction(() => {
            store.points.move(all.map(([lotId, delta]) => move(n, lotId, delta)));
            appendEntry(store, n);
          });
          expected += all.reduce((sum, [, delta]) => sum + delta, 0);
          expect(store.points.balance(member)).toBe(expected);
        },
      ),
      { numRuns: 40 },
    );
  });
});
