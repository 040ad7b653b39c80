import { describe, expect, it } from 'vitest';
import { type Member, memberSchema } from '../../../../agent/contract/member.ts';
import { countBooking, yearsOf } from '../../../../agent/domain/members/count-booking.ts';
import { LOTS_KEPT_MAX } from '../../../../sync/hq/books/account.ts';
import { applyMemberRow, type RowResult } from '../../../../sync/hq/import/apply-member-row.ts';
import type { MemberDraft } from '../../../../sync/hq/import/member-draft.ts';
import { createMemberShelf, type MemberShelf } from '../../../../sync/hq/import/member-shelf.ts';
import { BROUGHT_MAX, type ImportedAccount } from '../../../../sync/hq/import/points-brought.ts';
import { ROW_MAX_BYTES } from '../../../../sync/protocol/feed.ts';

const STARTED = '2026-11-21T08:30:00.000Z';
const rules = { storeIds: new Set(['sh-01', 'cd-01']), defaultTier: undefined, startedAt: STARTED };

function member(memberId: string, facts: Record<string, unknown> = {}): Member {
  return memberSchema.parse({
    memberId,
    name: '张三',
    tier: 'standard',
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...facts,
  });
}

let rowNo = 1;
function row(
  memberId: string,
  facts: Record<string, unknown> = {},
  rest: Partial<MemberDraft> = {},
): MemberDraft {
  rowNo += 1;
  return { rowNo, memberId, facts, ...rest };
}
const fresh = { name: '李四', tier: 'standard' };

function apply(shelf: MemberShelf, ...drafts: MemberDraft[]): RowResult[] {
  return drafts.map((draft) => applyMemberRow(shelf, draft, rules));
}
const outcomes = (results: RowResult[]): string[] => results.map(({ outcome }) => outcome);
const codes = (results: RowResult[]): string[] =>
  results.flatMap(({ problems }) => problems.map(({ code }) => code));
const points = (account: ImportedAccount): number =>
  account.lots.reduce((sum, lot) => sum + lot.points, 0);

describe('the same member id again', () => {
  it('updates what the row names and leaves the rest', () => {
    const shelf = createMemberShelf([member('m-1', { birthday: '1990-01-01', tags: ['a'] })], []);
    expect(outcomes(apply(shelf, row('m-1', { name: '王五' })))).toEqual(['changed']);
    expect(shelf.byId('m-1')).toMatchObject({ name: '王五', birthday: '1990-01-01', tags: ['a'] });
  });

  it('keeps what HQ has where the row is older, and says so', () => {
    const shelf = createMemberShelf([member('m-1')], []);
    const results = apply(shelf, row('m-1', { name: '旧' }, { updatedAt: '2025-12-31T00:00:00Z' }));
    expect([outcomes(results), codes(results)]).toEqual([['unchanged'], ['older-row']]);
    expect(shelf.byId('m-1')?.name).toBe('张三');
  });

  it('lets the later row win where rows name no time', () => {
    const shelf = createMemberShelf([], []);
    expect(outcomes(apply(shelf, row('m-1', fresh), row('m-1', { name: '后' })))).toEqual([
      'added',
      'changed',
    ]);
    expect(shelf.byId('m-1')?.name).toBe('后');
  });

  it('changes nothing where the row says what HQ has', () => {
    const shelf = createMemberShelf([member('m-1')], []);
    expect(outcomes(apply(shelf, row('m-1', { name: '张三' })))).toEqual(['unchanged']);
    expect(shelf.changes()).toEqual({ members: [], accounts: [], carried: [] });
  });

  it('adds cards of one row each, and an empty list takes them away', () => {
    const shelf = createMemberShelf([], []);
    apply(shelf, row('m-1', { ...fresh, cards: ['1111'] }), row('m-1', { cards: ['2222'] }));
    expect(shelf.byId('m-1')?.cards).toEqual(['1111', '2222']);
    apply(shelf, row('m-1', { cards: [] }));
    expect(shelf.byId('m-1')?.cards).toEqual([]);
  });

  it('leaves the spend of the year with the year in which it was counted', () => {
    const shelf = createMemberShelf([member('m-1', { yearSpendMinor: 500 })], []);
    apply(shelf, row('m-1', { name: '新' }, { updatedAt: '2027-02-01T00:00:00.000Z' }));
    expect(shelf.byId('m-1')).toMatchObject({ yearSpendMinor: 500, spendYear: 2026 });
    apply(shelf, row('m-1', { yearSpendMinor: 20 }, { updatedAt: '2027-03-01T00:00:00.000Z' }));
    expect(shelf.byId('m-1')).not.toHaveProperty('spendYear');
  });

  it('keeps fields that this version does not know', () => {
    const kept = { ...member('m-1'), shoeSize: 42 };
    const shelf = createMemberShelf([kept], []);
    apply(shelf, row('m-1', { name: '新' }));
    expect(shelf.byId('m-1')).toMatchObject({ name: '新', shoeSize: 42 });
  });
});

