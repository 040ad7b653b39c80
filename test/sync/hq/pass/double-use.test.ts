import { expect, test } from 'vitest';
import type { EntryFacts } from '../../../../agent/contract/entry-facts.ts';
import { forgetPasses, PASS_USES_KEPT_DAYS } from '../../../../sync/hq/pass/forget-passes.ts';
import { EXCEPTION_WORDS } from '../../../../sync/protocol/exception-words.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { newTestPhone } from '../../../support/test-phone.ts';
import { NOON_MS, saleFacts, type TestTill } from '../books/rig.ts';
import { cleanPassFolders, openPasses, type PassRig } from './pass-rig.ts';

cleanPassFolders();
const STEP = Math.floor(NOON_MS / 30_000);

/** A sale at a till in the second after noon, of a member whom a code of their pass named. */
function sale(
  till: TestTill,
  memberId: string,
  { saleId, second, ...use }: { saleId: string; second: number; keyId: string; counter?: number },
): void {
  const { header, ...facts } = saleFacts(memberId, { saleId, earned: 10, spendMinor: 1_000 });
  till.entry({
    ...facts,
    credential: { step: STEP, counter: 7, ...use } as EntryFacts['credential'],
    header: { ...header, at: new Date(NOON_MS + second * 1_000).toISOString() },
  });
}

async function cases(rig: PassRig) {
  const rows = await rig.db.query<{
    code: string;
    till_id: string;
    member_id: string;
    detail: string;
  }>('SELECT code, till_id, member_id, detail FROM exceptions ORDER BY id');
  return rows.map(({ detail, ...row }) => ({ ...row, detail: JSON.parse(detail) }));
}

describeOnEngines('screenshot replay on another till: one code of a pass at two tills', (hq) => {
  test.each([
    ['in the order of the sales', ['till-1', 'till-2']],
    ['the later sale first', ['till-2', 'till-1']],
  ])('makes the later sale a case and books both: they arrive %s', async (_how, order) => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    const phone = newTestPhone();
    await rig.linked(memberId, phone);
    const tills = { 'till-1': rig.till('till-1'), 'till-2': rig.till('till-2') };
    sale(tills['till-1'], memberId, { saleId: 'sale-a', second: 1, keyId: phone.keyId });
    sale(tills['till-2'], memberId, { saleId: 'sale-b', second: 20, keyId: phone.keyId });
    for (const tillId of order) must(await tills[tillId as 'till-1'].send());
    expect(await cases(rig)).toEqual([
      {
        code: 'pass-used-twice',
        till_id: 'till-2',
        member_id: memberId,
        detail: {
          saleId: 'sale-b',
          firstSaleId: 'sale-a',
          firstTill: 'till-1',
          firstSeq: 1,
          keyId: phone.keyId,
          step: STEP,
          counter: 7,
        },
      },
    ]);
    // Facts are never refused: the goods are out of both shops.
    expect(await rig.balance(memberId)).toBe(20);
    expect(EXCEPTION_WORDS['pass-used-twice'].next.en).toMatch(/both sales/);
    // What comes again is no further use.
    must(await tills['till-2'].send());
    expect(await cases(rig)).toHaveLength(1);
  });

  test('is found whoever of two that upload at once comes first', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    const tills = ['till-1', 'till-2'].map((tillId) => rig.till(tillId));
    for (const [n, till] of tills.entries())
      sale(till, memberId, { saleId: `sale-${n}`, second: n, keyId: 'a1b2c3d4e5f60718' });
    for (const sent of await Promise.all(tills.map((till) => till.send()))) must(sent);
    expect(await cases(rig)).toMatchObject([
      { till_id: 'till-2', detail: { firstTill: 'till-1' } },
    ]);
  });

  test('is no case where the codes differ, or one till booked twice with one of them', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    const phone = newTestPhone();
    await rig.linked(memberId, phone);
    const [one, two] = [rig.till('till-1'), rig.till('till-2')];
    const { keyId } = phone;
    sale(one, memberId, { saleId: 'sale-1', second: 1, keyId, counter: 7 });
    sale(one, memberId, { saleId: 'sale-2', second: 9, keyId, counter: 7 });
    sale(two, memberId, { saleId: 'sale-3', second: 2, keyId, counter: 9 });
    sale(two, memberId, { saleId: 'sale-4', second: 3, keyId: 'ffffffffffffffff', counter: 7 });
    for (const till of [one, two]) must(await till.send());
    expect(await cases(rig)).toEqual([]);
    const { passes } = must(
      await rig.passes.listPasses({ kind: 'admin', name: 'it' }, { memberId }, undefined),
    );
    expect(passes).toMatchObject([{ keyId, counter: 9 }]);
  });

  test('is found as long as uses are kept', async () => {
    const rig = await openPasses(hq);
    const memberId = await rig.carried(1);
    const till = rig.till('till-1');
    sale(till, memberId, { saleId: 'sale-1', second: 0, keyId: 'a1b2c3d4e5f60718' });
    must(await till.send());
    const uses = () => rig.db.query('SELECT 1 FROM pass_uses');
    rig.clockMs = NOON_MS + PASS_USES_KEPT_DAYS * 86_400_000;
    await forgetPasses(rig.deps);
    expect(await uses()).toHaveLength(1);
    rig.clockMs += 1;
    await forgetPasses(rig.deps);
    expect(await uses()).toEqual([]);
  });
});
