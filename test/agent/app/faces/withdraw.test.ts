import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSessionRules } from '../../../../agent/app/faces/session-rules.ts';
import type { FaceTemplate, MemberId } from '../../../../agent/contract/index.ts';
import { withdrawalReceipt } from '../../../../agent/domain/face-consent/withdrawal-receipt.ts';
import { openTemplate } from '../../../../agent/store/face-seal.ts';
import {
  ANNA,
  BO,
  CASHIER,
  captures,
  type DeskRig,
  FACE_MODEL,
  FACE_SETTING,
  face,
  faceMember,
  openDesk,
} from '../../../support/face-desk.ts';
import { value } from '../rig.ts';

const withdraw = (rig: DeskRig, memberId: MemberId = ANNA) =>
  rig.desk.enrolments.withdraw({ memberId, channel: 'customer-screen', staffId: CASHIER });

async function enrolled(rig: DeskRig): Promise<FaceTemplate> {
  const { templateId } = value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
  const row = rig.store.faces.find(templateId);
  if (row === undefined) throw new Error('the template is kept');
  return row.template;
}

describe('a withdrawal', () => {
  test('destroys the key at once and without headquarters, tells headquarters, and gives a receipt', async () => {
    const rig = openDesk();
    const { templateId } = await enrolled(rig);
    rig.clock.nowMs += 60_000;
    const done = value(await withdraw(rig));
    expect(done).toMatchObject({
      memberId: ANNA,
      templateIds: [templateId],
      reason: 'withdrawn',
      channel: 'customer-screen',
      staffId: CASHIER,
      at: '2026-11-21T08:31:00.000Z',
    });
    expect(rig.withdrawals()).toEqual([done]);
    expect(rig.parts.keys.erased(templateId)).toEqual({
      reason: 'withdrawn',
      atMs: rig.clock.nowMs,
    });
    expect([rig.store.faces.count(), rig.parts.keys.ids()]).toEqual([0, []]);
    expect(rig.desk.templates.enrolledScope(ANNA)).toBeUndefined();
    expect(await rig.parts.inUse()?.gallery.nearest(face(1), 1)).toEqual([]);
    const receipt = withdrawalReceipt(done, null);
    expect(receipt.text.en).toContain('destroyed the keys of 1 face template');
    expect(receipt.text.en).toContain('which of them have confirmed can be asked there');
    expect(receipt.text['zh-CN']).toContain(done.withdrawalId);
    expect(withdrawalReceipt(done, ['till-2']).text.en).toContain('Yet to confirm: till-2');
  });

  test('works with faces switched off, without a template here, and for somebody whom this till does not know', async () => {
    const rig = openDesk();
    const { templateId } = await enrolled(rig);
    rig.feed({ ...FACE_SETTING, offInStores: ['store-1' as never] });
    expect(value(await withdraw(rig)).templateIds).toEqual([templateId]);
    expect(value(await withdraw(rig, BO)).templateIds).toEqual([]);
    expect(value(await withdraw(rig, 'nobody' as MemberId)).templateIds).toEqual([]);
    expect(rig.withdrawals().map(({ memberId }) => memberId)).toEqual([ANNA, BO, 'nobody']);
  });

  test('ends the templates of accounts that have become the member’s, too', async () => {
    const rig = openDesk();
    const { templateId } = await enrolled(rig);
    rig.members(faceMember(ANNA, { status: 'merged', mergedInto: BO }));
    expect(rig.desk.templates.enrolledAs(BO)).toEqual([BO, ANNA]);
    expect(value(await withdraw(rig, BO))).toMatchObject({
      memberId: BO,
      templateIds: [templateId],
    });
    expect(await rig.parts.inUse()?.gallery.nearest(face(1), 1)).toEqual([]);
  });

  test('a database put back from before it does not bring the template back: it is ended again, by the same id', async () => {
    const rig = openDesk();
    const template = await enrolled(rig);
    const backup = join(rig.keyFolder, 'backup');
    rig.store.close();
    const [live = ''] = readdirSync(rig.dataDir).filter((name) => /^till-.*\.db$/.test(name));
    copyFileSync(join(rig.dataDir, live), backup);
    rig.restart();
    const done = value(await withdraw(rig));
    rig.store.close();
    expect(existsSync(join(rig.dataDir, `${live}-wal`))).toBe(false);
    copyFileSync(backup, join(rig.dataDir, live));
    rig.restart();
    expect(rig.store.faces.count()).toBe(0);
    expect(rig.desk.templates.enrolledScope(ANNA)).toBeUndefined();
    expect([...rig.desk.templates.openAll(FACE_MODEL)]).toEqual([]);
    expect(rig.withdrawals()).toMatchObject([
      { withdrawalId: done.withdrawalId, templateIds: [template.templateId], reason: 'withdrawn' },
    ]);
    expect(rig.parts.keys.put(template.templateId, new Uint8Array(32))).toBe(false);
  });

  test('the ciphertext left behind cannot be opened with anything on the machine', async () => {
    const rig = openDesk();
    const template = await enrolled(rig);
    const wanted = Buffer.from(rig.parts.keys.get(template.templateId) ?? []);
    expect(openTemplate(template, wanted).ok).toBe(true);
    value(await rig.desk.enrolments.enrol(rig.agree(BO, { captures: captures(7) })));
    value(await withdraw(rig));
    const others = rig.parts.keys.ids().map((id) => rig.parts.keys.get(id) ?? new Uint8Array());
    const held = [...others, rig.keyStore.key ?? new Uint8Array(), new Uint8Array(32)];
    expect(held).toHaveLength(3);
    for (const key of held) expect(openTemplate(template, key).ok).toBe(false);
  });
});