describe('the same phone under another id', () => {
  const known = member('m-9', {
    phone: '13800138000',
    cards: ['9999'],
    tags: ['old'],
    homeStoreId: 'sh-01',
  });
  const account: ImportedAccount = {
    memberId: known.memberId,
    lots: [
      {
        lotId: 'l-1' as never,
        points: 70,
        earnedAt: STARTED,
        channel: 'store',
        bucket: 'base',
        source: 'sale',
      },
    ],
    booked: { 'till-1:i': 4 },
  };

  it('is the same person: HQ keeps its id, cards and tags are united, points summed, the merge reported', () => {
    const shelf = createMemberShelf([known], [account]);
    const results = apply(
      shelf,
      row(
        'm-10',
        {
          ...fresh,
          phone: '13800138000',
          cards: ['1010'],
          tags: ['new'],
          birthday: '1990-01-01',
          homeStoreId: 'cd-01',
        },
        { points: 30 },
      ),
    );
    expect([outcomes(results), codes(results)]).toEqual([['merged'], ['merged']]);
    expect(results[0]?.problems[0]?.message.en).toContain('m-10 -> m-9');
    expect(shelf.byId('m-9')).toMatchObject({
      name: '张三',
      phone: '13800138000',
      cards: ['9999', '1010'],
      tags: ['old', 'new'],
      birthday: '1990-01-01',
      homeStoreId: 'sh-01',
    });
    expect(shelf.byId('m-10')).toMatchObject({
      status: 'merged',
      mergedInto: 'm-9',
      cards: [],
      tags: [],
    });
    expect(shelf.byId('m-10')).not.toHaveProperty('phone');
    expect(points(shelf.accountOf('m-9'))).toBe(100);
    expect(shelf.accountOf('m-9').booked).toEqual({ 'till-1:i': 4 });
    expect(shelf.changes().carried).toEqual([{ memberId: 'm-9', storeId: 'cd-01' }]);
  });

  it('lets an active record survive a blocked one', () => {
    const shelf = createMemberShelf([{ ...known, status: 'blocked' }], [account]);
    apply(shelf, row('m-10', { ...fresh, phone: '13800138000' }));
    expect(shelf.byId('m-9')).toMatchObject({ status: 'merged', mergedInto: 'm-10' });
    expect(shelf.byId('m-10')).toMatchObject({
      status: 'active',
      phone: '13800138000',
      cards: ['9999'],
    });
    expect([points(shelf.accountOf('m-9')), points(shelf.accountOf('m-10'))]).toEqual([0, 70]);
  });

  it('lets the lower of two ids survive that HQ has both', () => {
    const shelf = createMemberShelf([known, member('m-10')], [account]);
    apply(shelf, row('m-10', { phone: '13800138000' }));
    expect(shelf.byId('m-10')).toMatchObject({ status: 'merged', mergedInto: 'm-9' });
  });

  it('lets the id that HQ has had longer survive a lower one that is new', () => {
    const shelf = createMemberShelf([known], []);
    apply(shelf, row('m-1', { ...fresh, phone: '13800138000' }));
    expect(shelf.byId('m-1')).toMatchObject({ status: 'merged', mergedInto: 'm-9' });
  });

  it('does the same once more without counting twice', () => {
    const shelf = createMemberShelf([known], [account]);
    const facts = {
      ...fresh,
      phone: '13800138000',
      cards: ['1010'],
      completedOrders: 5,
      yearSpendMinor: 900,
    };
    apply(shelf, row('m-10', facts, { points: 30 }));
    const before = [shelf.byId('m-9'), shelf.accountOf('m-9')];
    const again = apply(shelf, row('m-10', facts, { points: 30 }));
    expect([outcomes(again), codes(again)]).toEqual([['unchanged'], ['merged-before']]);
    expect([shelf.byId('m-9'), shelf.accountOf('m-9')]).toEqual(before);
  });

  it('keeps what the survivor has no room for with the merged id', () => {
    const full = member('m-9', {
      phone: '13800138000',
      cards: Array.from({ length: 8 }, (_, n) => `900${n}`),
    });
    const shelf = createMemberShelf([full], []);
    const results = apply(shelf, row('m-10', { ...fresh, phone: '13800138000', cards: ['1010'] }));
    expect(codes(results)).toEqual(['over-limit', 'merged']);
    expect(shelf.cardHolder('1010')?.memberId).toBe('m-10');
    expect(shelf.alive('m-10')?.memberId).toBe('m-9');
    // That old card finds the survivor, so a row that names it for the survivor says nothing of somebody else.
    const again = apply(shelf, row('m-9', { cards: [] }), row('m-9', { cards: ['1010'] }));
    expect(codes(again)).toEqual([]);
    expect(shelf.cardHolder('1010')?.memberId).toBe('m-10');
  });
});

