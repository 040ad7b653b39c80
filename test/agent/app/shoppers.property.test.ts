import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EvaluateReply, IdentificationId, MemberId } from '../../../agent/contract/index.ts';
import { ANNA, BO, basket, CASHIER, commitOf, openTill, POS, TEA } from './rig.ts';

type Step =
  | { readonly kind: 'scan'; readonly member: MemberId }
  | { readonly kind: 'evaluate'; readonly basket: string; readonly bind: boolean }
  | { readonly kind: 'hold' | 'commit'; readonly basket: string }
  | { readonly kind: 'release' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'restart' };

const basketId = fc.constantFrom('p', 'q', 'r');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('scan' as const), member: fc.constantFrom(ANNA, BO) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('evaluate' as const),
      basket: basketId,
      bind: fc.boolean(),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('hold' as const, 'commit' as const),
      basket: basketId,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'release' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(1_000, 130_000, 700_000),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

test('two shoppers never mix: a sale is only ever booked for who was bound to its basket', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const rig = openTill();
      // What a careful observer knows: who was bound to which basket, by the identification the POS handed over.
      const boundTo = new Map<string, MemberId>();
      const last = new Map<string, EvaluateReply>();
      let scanned: { id: IdentificationId; member: MemberId } | null = null;
      let sales = 0;
      for (const one of steps) {
        switch (one.kind) {
          case 'scan': {
            const answer = await rig.till.identify(POS, { text: `CARD-${one.member}` });
            if (answer.ok) scanned = { id: answer.value.identificationId, member: one.member };
            break;
          }
          case 'evaluate': {
            const with_ = one.bind && scanned !== null ? scanned : null;
            const answer = await rig.till.evaluate(
              POS,
              basket(one.basket, [TEA], with_ === null ? {} : { identificationId: with_.id }),
            );
            if (!answer.ok) {
              expect([
                'identification-unknown',
                'identification-bound',
                'basket-held',
                'member-unknown',
              ]).toContain(answer.error.code);
              break;
            }
            if (with_ !== null) boundTo.set(one.basket, with_.member);
            const { memberId } = answer.value.evaluation;
            if (memberId !== undefined) expect(memberId).toBe(boundTo.get(one.basket));
            last.set(one.basket, answer.value);
            break;
          }
          case 'hold': {
            const reply = last.get(one.basket);
            if (reply !== undefined)
              await rig.till.hold(POS, {
                id: reply.evaluationId,
                basketHash: reply.basketHash,
                staffId: CASHIER,
              });
            break;
          }
          case 'commit': {
            const reply = last.get(one.basket);
            if (reply === undefined) break;
            const before = {
              anna: rig.store.points.balance(ANNA),
              bo: rig.store.points.balance(BO),
            };
            const done = await rig.till.commit(
              POS,
              commitOf(reply, { payment: { paidMinor: reply.evaluation.payableMinor } }),
            );
            const after = {
              anna: rig.store.points.balance(ANNA),
              bo: rig.store.points.balance(BO),
            };
            if (!done.ok) {
              expect(after).toEqual(before);
              break;
            }
            sales += 1;
            const owner = reply.evaluation.memberId;
            const earned = done.value.pointsEarned;
            expect(after).toEqual({
              anna: before.anna + (owner === ANNA ? earned : 0),
              bo: before.bo + (owner === BO ? earned : 0),
            });
            // The basket is free for the next shopper, with nobody bound to it.
            boundTo.delete(one.basket);
            last.delete(one.basket);
            break;
          }
          case 'release':
            if (scanned !== null) await rig.till.releaseIdentification(POS, scanned.id);
            break;
          case 'pass':
            rig.time.pass(one.ms);
            break;
          case 'restart':
            rig.restart();
            scanned = null;
            break;
        }
        const members = [
          ...new Set(rig.store.baskets.open(10).map((row) => `${row.basketId}:${row.memberId}`)),
        ];
        for (const row of members) {
          const [id, who] = row.split(':');
          if (who !== 'null') expect(who).toBe(boundTo.get(id ?? ''));
        }
      }
      expect(rig.store.ledger.head().seq).toBe(sales);
      rig.till.close();
    }),
    { numRuns: 25 },
  );
}, 60_000);