describe('what has changed between match and decision', () => {
  /** What the decision asks last. */
  const objection = (rig: DeskRig, memberId: MemberId = ANNA) =>
    createSessionRules(
      {
        store: rig.store,
        deps: { place: rig.parts.place() },
        businessDay: () => '2026-11-21',
        today: () => '2026-11-21',
      } as never,
      rig.desk.templates,
    ).objection({ memberId, enrolledAs: ANNA });

  test('consent withdrawn between match and decision: the match does not count', async () => {
    const rig = openDesk();
    await enrolled(rig);
    expect(objection(rig)).toBeUndefined();
    value(await withdraw(rig));
    expect(objection(rig)).toBe('consent-withdrawn');
  });

  test.each([
    ['merged', { status: 'merged', mergedInto: BO }, 'member-changed'],
    ['blocked', { status: 'blocked' }, 'blocked'],
    ['found to be 13', { birthday: '2013-01-01' }, 'minor'],
  ] as const)('a member %s meanwhile: the match does not count', async (_, more, why) => {
    const rig = openDesk();
    await enrolled(rig);
    rig.members(faceMember(ANNA, more));
    expect(objection(rig)).toBe(why);
  });

  test('a member who turned 14 meanwhile may be enrolled from that day on', async () => {
    const rig = openDesk();
    rig.members(faceMember(ANNA, { birthday: '2012-11-22' }));
    expect((await rig.desk.enrolments.enrol(rig.agree(ANNA))).ok).toBe(false);
    rig.clock.nowMs = Date.UTC(2026, 10, 22, 8);
    expect((await rig.desk.enrolments.enrol(rig.agree(ANNA))).ok).toBe(true);
  });
});

describe('a template that cannot be used', () => {
  test('with a flipped bit is refused, the others go on, and re-enrolment is offered', async () => {
    const rig = openDesk();
    const { templateId, sealed } = await enrolled(rig);
    value(await rig.desk.enrolments.enrol(rig.agree(BO, { captures: captures(7) })));
    const box = Buffer.from(sealed, 'base64');
    box[20] = (box[20] ?? 0) ^ 1;
    rig.withSql((db) =>
      db
        .prepare(`UPDATE faces SET body = json_set(body, '$.sealed', ?) WHERE template_id = ?`)
        .run(box.toString('base64'), templateId),
    );
    rig.restart();
    const opened = [...rig.desk.templates.openAll(FACE_MODEL)];
    expect(opened.filter((one) => 'refused' in one)).toEqual([
      { templateId, memberId: ANNA, refused: 'damaged' },
    ]);
    expect(opened).toHaveLength(2);
    expect(rig.desk.templates.enrolledScope(ANNA)).toBeUndefined();
    expect(rig.desk.templates.enrolledScope(BO)).toBe('store');
    value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    expect(rig.desk.templates.enrolledScope(ANNA)).toBe('store');
  });

  test('of another model is never compared, and another member’s row does not open under this id', async () => {
    const rig = openDesk();
    const { templateId, ...rest } = await enrolled(rig);
    const other = { ...FACE_MODEL, modelVersion: '2' };
    expect([...rig.desk.templates.openAll(other)]).toEqual([
      { templateId, memberId: ANNA, refused: 'other-model' },
    ]);
    const key = rig.parts.keys.get(templateId) ?? new Uint8Array();
    expect(openTemplate({ templateId, ...rest }, key).ok).toBe(true);
    expect(openTemplate({ templateId, ...rest, memberId: BO }, key).ok).toBe(false);
    expect(openTemplate({ templateId, ...rest, model: other }, key).ok).toBe(false);
  });
});