describe('numbers of somebody else', () => {
  it('stay there: the row comes in without the card and the GSRN, and the report names the holder', () => {
    const gsrn = '952000191000000007';
    const shelf = createMemberShelf([member('m-1', { cards: ['1111'], gsrn })], []);
    const results = apply(shelf, row('m-2', { ...fresh, cards: ['1111', '2222'], gsrn }));
    expect([outcomes(results), codes(results)]).toEqual([['added'], ['card-taken', 'gsrn-taken']]);
    expect(results[0]?.problems[0]?.message.en).toContain('m-1');
    expect(shelf.byId('m-2')).toMatchObject({ cards: ['2222'] });
    expect(shelf.byId('m-2')).not.toHaveProperty('gsrn');
    expect(shelf.cardHolder('1111')?.memberId).toBe('m-1');
  });

  it('are free again once their holder has given them up', () => {
    const shelf = createMemberShelf([member('m-1', { phone: '13800138000' })], []);
    const results = apply(
      shelf,
      row('m-1', { phone: '13900139000' }),
      row('m-2', { ...fresh, phone: '13800138000' }),
    );
    expect(outcomes(results)).toEqual(['changed', 'added']);
  });
});

describe('a tier that the spend of the year had reached', () => {
  const risen = member('m-1', { tier: 'gold', yearSpendMinor: 9_000, phone: '13800138000' });
  const tierGiven = (shelf: MemberShelf) => {
    const { tier, tierGiven } = { tierGiven: undefined, ...shelf.byId('m-1') };
    return [tier, tierGiven];
  };

  it('is given by hand from then on where a row says a tier, and stays what it was where it says none', () => {
    const held = () => createMemberShelf([{ ...risen, tierGiven: 'silver' } as Member], []);
    const silent = held();
    apply(silent, row('m-1', { name: '王五' }));
    expect(tierGiven(silent)).toEqual(['gold', 'silver']);
    const spent = held();
    apply(spent, row('m-1', { yearSpendMinor: 9_500 }));
    expect(tierGiven(spent)).toEqual(['gold', 'silver']);
    const said = held();
    apply(said, row('m-1', { tier: 'gold' }));
    expect(tierGiven(said)).toEqual(['gold', undefined]);
  });

  it('is not given by hand by a merge, and the year that reached it stays with the member', () => {
    for (const year of [2026, 2027]) {
      const shelf = createMemberShelf([{ ...risen, tierGiven: 'silver' } as Member], []);
      const updatedAt = `${year}-05-01T00:00:00.000Z`;
      apply(shelf, row('m-2', { ...fresh, phone: '13800138000' }, { updatedAt }));
      expect(tierGiven(shelf)).toEqual(['gold', 'silver']);
      const { running, thisYear, lastYear } = yearsOf(shelf.byId('m-1') as Member);
      expect(running === 2026 ? thisYear : lastYear).toBe(9_000);
    }
  });
});

