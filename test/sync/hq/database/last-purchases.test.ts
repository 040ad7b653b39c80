import { expect, test } from 'vitest';
import { FILL_LAST_PURCHASES } from '../../../../sync/hq/migrations/0012-last-purchases.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { online, openBooks, saleFacts } from '../books/rig.ts';

describeOnEngines('the step to last purchases', (hq) => {
  test('gives rows of an older version what the ledgers say, merged members included, and changes nothing else', async () => {
    const rig = openBooks(await hq.fresh());
    const [member, never, ahead] = [
      await rig.member(1),
      await rig.member(2),
      await rig.member(3, { tier: 'gold' }),
    ];
    const old = await rig.member(4, { status: 'merged', mergedInto: member as never });
    const till = rig.till('till-1');
    const sell = (memberId: string, saleId: string, businessDay: string, orders: 0 | 1 = 1) => {
      const facts = saleFacts(memberId, { saleId, spendMinor: 100 });
      till.entry({ ...facts, orders, header: { ...facts.header, businessDay } });
    };
    sell(member, 's1', '2026-11-02');
    sell(old, 's2', '2026-11-05');
    sell(member, 's3', '2026-11-19', 0);
    // A clock ahead: no later than the day after it came.
    sell(ahead, 's4', '2031-01-01');
    must(await till.send());
    must(
      await rig.books.bookPurchase(
        online,
        {
          memberId: member as never,
          orderId: 'W-1',
          amountMinor: 5,
          currency: 'CNY',
          pointsSpent: 0,
          at: '2026-11-20T02:00:00.000Z',
        },
        'key-W-1-12345678',
      ),
    );
    const counted = [await rig.body(member), await rig.body(ahead), await rig.body(never)];
    await rig.db.query(
      `UPDATE members SET body = (body::jsonb - 'lastPurchaseOn')::text WHERE body LIKE '%lastPurchaseOn%'`,
    );
    await rig.db.query(`UPDATE members SET body = replace(body, '": ', '":')`);
    expect(await rig.body(member)).not.toHaveProperty('lastPurchaseOn');
    await rig.db.query(FILL_LAST_PURCHASES);
    expect(await rig.body(member)).toEqual({
      ...counted[0],
      lastPurchaseOn: { store: '2026-11-05', online: '2026-11-20' },
    });
    expect(await rig.body(ahead)).toEqual({
      ...counted[1],
      lastPurchaseOn: { store: '2026-11-22' },
    });
    expect(await rig.body(never)).toEqual(counted[2]);
    // A row that has it is left as it is.
    sell(member, 's5', '2026-11-21');
    must(await till.send());
    const after = await rig.body(member);
    await rig.db.query(FILL_LAST_PURCHASES);
    expect(await rig.body(member)).toEqual(after);
  });
});
