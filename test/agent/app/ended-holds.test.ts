import { describe, expect, test } from 'vitest';
import {
  ANNA,
  basket,
  CASHIER,
  commitOf,
  freshKey,
  hold,
  member,
  openTill,
  POS,
  RICE,
  ringUp,
  TEA,
  value,
} from './rig.ts';

describe('a hold that is over without a sale', () => {
  test.each(['voided', 'expired', 'held again'])(
    'keeps nothing that was known about its member when it was %s, and a late commit still books it whole',
    async (how) => {
      const rig = openTill();
      rig.store.members.upsert([member(ANNA, { tags: ['at-risk'], yearSpendMinor: 123_456 })]);
      const reply = await ringUp(rig, ANNA, basket('b1', [RICE]));
      await hold(rig, reply);
      const held = rig.store.holds.get(reply.evaluationId)?.body ?? '';
      expect(held).toContain('at-risk');
      if (how === 'voided')
        value(
          await rig.till.voidEvaluation(POS, {
            id: reply.evaluationId,
            key: freshKey(),
            body: { reason: 'gone', staffId: CASHIER },
          }),
        );
      else if (how === 'expired') rig.time.pass(11 * 60_000);
      else await hold(rig, value(await rig.till.evaluate(POS, basket('b1', [RICE, TEA]))));
      const kept = rig.store.holds.get(reply.evaluationId)?.body ?? '';
      expect(kept).not.toMatch(/at-risk|123456|"tier"|"evidence"/);
      const done = value(
        await rig.till.commit(POS, commitOf(reply, { payment: { paidMinor: 5_000 } })),
      );
      expect(done).toMatchObject({ payableMinor: 5_000, pointsEarned: 50 });
    },
  );
});