describe('a figure that a row replaces', () => {
  const tiers = [{ tier: 'gold', yearSpendMinorFrom: 5_000 }];
  const book = (before: Member, spendMinor: number, year: number, steps = tiers) =>
    countBooking(
      before,
      { spendMinor, orders: 1, day: `${year}-06-01`, channel: 'store' },
      steps,
    ) as Member;
  const held = (facts: Record<string, unknown>) =>
    createMemberShelf([{ ...member('m-1', { phone: '13800138000' }), ...facts } as Member], []);
  const m1 = (shelf: MemberShelf) => shelf.byId('m-1') as Member;
  const inYear = (year: number) => ({ updatedAt: `${year}-06-01T00:00:00.000Z` });

  it('leaves the tier that the former one had reached, in the same year and in a later one', () => {
    for (const year of [2026, 2027]) {
      const shelf = createMemberShelf([book(member('m-1'), 9_000, 2026)], []);
      apply(shelf, row('m-1', { yearSpendMinor: 300 }, inYear(year)));
      const after = book(m1(shelf), 100, year);
      expect(after).toMatchObject({ tier: 'gold', yearSpendMinor: 400 });
    }
  });

  it('takes what lay beyond the bounds with it', () => {
    const shelf = held({ yearSpendBeyondMinor: -8_000, completedOrdersBeyond: -3 });
    apply(shelf, row('m-1', { name: '王五' }));
    expect(book(m1(shelf), 100, 2026)).toMatchObject({ yearSpendMinor: 0, completedOrders: 0 });
    apply(shelf, row('m-1', { yearSpendMinor: 6_000, completedOrders: 4 }));
    const after = book(m1(shelf), 100, 2026);
    expect(after).toMatchObject({ yearSpendMinor: 6_100, completedOrders: 5 });
  });

  it.each([
    [2026, 700],
    [2027, 9_000],
    [2028, undefined],
  ])('in %i is beside %j of the year before, by a row and by a merge', (year, lastYear) => {
    const spend = { spendYear: 2026, yearSpendMinor: 9_100, lastYearSpendMinor: 700 };
    const before = { ...spend, yearSpendMinor: 9_000 };
    const said = held(before);
    apply(said, row('m-1', { yearSpendMinor: 9_500 }, inYear(year)));
    const merged = held(before);
    const other = { ...fresh, phone: '13800138000', yearSpendMinor: 9_500 };
    apply(merged, row('m-2', other, inYear(year)));
    for (const shelf of [said, merged])
      expect({ lastYearSpendMinor: undefined, ...m1(shelf) }).toMatchObject({
        yearSpendMinor: 9_500,
        lastYearSpendMinor: lastYear,
      });
  });

  it('is whole in a merge: what lies beyond the bounds is that of the record whose figure counts', () => {
    const merge = (year: number, yearSpendMinor: number) => {
      const shelf = held({ yearSpendBeyondMinor: -8_000, completedOrdersBeyond: -3 });
      const facts = { ...fresh, phone: '13800138000', yearSpendMinor, completedOrders: 2 };
      apply(shelf, row('m-2', facts, inYear(year)));
      return book(m1(shelf), 100, year);
    };
    expect(merge(2026, 6_000)).toMatchObject({ yearSpendMinor: 6_100, completedOrders: 3 });
    expect(merge(2027, 0)).toMatchObject({ yearSpendMinor: 100, lastYearSpendMinor: -8_000 });
    expect(merge(2026, 0)).toMatchObject({ yearSpendMinor: 0, yearSpendBeyondMinor: -7_900 });
    const shelf = held({});
    const back = { yearSpendBeyondMinor: -50, ...inYear(2027) };
    shelf.put({ ...member('m-2', fresh), ...back } as Member);
    apply(shelf, row('m-2', { phone: '13800138000' }, inYear(2027)));
    expect(m1(shelf)).toMatchObject({ yearSpendMinor: 0, yearSpendBeyondMinor: -50 });
  });
});

