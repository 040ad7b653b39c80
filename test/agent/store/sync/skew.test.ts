import { describe, expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/index.ts';
import type { FeedRow } from '../../../../sync/protocol/feed.ts';
import { checkDigests } from '../../../support/check-digests.ts';
import { cursorAt, memberRow } from '../../../support/fed-rows.ts';
import { fedTill, M1, scrub } from '../checks/fed-till.ts';

/** A till of this version that has eaten a row of another one, with what its checks then say. */
function fedWith(row: FeedRow) {
  const till = fedTill();
  const applied = till.store.sync.apply([row], cursorAt(101));
  const { suspects } = scrub(till);
  return { till, applied, suspects, faults: till.withSql(checkDigests) };
}

/** The row as another version of headquarters writes it. */
function changed(more: object, without: readonly string[] = []): FeedRow {
  const [table, key, ver, body] = memberRow(1, 900);
  const fields = { ...JSON.parse(body ?? ''), ...more };
  for (const field of without) delete fields[field];
  return [table, key, ver, JSON.stringify(fields)];
}

describe('skew between a till and its headquarters', () => {
  test('unknown column: it is kept with the row, and neither side drifts', () => {
    const { till, applied, suspects, faults } = fedWith(changed({ tier: 'gold', shoeSize: 43 }));
    expect([applied.refused, suspects, faults]).toEqual([[], 0, []]);
    expect(till.store.members.byId(M1)?.tier).toBe('gold');
  });

  test('dropped column: one that may be absent reads as its default', () => {
    const { till, applied, suspects, faults } = fedWith(changed({}, ['tags', 'cards', 'phone']));
    expect([applied.refused, suspects, faults]).toEqual([[], 0, []]);
    expect(till.store.members.byId(M1)).toMatchObject({ tags: [], cards: [] });
  });

  test.each([
    ['dropped column: one that a row must have', changed({}, ['name']), 'name'],
    [
      'enum added: a status that this version does not know',
      changed({ status: 'on-leave' }),
      'status',
    ],
  ])(
    '%s lays the row aside with the field, the till keeps what it had, and neither side drifts',
    (_, row, field) => {
      const before = fedTill().store.members.byId(M1);
      const { till, applied, suspects, faults } = fedWith(row);
      expect(applied.refused).toEqual([
        { table: 'member', key: 'm-1', why: expect.stringContaining(field) },
      ]);
      expect(till.store.members.byId(M1)).toEqual(before);
      expect([suspects, faults]).toEqual([0, []]);
      // Its next version counts as any other.
      till.store.sync.apply([memberRow(1, 901, { tier: 'silver' })], cursorAt(102));
      expect(till.store.members.byId('m-1' as MemberId)?.tier).toBe('silver');
      expect([scrub(till).suspects, till.withSql(checkDigests)]).toEqual([0, []]);
    },
  );
});
