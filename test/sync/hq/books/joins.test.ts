import { expect, test } from 'vitest';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { codeOf, openBooks, saleFacts } from './rig.ts';

describeOnEngines('joining at a till', (hq) => {
  const open = async () => openBooks(await hq.fresh());
  const joined = (provisionalId: string, memberId: string) => ({ provisionalId, memberId });

  test('somebody with a phone that is not known is a member under the id of the till', async () => {
    const rig = await open();
    await rig.setting('join', {
      consentVersion: 'v1',
      consentText: { 'zh-CN': '同意', en: 'Agreed' },
      tier: 'bronze',
    });
    const till = rig.till('till-1', { storeId: 'store-2' });
    till.join({ provisionalId: 'join-1' as never, phone: '+8613900000001', name: '李雷' });
    till.entry(saleFacts('join-1', { saleId: 's1', earned: 9, spendMinor: 900 }));
    expect(must(await till.send()).joined).toEqual([joined('join-1', 'join-1')]);
    expect(await rig.body('join-1')).toMatchObject({
      memberId: 'join-1',
      name: '李雷',
      phone: '13900000001',
      tier: 'bronze',
      status: 'active',
      homeStoreId: 'store-2',
      yearSpendMinor: 900,
    });
    expect(await rig.balance('join-1')).toBe(9);
    expect(await rig.db.query('SELECT phone, home_store_id FROM members')).toEqual([
      { phone: '13900000001', home_store_id: 'store-2' },
    ]);
    expect(await rig.db.query('SELECT store_id, reason FROM member_scopes')).toEqual([
      { store_id: 'store-2', reason: 'home' },
    ]);
    const [join] = await rig.db.query<{ consent: string }>('SELECT consent FROM joins');
    expect(JSON.parse(join?.consent ?? '')).toMatchObject({
      consentVersion: 'v1',
      consentChannel: 'customer-screen',
      staffId: 'staff-1',
    });
    expect(await rig.exceptions()).toEqual([]);
  });

  test('somebody with a known phone is that member: the provisional one is merged into them', async () => {
    const rig = await open();
    const known = await rig.member(1, { phone: '13900000001', yearSpendMinor: 100 });
    await rig.lot(known, 'old', 50);
    const till = rig.till('till-1');
    till.join({
      provisionalId: 'join-1' as never,
      phone: '+86 139-0000-0001'.replace(/[ -]/g, ''),
    });
    till.entry(saleFacts('join-1', { saleId: 's1', earned: 9, spendMinor: 900 }));
    expect(must(await till.send()).joined).toEqual([joined('join-1', known)]);
    expect(await rig.balance(known)).toBe(59);
    expect(await rig.body(known)).toMatchObject({ yearSpendMinor: 1_000, completedOrders: 1 });
    const merged = await rig.body('join-1');
    expect(merged).toMatchObject({ status: 'merged', mergedInto: known });
    expect(merged).not.toHaveProperty('phone');
    const scopes = await rig.db.query('SELECT member_id FROM member_scopes ORDER BY 1');
    expect(scopes).toEqual([{ member_id: 'join-1' }, { member_id: known }]);
  });

  test('points that came up before the join move over with it', async () => {
    const rig = await open();
    const known = await rig.member(1, { phone: '13900000001' });
    const [a, b] = [rig.till('till-1'), rig.till('till-2')];
    b.entry(saleFacts('join-1', { saleId: 's0', earned: 5 }));
    must(await b.send());
    expect(await rig.exceptions()).toEqual(['member-unknown']);
    a.join({ provisionalId: 'join-1' as never });
    must(await a.send());
    expect(await rig.balance(known)).toBe(5);
    expect(await rig.balance('join-1')).toBe(0);
    // Neither account makes the till add its entry again.
    for (const id of [known, 'join-1'])
      expect((await rig.account(id)).booked['till-2:incarnation-till-2']).toBe(1);
  });

  test('a lost answer is given again, also for joins that were booked before', async () => {
    const rig = await open();
    const known = await rig.member(1, { phone: '13900000001' });
    const till = rig.till('till-1');
    till.join({ provisionalId: 'join-1' as never });
    const first = must(await till.send());
    const again = must(await till.send());
    expect(again.joined).toEqual(first.joined);
    expect(again.joined).toEqual([joined('join-1', known)]);
  });

  test('two tills where the same person joins at once end with one member', async () => {
    const rig = await open();
    const tills = ['till-1', 'till-2', 'till-3'].map((id) => rig.till(id));
    tills.forEach((till, n) => {
      till.join({ provisionalId: `join-${n}` as never, phone: '13900000001' });
      till.entry(saleFacts(`join-${n}`, { saleId: `s${n}`, earned: 10 }));
    });
    const replies = await Promise.all(tills.map((till) => till.send()));
    expect(replies.map(codeOf)).toEqual(['ok', 'ok', 'ok']);
    const ids = new Set(replies.flatMap((reply) => must(reply).joined.map((one) => one.memberId)));
    expect(ids.size).toBe(1);
    const [id = ''] = ids;
    expect(await rig.balance(id)).toBe(30);
    const active = await rig.db.query('SELECT 1 FROM members WHERE body LIKE \'%"active"%\'');
    expect(active).toHaveLength(1);
  });

  test('the phone of a merged member leads to whom they were merged into', async () => {
    const rig = await open();
    const living = await rig.member(2);
    await rig.member(1, {
      phone: '13900000001',
      status: 'merged',
      mergedInto: living as never,
    });
    const till = rig.till('till-1');
    till.join({ provisionalId: 'join-1' as never });
    expect(must(await till.send()).joined).toEqual([joined('join-1', living)]);
  });

  test('a till cannot make somebody out of a member by joining under their id', async () => {
    const rig = await open();
    await rig.member(1, { phone: '13900000001' });
    const victim = await rig.member(2);
    await rig.lot(victim, 'old', 500);
    const before = await rig.body(victim);
    const till = rig.till('till-1');
    till.join({ provisionalId: victim as never, phone: '13900000001' });
    must(await till.send());
    expect(await rig.body(victim)).toEqual(before);
    expect(await rig.balance(victim)).toBe(500);
    expect(await rig.exceptions()).toEqual(['join-differs']);
  });

  test('what a provisional member has reserved is reserved from the account of whom they are', async () => {
    const rig = await open();
    const known = await rig.member(1, { phone: '13900000001' });
    await rig.lot(known, 'old', 100);
    const [a, b] = [rig.till('till-1'), rig.till('till-2')];
    b.entry(saleFacts('join-1', { saleId: 's0', earned: 80 }));
    must(await b.send());
    const points = { kind: 'points', points: 80 } as const;
    expect(await b.reserve('a1', points, { memberId: 'join-1' as never })).toMatchObject({
      value: { granted: true },
    });
    a.join({ provisionalId: 'join-1' as never });
    must(await a.send());
    expect(
      await a.reserve('a2', { kind: 'points', points: 101 }, { memberId: known as never }),
    ).toMatchObject({ value: { granted: false, available: 100 } });
  });
});
