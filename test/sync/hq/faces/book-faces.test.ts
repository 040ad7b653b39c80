import { expect, test } from 'vitest';
import { toInstant } from '../../../../agent/contract/time.ts';
import { TEMPLATES_PER_MEMBER_MAX } from '../../../../sync/protocol/face.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { admin, codeOf, NOON_MS } from '../books/rig.ts';
import { type FaceRig, openFaces } from './face-rig.ts';

const minutes = (n: number) => toInstant(NOON_MS + n * 60_000);
const receipts = async (rig: FaceRig, memberId: string) =>
  must(await rig.handlers.faceReceipts(admin, { memberId: memberId as never }, undefined));

describeOnEngines('faces that tills send up', (hq) => {
  test('an enrolment goes to the store of its consent, or to all that carry the member', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1', 'store-2');
    const till = await rig.faceTill('till-1');
    const own = till.enrol(memberId);
    const chain = till.enrol(memberId, { scope: 'chain' });
    expect(await till.send()).toBe('ok');
    expect(await rig.told('store-1')).toEqual({
      [own.templateId]: 'there',
      [chain.templateId]: 'there',
    });
    expect(await rig.told('store-2')).toEqual({ [chain.templateId]: 'there' });
    expect(await rig.told('store-3')).toEqual({});
  });

  test('the store where a member agreed carries them from then on', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1);
    const till = await rig.faceTill('till-1');
    const { templateId } = till.enrol(memberId);
    await till.send();
    expect(await rig.told('store-1')).toEqual({ [templateId]: 'there' });
  });

  test('what a till sends again is booked once', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1');
    const till = await rig.faceTill('till-1');
    const first = till.enrol(memberId);
    till.withdraw(memberId, { templateIds: [first.templateId] });
    const second = till.enrol(memberId, { at: minutes(5) });
    await till.send();
    const before = await rig.db.query('SELECT count(*) AS n FROM outbox');
    expect(await till.send(1)).toBe('ok');
    expect(await rig.templates()).toEqual([second.templateId]);
    expect(await rig.db.query('SELECT count(*) AS n FROM outbox')).toEqual(before);
  });

  test('a withdrawal that comes again under another number ends nothing that was agreed to since', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1');
    const till = await rig.faceTill('till-1');
    const withdrawal = till.withdraw(memberId);
    const since = till.enrol(memberId, { at: minutes(5) });
    till.outbox.push({ kind: 'face-withdrawal', no: 3, withdrawal });
    await till.send();
    expect(await rig.templates()).toEqual([since.templateId]);
  });

  test('a restored headquarters that is told everything again comes to the same', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1', 'store-2');
    const till = await rig.faceTill('till-1');
    const first = till.enrol(memberId, { scope: 'chain' });
    await till.send();
    till.withdraw(memberId, { templateIds: [first.templateId] });
    const second = till.enrol(memberId, { at: minutes(5), scope: 'chain' });
    await till.send();
    // As the backup had it that was taken after the first upload.
    await rig.db.query('UPDATE ledger_heads SET outbox_no = 1');
    await rig.db.query('DELETE FROM face_templates');
    for (const table of ['face_ends', 'face_withdrawals', 'face_fed', 'face_holders'])
      await rig.db.query(`DELETE FROM ${table}`);
    expect(await till.send(1)).toBe('ok');
    expect(await rig.templates()).toEqual([second.templateId]);
    expect(await rig.told('store-2')).toEqual({
      [second.templateId]: 'there',
      [first.templateId]: 'gone',
    });
  });

  test('a withdrawal ends what other tills enrolled', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1', 'store-2');
    const [a, b] = [await rig.faceTill('till-1'), await rig.faceTill('till-2', 'store-2')];
    const one = a.enrol(memberId, { scope: 'chain' });
    const two = b.enrol(memberId);
    await a.send();
    await b.send();
    b.withdraw(memberId, { templateIds: [two.templateId] });
    await b.send();
    expect(await rig.templates()).toEqual([]);
    expect(await rig.told('store-1')).toEqual({ [one.templateId]: 'gone' });
    expect(await rig.told('store-2')).toEqual({
      [one.templateId]: 'gone',
      [two.templateId]: 'gone',
    });
  });

  test.each(['replaced', 'retention'] as const)(
    'an end as %s is of the named ones alone',
    async (reason) => {
      const rig = await openFaces(hq);
      const memberId = await rig.carried(1, 'store-1');
      const till = await rig.faceTill('till-1');
      const [old, kept] = [till.enrol(memberId), till.enrol(memberId, { at: minutes(3) })];
      till.withdraw(memberId, { reason, channel: 'rule', templateIds: [old.templateId] });
      await till.send();
      expect(await rig.templates()).toEqual([kept.templateId]);
      till.enrol(memberId, { at: minutes(0) });
      await till.send();
      expect(await rig.templates()).toHaveLength(2);
    },
  );

  test('a withdrawal beats an enrolment from before it that arrives later, and its till is told', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-2');
    const [late, b] = [await rig.faceTill('till-1'), await rig.faceTill('till-2', 'store-2')];
    const before = late.enrol(memberId, { at: minutes(0) });
    const after = late.enrol(memberId, { at: minutes(2) });
    b.withdraw(memberId, { at: minutes(1) });
    await b.send();
    await late.send();
    expect(await rig.templates()).toEqual([after.templateId]);
    expect(await rig.told('store-1')).toEqual({
      [before.templateId]: 'gone',
      [after.templateId]: 'there',
    });
    const { templates } = await receipts(rig, memberId);
    expect(templates.find((one) => one.templateId === before.templateId)).toMatchObject({
      ended: { reason: 'withdrawn' },
      tills: [{ tillId: 'till-1', confirmedAt: null, isGone: false }],
      destroyed: false,
    });
  });

  test('a named template that is not known yet is over when it comes', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1');
    const [a, b] = [await rig.faceTill('till-1'), await rig.faceTill('till-2')];
    const { templateId } = a.enrol(memberId);
    b.withdraw(memberId, { reason: 'replaced', templateIds: [templateId] });
    await b.send();
    await a.send();
    expect(await rig.templates()).toEqual([]);
    expect(await rig.told('store-1')).toEqual({ [templateId]: 'gone' });
  });

  test('nobody ends the template of another member', async () => {
    const rig = await openFaces(hq);
    const [one, two] = [await rig.carried(1, 'store-1'), await rig.carried(2, 'store-1')];
    const till = await rig.faceTill('till-1');
    const { templateId } = till.enrol(one);
    till.withdraw(two, { templateIds: [templateId] });
    await till.send();
    expect(await rig.templates()).toEqual([templateId]);
  });

  test('who joined with a known phone is enrolled as who they are, at every store that carries them', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.member(1, { phone: '13900000001' });
    await rig.db.query("INSERT INTO member_scopes VALUES ($1, 'store-2', 'home', 0)", [memberId]);
    const till = await rig.faceTill('till-1');
    const items = rig.till('till-1');
    till.outbox.push(items.join({ phone: '13900000001' }));
    const { templateId } = till.enrol('join-1', { scope: 'chain' });
    expect(await till.send()).toBe('ok');
    const [row] = await rig.db.query('SELECT member_id, owner_id FROM face_templates');
    expect(row).toEqual({ member_id: 'join-1', owner_id: memberId });
    expect(await rig.told('store-2')).toEqual({ [templateId]: 'there' });
    // The tills there can tell who `join-1` is.
    const scopes = await rig.db.query(
      "SELECT 1 FROM member_scopes WHERE member_id = 'join-1' AND store_id = 'store-2'",
    );
    expect(scopes).toHaveLength(1);
    till.withdraw(memberId);
    await till.send();
    expect(await rig.templates()).toEqual([]);
  });

  test('a member who is merged later keeps the template where the other one is carried', async () => {
    const rig = await openFaces(hq);
    const from = await rig.carried(1, 'store-1');
    const to = await rig.carried(2, 'store-2');
    const till = await rig.faceTill('till-1');
    const { templateId } = till.enrol(from, { scope: 'chain' });
    await till.send();
    const body = { ...(await rig.body(from)), status: 'merged', mergedInto: to };
    await rig.db.query('UPDATE members SET body = $2 WHERE member_id = $1', [
      from,
      JSON.stringify(body),
    ]);
    expect(await rig.told('store-2')).toEqual({ [templateId]: 'there' });
    expect(await rig.told('store-1')).toEqual({ [templateId]: 'gone' });
  });

  test('an erased member has no template anywhere, and the receipt stays', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1', 'store-2');
    const till = await rig.faceTill('till-1');
    const { templateId } = till.enrol(memberId, { scope: 'chain' });
    await till.send();
    await rig.db.query('DELETE FROM members WHERE member_id = $1', [memberId]);
    expect(await rig.told('store-2')).toEqual({ [templateId]: 'gone' });
    expect(await rig.db.query('SELECT 1 FROM face_consents')).toEqual([]);
    const { templates } = await receipts(rig, memberId);
    expect(templates).toMatchObject([
      { templateId, ended: { reason: 'membership-ended' }, tills: [{ tillId: 'till-1' }] },
    ]);
    till.enrol(memberId);
    expect(await till.send()).toBe('ok');
    expect(await rig.templates()).toEqual([]);
  });

  test('a blocked member keeps the template: tills say that they are blocked', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1');
    const till = await rig.faceTill('till-1');
    const { templateId } = till.enrol(memberId);
    await till.send();
    const body = { ...(await rig.body(memberId)), status: 'blocked' };
    await rig.db.query('UPDATE members SET body = $2 WHERE member_id = $1', [
      memberId,
      JSON.stringify(body),
    ]);
    expect(await rig.told('store-1')).toEqual({ [templateId]: 'there' });
  });

  test('a store that ceases to carry the member is told, and is never given that template again', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1', 'store-2');
    const till = await rig.faceTill('till-1');
    const { templateId } = till.enrol(memberId, { scope: 'chain' });
    await till.send();
    await rig.db.query("DELETE FROM member_scopes WHERE store_id = 'store-2'");
    expect(await rig.told('store-2')).toEqual({ [templateId]: 'gone' });
    await rig.db.query("INSERT INTO member_scopes VALUES ($1, 'store-2', 'visit', 0)", [memberId]);
    expect(await rig.told('store-2')).toEqual({ [templateId]: 'gone' });
    expect(await rig.told('store-1')).toEqual({ [templateId]: 'there' });
  });

  test('a store that a look-up answered to gets no template before the member is served there', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1');
    const till = await rig.faceTill('till-1');
    const { templateId } = till.enrol(memberId, { scope: 'chain' });
    await till.send();
    await rig.db.query("INSERT INTO member_scopes VALUES ($1, 'store-2', 'lookup', 0)", [memberId]);
    expect(await rig.told('store-2')).toEqual({});
    await rig.db.query("UPDATE member_scopes SET reason = 'visit' WHERE store_id = 'store-2'");
    expect(await rig.told('store-2')).toEqual({ [templateId]: 'there' });
  });

  test.each([
    ['of another till', { template: { tillId: 'till-9' } }],
    ['of another member than the consent', { consent: { memberId: 'somebody-else' } }],
    ['of a wider scope than the consent', { template: { scope: 'chain' } }],
    ['of another consent', { template: { consentId: 'consent-other' } }],
  ])('a template %s is not kept, and holds nothing up', async (_, more) => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1');
    const till = await rig.faceTill('till-1');
    const { templateId } = till.enrol(memberId, more as never);
    const right = till.enrol(memberId);
    expect(await till.send()).toBe('ok');
    expect(await rig.templates()).toEqual([right.templateId]);
    expect((await rig.told('store-1'))[templateId]).toBe('gone');
  });

  test(`a member has ${TEMPLATES_PER_MEMBER_MAX} templates at most; with a further one the oldest ends`, async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1');
    const till = await rig.faceTill('till-1');
    const ids = Array.from(
      { length: TEMPLATES_PER_MEMBER_MAX },
      (_, i) => till.enrol(memberId, { at: minutes(i) }).templateId,
    );
    await till.send();
    expect(await rig.templates()).toEqual(ids);
    const last = till.enrol(memberId, { at: minutes(99) });
    await till.send();
    expect(await rig.templates()).toEqual([...ids.slice(1), last.templateId]);
  });
});

