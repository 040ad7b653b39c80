import { expect, test } from 'vitest';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { openBooks } from './rig.ts';

const three = { kind: 'coupon', code: 'THREE', times: 3 } as const;

describeOnEngines('a coupon of limited uses at headquarters', (hq) => {
  const open = async () => {
    const rig = openBooks(await hq.fresh());
    return { rig, a: rig.till('till-1'), b: rig.till('till-2') };
  };
  type Till = Awaited<ReturnType<typeof open>>['a'];
  const granted = async (till: Till, id: string, what: Parameters<Till['reserve']>[1] = three) =>
    must(await till.reserve(id, what)).granted;

  test('is granted as often as it is good for, over all tills, open or used', async () => {
    const { rig, a, b } = await open();
    expect([await granted(a, 'a1'), await granted(b, 'b1')]).toEqual([true, true]);
    a.entry({ allowanceIds: ['a1'], couponsUsed: ['THREE'] });
    must(await a.send());
    expect(await granted(a, 'a2')).toBe(true);
    expect([await granted(a, 'a3'), await granted(b, 'b2')]).toEqual([false, false]);
    expect(await granted(b, 'b1')).toBe(true);
    for (const till of [a, b]) {
      till.entry({ allowanceIds: [till === a ? 'a2' : 'b1'], couponsUsed: ['THREE'] });
      must(await till.send());
    }
    expect(await granted(a, 'a4')).toBe(false);
    expect(await rig.exceptions()).toEqual([]);
  });

  test('asked for by many tills at once is never granted once too often', async () => {
    const { rig } = await open();
    const tills = Array.from({ length: 8 }, (_, n) => rig.till(`till-${n}`));
    const answers = await Promise.all(tills.map((till, n) => granted(till, `many-${n}`)));
    expect(answers.filter((yes) => yes)).toHaveLength(3);
  });

  test('comes back where it was given back, and not where the goods come back', async () => {
    const { a, b } = await open();
    for (const id of ['a1', 'a2', 'a3']) expect(await granted(a, id)).toBe(true);
    a.release('a2');
    a.entry({ allowanceIds: ['a1'], couponsUsed: ['THREE'] });
    a.entry({ header: { kind: 'return', returnId: 'r1' as never } });
    must(await a.send());
    expect(await granted(b, 'b1')).toBe(true);
    expect(await granted(b, 'b2')).toBe(false);
  });

  test('passes from a hold to the one that takes its place', async () => {
    const { a } = await open();
    const evaluationId = 'evaluation-9' as never;
    must(await a.reserve('a1', three, { evaluationId }));
    for (const id of ['a2', 'a3']) expect(await granted(a, id)).toBe(true);
    expect(await granted(a, 'a4')).toBe(false);
    expect(must(await a.reserve('a5', three, { replaces: evaluationId })).granted).toBe(true);
  });

  test('used after it was given back is booked and becomes a case', async () => {
    const { rig, a } = await open();
    expect(await granted(a, 'a1')).toBe(true);
    a.release('a1');
    a.entry({ allowanceIds: ['a1'], couponsUsed: ['THREE'] });
    must(await a.send());
    expect(await rig.exceptions()).toEqual(['allowance-released']);
    expect([await granted(a, 'a2'), await granted(a, 'a3'), await granted(a, 'a4')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('of which headquarters lost the reservations in a restore is counted all the same', async () => {
    const { rig, a, b } = await open();
    for (const [n, till] of [a, b].entries()) {
      till.entry({
        allowanceIds: [`lost-${n}`],
        couponsUsed: ['THREE'],
        couponTimes: { THREE: 3 },
      });
      must(await till.send());
    }
    expect(await rig.exceptions()).toEqual(['allowance-unknown', 'allowance-unknown']);
    expect([await granted(a, 'a1'), await granted(b, 'b1')]).toEqual([true, false]);
  });

  test('that is to work once from here on counts what was used of it before', async () => {
    const { a, b } = await open();
    expect(await granted(a, 'a1')).toBe(true);
    expect(await granted(b, 'b1', { kind: 'coupon', code: 'THREE' })).toBe(false);
    expect(await granted(b, 'b2', { ...three, times: 2 })).toBe(true);
  });
});

describeOnEngines('a voucher at headquarters', (hq) => {
  test('used twice without asking is booked twice and becomes a case of its own', async () => {
    const rig = openBooks(await hq.fresh());
    const [a, b] = [rig.till('till-1'), rig.till('till-2')];
    for (const till of [a, b]) {
      till.entry({ couponsUsed: ['voucher:cinema:V-1'] });
      must(await till.send());
    }
    expect(await rig.exceptions()).toEqual(['voucher-used-twice']);
    expect(await rig.db.query('SELECT 1 FROM ledger')).toHaveLength(2);
    const what = { kind: 'coupon', code: 'voucher:cinema:V-1' } as const;
    expect(must(await a.reserve('a1', what)).granted).toBe(false);
  });
});
