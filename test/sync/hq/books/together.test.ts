import { expect, test } from 'vitest';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { codeOf, online, openBooks, receiptOf, saleFacts } from './rig.ts';

describeOnEngines(
  'many tills and several processes of HQ on one database',
  (hq) => {
    test('uploads that touch the same members in opposite orders never wait for each other in a circle', async () => {
      const rig = openBooks(await hq.fresh());
      const members: string[] = [];
      for (let n = 0; n < 6; n++) members.push(await rig.member(n));
      const tills = Array.from({ length: 8 }, (_, n) => rig.till(`till-${n}`));
      const use = { ruleId: 'r1', day: '2026-11-21', uses: 1, budgetId: 'b1', amountMinor: 5 };
      for (let round = 0; round < 5; round++) {
        for (const [t, till] of tills.entries()) {
          const order = t % 2 === 0 ? members : [...members].reverse();
          for (const member of order) {
            const saleId = `s-${round}-${t}-${member}`;
            till.entry({ ...saleFacts(member, { saleId, earned: 1 }), ruleUses: [use] });
          }
          till.entry({ ruleUses: [use] });
        }
        const calls = tills.map((till) => till.send(round * (members.length + 1) + 1));
        const looks = members.map((value) =>
          rig.books.findMember(
            rig.till('till-x', { storeId: `store-${round}` }).caller,
            { by: 'member', value },
            undefined,
          ),
        );
        for (const reply of await Promise.all([...calls, ...looks]))
          expect(codeOf(reply)).toBe('ok');
      }
      for (const member of members) expect(await rig.balance(member)).toBe(40);
      const [row] = await rig.db.query<{ deadlocks: number }>(
        'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
      );
      expect(row?.deadlocks).toBe(0);
    });

    test('a till that goes on at another process of HQ loses nothing and books nothing twice', async () => {
      const db = await hq.fresh();
      const [one, two] = [openBooks(db), openBooks(await hq.another(db))];
      const member = await one.member(1);
      const till = one.till('till-1');
      const { caller, outbox } = till;
      for (let n = 0; n < 30; n++) {
        till.entry(saleFacts(member, { saleId: `s${n}`, earned: 1 }));
        const request = {
          incarnation: caller.incarnation,
          items: outbox.slice(Math.max(0, n - 2)),
        };
        const replies = await Promise.all([
          one.books.upload(caller, request, undefined),
          two.books.upload(caller, request, undefined),
        ]);
        for (const reply of replies) expect(receiptOf(reply)).toMatchObject({ seq: n + 1 });
      }
      expect(await two.balance(member)).toBe(30);
      expect(await two.db.query('SELECT 1 FROM ledger')).toHaveLength(30);
    });

    test("HQ's own ledger stays one chain across its processes", async () => {
      const db = await hq.fresh();
      const rigs = [openBooks(db), openBooks(await hq.another(db))];
      const ids: string[] = [];
      for (let n = 0; n < 8; n++) ids.push(await (rigs[0] as (typeof rigs)[0]).member(n));
      const replies = await Promise.all(
        ids.flatMap((memberId, n) =>
          rigs.map((rig) =>
            rig.books.changePoints(
              online,
              { memberId: memberId as never, points: 5, reason: 'x' },
              `key-${n}-12345678`,
            ),
          ),
        ),
      );
      const seqs = new Set(replies.map((reply) => must(reply).seq));
      expect([...seqs].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    });
  },
  ['postgresql'],
);
