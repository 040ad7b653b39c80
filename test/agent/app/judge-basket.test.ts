import { expect, test } from 'vitest';
import type { Policy } from '../../../agent/contract/index.ts';
import { defaultPolicy } from '../../../agent/domain/auth-policy/default-policy.ts';
import { ANNA, basket, openTill, POS, TEA, value } from './rig.ts';

/** Coupons ask for more proof than card and phone give; points up to six yuan do not, above it they do. */
const POLICY: Policy = {
  ...defaultPolicy,
  actions: [
    ...defaultPolicy.actions.filter(
      ({ action }) => action !== 'use-coupon' && action !== 'redeem-points',
    ),
    { action: 'use-coupon', needs: 'strong' },
    { action: 'redeem-points', uptoMinor: 600, needs: 'recognised' },
    { action: 'redeem-points', needs: 'strong' },
  ],
};

test('points that are worth more once a coupon is withheld are judged by what they are worth then', async () => {
  const rig = openTill({ policy: POLICY });
  rig.givePoints(ANNA, 100);
  const { identificationId } = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
  value(await rig.till.identify(POS, { phoneDigits: '1234', identificationId }));
  // With the coupon there are four yuan left to pay with points, without it nine.
  const request = { identificationId, pointsToSpend: 90 };
  const both = value(
    await rig.till.evaluate(POS, basket('b1', [TEA], { ...request, codes: ['CP-5'] })),
  );
  expect(both.decisions.map(({ action, outcome }) => [action, outcome])).toEqual([
    ['earn-points', 'enough'],
    ['use-coupon', 'need-more'],
    ['redeem-points', 'need-more'],
  ]);
  expect(both.evaluation).toMatchObject({ payableMinor: 900, points: { spent: 0, earned: 9 } });
});