describe('points of the old system', () => {
  it('are brought once, changed by the difference, and never undo what was spent', () => {
    const shelf = createMemberShelf([member('m-1')], []);
    apply(shelf, row('m-1', {}, { points: 100 }));
    const account = shelf.accountOf('m-1');
    // A sale spends 40 of them.
    shelf.putAccount({
      ...account,
      lots: account.lots.map((lot) => ({ ...lot, points: lot.points - 40 })),
    });
    apply(shelf, row('m-1', {}, { points: 100 }));
    expect(points(shelf.accountOf('m-1'))).toBe(60);
    apply(shelf, row('m-1', {}, { points: 90 }));
    expect(points(shelf.accountOf('m-1'))).toBe(50);
  });

  it('corrected to less than was spent are never owed: what is left is taken, the rest is in the report', () => {
    const shelf = createMemberShelf([member('m-1')], []);
    apply(shelf, row('m-1', {}, { points: 100 }));
    const account = shelf.accountOf('m-1');
    // A sale spends 40 of them and earns 500.
    const earned = { ...account.lots[0], lotId: 'l-2' as never, points: 500, source: 'sale' };
    shelf.putAccount({
      ...account,
      lots: [...account.lots.map((lot) => ({ ...lot, points: 60 })), earned as never],
    });
    const corrected = apply(shelf, row('m-1', {}, { points: 30 }));
    expect([outcomes(corrected), codes(corrected)]).toEqual([['changed'], ['points-spent']]);
    expect(corrected[0]?.problems[0]?.message.en).toContain('10 points');
    const lots = () => shelf.accountOf('m-1').lots.map(({ points }) => points);
    expect(lots().sort()).toEqual([0, 500]);
    // The same file once more says so once more, and changes nothing.
    const again = apply(shelf, row('m-1', {}, { points: 30 }));
    expect([outcomes(again), codes(again)]).toEqual([['unchanged'], ['points-spent']]);
    // The first figure was right after all: 100 brought and 40 spent, as if nothing had been corrected.
    expect(codes(apply(shelf, row('m-1', {}, { points: 100 })))).toEqual([]);
    expect(lots().sort()).toEqual([500, 60]);
  });

  it('fill no account beyond the lots that a till takes', () => {
    const lots = Array.from({ length: LOTS_KEPT_MAX }, (_, n) => ({
      lotId: `l-${n}` as never,
      points: 1,
      earnedAt: '2026-01-01T00:00:00.000Z',
      channel: 'store' as const,
      bucket: 'base',
      source: 'sale',
    }));
    const known = member('m-1');
    const shelf = createMemberShelf([known], [{ memberId: known.memberId, lots, booked: {} }]);
    apply(shelf, row('m-1', {}, { points: 7 }));
    expect(shelf.accountOf('m-1').lots).toHaveLength(LOTS_KEPT_MAX);
    expect(points(shelf.accountOf('m-1'))).toBe(LOTS_KEPT_MAX + 7);
  });

  it('of so many ids with one phone that no till would take the account are refused, one by one', () => {
    const shelf = createMemberShelf([], []);
    const ids = Array.from({ length: BROUGHT_MAX + 1 }, (_, n) => `member-${n}`.padEnd(64, 'x'));
    const results = apply(
      shelf,
      ...ids.map((id) => row(id, { ...fresh, phone: '13800000000' }, { points: 1 })),
    );
    expect(outcomes(results.slice(-2))).toEqual(['merged', 'refused']);
    expect(codes(results.slice(-1))).toEqual(['phone-shared']);
    const account = shelf.accountOf(ids[0] ?? '');
    expect(points(account)).toBe(BROUGHT_MAX);
    expect(JSON.stringify(account).length).toBeLessThan(ROW_MAX_BYTES);
    expect(shelf.byId(ids.at(-1) ?? '')).toBeUndefined();
  });

  it('stay with the difference where their lot was added to another one meanwhile', () => {
    const shelf = createMemberShelf([member('m-1')], []);
    apply(shelf, row('m-1', {}, { points: 100 }));
    shelf.putAccount({ ...shelf.accountOf('m-1'), lots: [] });
    apply(shelf, row('m-1', {}, { points: 100 }));
    expect(points(shelf.accountOf('m-1'))).toBe(0);
  });
});

describe('a row that was merged in the old system', () => {
  it('brings its points to the member it was merged into', () => {
    const shelf = createMemberShelf([member('m-1')], []);
    apply(shelf, row('m-2', { ...fresh, status: 'merged', mergedInto: 'm-1' }, { points: 25 }));
    expect(points(shelf.accountOf('m-1'))).toBe(25);
    expect(points(shelf.accountOf('m-2'))).toBe(0);
  });

  it('is kept and named where that member is not there yet', () => {
    const shelf = createMemberShelf([], []);
    const results = apply(
      shelf,
      row('m-2', { ...fresh, status: 'merged', mergedInto: 'm-1' }, { points: 25 }),
    );
    expect([outcomes(results), codes(results)]).toEqual([['added'], ['target-unknown']]);
    apply(
      shelf,
      row('m-1', fresh),
      row('m-2', { status: 'merged', mergedInto: 'm-1' }, { points: 25 }),
    );
    expect([points(shelf.accountOf('m-1')), points(shelf.accountOf('m-2'))]).toEqual([25, 0]);
  });
});

describe('a row that HQ cannot take', () => {
  it('is refused with each field and leaves everything as it was', () => {
    const shelf = createMemberShelf([], []);
    const results = apply(shelf, row('m-1', { homeStoreId: 'xx-1' }));
    expect(outcomes(results)).toEqual(['refused']);
    expect(results[0]?.problems.map(({ field, code }) => [field, code])).toEqual([
      ['homeStoreId', 'unknown-store'],
      ['name', 'missing'],
      ['tier', 'missing'],
    ]);
    expect(shelf.changes().members).toEqual([]);
  });
});
