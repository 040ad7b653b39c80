import { describe, expect, test } from 'vitest';
import type { SaleId } from '../../../../agent/contract/ids.ts';
import { type Entitlement, MEMBER_MAX_ENTITLEMENTS } from '../../../../agent/contract/member.ts';
import { addRights, endRights, rightsOn } from '../../../../agent/domain/members/rights.ts';

const TODAY = '2026-11-21';
const S1 = 's1' as SaleId;
const S2 = 's2' as SaleId;
const lane = (more: Partial<Entitlement> = {}): Entitlement => ({ kind: 'priority-lane', ...more });

describe('the rights of a sale', () => {
  test('go with it and leave those given by hand and by others', () => {
    const held = addRights([lane()], S1, [lane({ validUntil: '2026-12-21' })], TODAY);
    const both = addRights(held, S2, [{ kind: 'parking' }], TODAY);
    expect(endRights(both, S1)).toEqual([lane(), { kind: 'parking', saleId: S2 }]);
    expect(endRights(both, S2)).toEqual(held);
  });

  test('are there once, however often the sale is counted', () => {
    const once = addRights([], S1, [lane()], TODAY);
    expect(addRights(once, S1, [lane()], TODAY)).toEqual(once);
  });

  test('leave room when they have ended, on the day after their last', () => {
    const held = addRights([], S1, [lane({ validUntil: TODAY })], TODAY);
    expect(addRights(held, S2, [{ kind: 'badge' }], TODAY)).toHaveLength(2);
    expect(addRights(held, S2, [{ kind: 'badge' }], '2026-11-22')).toHaveLength(1);
  });

  test(`are at most ${MEMBER_MAX_ENTITLEMENTS} with those given by hand; what ends first gives way`, () => {
    const given = [lane()];
    let held: Entitlement[] = given;
    for (let n = 1; n < MEMBER_MAX_ENTITLEMENTS; n += 1)
      held = addRights(
        held,
        `s${n}` as SaleId,
        [lane({ validUntil: `2027-01-${String((n % 28) + 1).padStart(2, '0')}` })],
        TODAY,
      );
    expect(held).toHaveLength(MEMBER_MAX_ENTITLEMENTS);
    const more = addRights(held, 'last' as SaleId, [lane({ validUntil: '2027-02-01' })], TODAY);
    expect(more).toHaveLength(MEMBER_MAX_ENTITLEMENTS);
    expect(more[0]).toEqual(lane());
    expect(more.at(-1)).toEqual(lane({ validUntil: '2027-02-01', saleId: 'last' as SaleId }));
    expect(more.filter(({ validUntil }) => validUntil === '2027-01-01')).toHaveLength(0);
  });
});

test(`of ${MEMBER_MAX_ENTITLEMENTS} copies of one right one gives way to another right that ends sooner`, () => {
  let held: Entitlement[] = [];
  for (let n = 1; n <= MEMBER_MAX_ENTITLEMENTS; n += 1)
    held = addRights(held, `s${n}` as SaleId, [lane({ validUntil: '2027-01-31' })], TODAY);
  const badge = { kind: 'badge', validUntil: '2026-12-01' };
  const more = addRights(held, 'last' as SaleId, [badge], TODAY);
  expect(more).toHaveLength(MEMBER_MAX_ENTITLEMENTS);
  expect(rightsOn(more, TODAY)).toEqual([lane({ validUntil: '2027-01-31' }), badge]);
  // A right for other stores is another right.
  const there = lane({ validUntil: '2026-12-01', storeIds: ['store-1' as never] });
  expect(rightsOn(addRights(more, S1, [there], TODAY), TODAY)).toContainEqual(there);
});

test('a member has each right once, as long as the longest lasts, and none that has ended', () => {
  const shown = rightsOn(
    [
      lane({ validUntil: '2026-12-01', saleId: S1 }),
      lane({ validUntil: '2026-12-21', saleId: S2 }),
      lane({ storeIds: ['store-1' as never] }),
      { kind: 'parking', validUntil: '2026-11-20', saleId: S1 },
      { kind: 'event', validUntil: TODAY },
    ],
    TODAY,
  );
  expect(shown).toEqual([
    lane({ validUntil: '2026-12-21' }),
    lane({ storeIds: ['store-1' as never] }),
    { kind: 'event', validUntil: TODAY },
  ]);
});
