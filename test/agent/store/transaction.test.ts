import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MemberId } from '../../../agent/contract/index.ts';
import { isStorageError } from '../../../agent/store/sqlite/storage-error.ts';
import { commitSale, testMember } from '../../support/ledger.ts';
import { openTestStore } from '../../support/store.ts';

describe('a transaction of the store', () => {
  test('is kept whole, and its reads see its own writes', () => {
    const { store } = openTestStore();
    const seen = store.transaction(() => {
      store.members.upsert([testMember(1)]);
      return store.members.count();
    });
    expect([seen, store.members.count()]).toEqual([1, 1]);
  });

  test('leaves nothing behind when its work throws, and the next one works', () => {
    const { store } = openTestStore();
    const failing = () =>
      store.transaction(() => {
        store.members.upsert([testMember(1)]);
        store.events.append(1, { kind: 'till', what: 'started' });
        throw new Error('changed my mind');
      });
    expect(failing).toThrow('changed my mind');
    expect([store.members.count(), store.events.head()]).toEqual([0, 0]);
    commitSale(store, 1, 'm-1' as MemberId);
    expect(store.ledger.head().seq).toBe(1);
  });

  test('does not nest and waits for nothing', () => {
    const { store } = openTestStore();
    expect(() => store.transaction(() => store.transaction(() => 1))).toThrow('do not nest');
    expect(() =>
      store.transaction(() => {
        store.meta.set('a', 'b');
        return Promise.resolve();
      }),
    ).toThrow('waits for nothing');
    expect(store.meta.get('a')).toBeUndefined();
  });

  test('that is broken off between others leaves exactly the whole ones, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 12 }), (plan) => {
        const { store } = openTestStore();
        const breakOff = () => {
          store.events.append(1, { kind: 'till', what: 'started' });
          throw new Error('broken off');
        };
        let n = 0;
        for (const good of plan) {
          if (good) commitSale(store, ++n, 'm-1' as MemberId);
          else expect(() => store.transaction(breakOff)).toThrow('broken off');
        }
        expect([
          store.ledger.head().seq,
          store.events.head(),
          store.points.balance('m-1' as MemberId),
        ]).toEqual([n, n, n * 90]);
      }),
      { numRuns: 10 },
    );
  });

  test('that finds the database held by somebody else fails as a storage error and works afterwards', () => {
    const till = openTestStore();
    till.withSql((db) => {
      db.exec('BEGIN IMMEDIATE');
      let thrown: unknown;
      try {
        till.store.meta.set('a', 'b');
      } catch (error) {
        thrown = error;
      }
      expect(isStorageError(thrown) && thrown.code).toBe('storage-failed');
      db.exec('ROLLBACK');
    });
    till.store.meta.set('a', 'b');
    expect(till.store.meta.get('a')).toBe('b');
  });
});