describeOnEngines('a withdrawal at headquarters', (hq) => {
  test('ends all templates and every consent so far, those of tills with a fast clock included', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1');
    const till = await rig.faceTill('till-1');
    till.enrol(memberId, { at: minutes(600) });
    await till.send();
    till.enrol(memberId, { at: minutes(1) });
    rig.clockMs = NOON_MS + 2 * 60_000;
    const input = { memberId: memberId as never, reason: 'by phone' };
    expect(must(await rig.handlers.withdrawFaces(admin, input, undefined))).toEqual({ ended: 1 });
    await till.send();
    expect(await rig.templates()).toEqual([]);
    expect(JSON.stringify(rig.logged)).not.toContain(memberId);
    expect(must(await rig.handlers.withdrawFaces(admin, input, undefined))).toEqual({ ended: 0 });
  });

  test('of nobody is refused', async () => {
    const rig = await openFaces(hq);
    const input = { memberId: 'nobody' as never, reason: 'by phone' };
    expect(codeOf(await rig.handlers.withdrawFaces(admin, input, undefined))).toBe(
      'member-unknown',
    );
  });

  test('a receipt says which tills had the key and which have destroyed it', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1', 'store-2');
    const [a, b] = [await rig.faceTill('till-1'), await rig.faceTill('till-2', 'store-2')];
    const { templateId } = a.enrol(memberId, { scope: 'chain' });
    await a.send();
    expect(await b.say([templateId])).toEqual([]);
    const tills = (at: (string | null)[]) =>
      at.map((confirmedAt, i) => ({ tillId: `till-${i + 1}`, confirmedAt, isGone: false }));
    expect((await receipts(rig, memberId)).templates).toEqual([
      {
        templateId,
        ended: null,
        stores: ['store-1', 'store-2'],
        tills: tills([null, null]),
        destroyed: false,
      },
    ]);
    a.withdraw(memberId, { templateIds: [templateId] });
    await a.send();
    expect((await receipts(rig, memberId)).templates).toMatchObject([
      {
        ended: { reason: 'withdrawn', at: rig.now() },
        tills: tills([rig.now(), null]),
        destroyed: false,
      },
    ]);
    // One that was revoked can say no more: told, and nothing is taken for destroyed.
    const setState = (state: string) =>
      rig.db.query(`UPDATE tills SET state = $1 WHERE till_id = 'till-2'`, [state]);
    await setState('revoked');
    expect((await receipts(rig, memberId)).templates).toMatchObject([
      { tills: [{ isGone: false }, { confirmedAt: null, isGone: true }], destroyed: false },
    ]);
    await setState('registered');
    expect(await b.say([templateId])).toEqual([templateId]);
    await b.say([], [[templateId, 'told']]);
    expect((await receipts(rig, memberId)).templates).toMatchObject([
      { tills: tills([rig.now(), rig.now()]), destroyed: true },
    ]);
    expect((await receipts(rig, memberId)).consents).toMatchObject([
      { scope: 'chain', textVersion: 'v1' },
    ]);
  });
});
