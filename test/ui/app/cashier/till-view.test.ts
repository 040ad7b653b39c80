import { describe, expect, it } from 'vitest';
import type { BasketId, Identification, MemberGlance } from '../../../../agent/contract/index.ts';
import {
  EMPTY_VIEW,
  identificationFor,
  memberOnShow,
  nextIdentification,
  type Sale,
  type TillView,
} from '../../../../ui/app/cashier/till-view.ts';

const A = 'basket-a' as BasketId;
const B = 'basket-b' as BasketId;
const glance = (memberId: string): MemberGlance =>
  ({ memberId, points: 10 }) as unknown as MemberGlance;
const identification = (
  id: string,
  outcome: Identification['outcome'],
  rest: Partial<Identification> = {},
): Identification => ({ identificationId: id, outcome, ...rest }) as unknown as Identification;
const sale = (basketId: BasketId, state: Sale['state'], member?: MemberGlance): Sale =>
  ({ basketId, state, ...(member === undefined ? {} : { member }) }) as unknown as Sale;
const view = (change: Partial<TillView>): TillView => ({ ...EMPTY_VIEW, ...change });

describe('whose member the cashier sees', () => {
  const waiting = identification('i1', 'identified', { member: glance('m1') });

  it('an identification that is bound to a basket out of sight is not shown', () => {
    const elsewhere = identification('i2', 'identified', { member: glance('m2'), basketId: B });
    expect(nextIdentification(waiting, elsewhere, A)).toBe(waiting);
    expect(nextIdentification(null, elsewhere, A)).toBeNull();
  });

  it('one that was waiting leaves the screen when another basket takes it', () => {
    expect(nextIdentification(waiting, { ...waiting, basketId: B }, A)).toBeNull();
  });

  it('the end of an earlier identification does not clear the present one', () => {
    expect(nextIdentification(waiting, identification('i0', 'timed-out'), A)).toBe(waiting);
    expect(nextIdentification(waiting, identification('i1', 'released'), A)?.outcome).toBe(
      'released',
    );
  });

  it('turning to a parked basket brings back its own identification and nobody else’s', () => {
    const own = identification('i9', 'identified', { basketId: B });
    expect(identificationFor({ ...waiting, basketId: A }, own, B)).toBe(own);
    expect(identificationFor({ ...waiting, basketId: A }, undefined, B)).toBeNull();
    expect(identificationFor(waiting, undefined, B)).toBe(waiting);
  });

  it('the next shopper goes before the finished sale, whoever paid it', () => {
    const done = sale(A, 'COMMITTED', glance('m0'));
    expect(memberOnShow(view({ sale: done, identification: waiting }))?.memberId).toBe('m1');
    expect(
      memberOnShow(view({ sale: done, identification: identification('i2', 'ambiguous') })),
    ).toBeUndefined();
    expect(memberOnShow(view({ sale: done }))?.memberId).toBe('m0');
  });

  it('while the cashier looks at a parked sale its own member is shown, not the one who waits', () => {
    const parked = sale(B, 'EVALUATED', glance('m7'));
    expect(
      memberOnShow(view({ sale: parked, lookingAt: B, identification: waiting }))?.memberId,
    ).toBe('m7');
    expect(
      memberOnShow(view({ sale: sale(B, 'EVALUATED'), lookingAt: B, identification: waiting })),
    ).toBeUndefined();
  });

  it('after the commit the balance is the receipt’s', () => {
    const receipt = { pointsBalance: 42 } as unknown as NonNullable<Sale['receipt']>;
    expect(
      memberOnShow(view({ sale: { ...sale(A, 'COMMITTED', glance('m0')), receipt } }))?.points,
    ).toBe(42);
  });
});
