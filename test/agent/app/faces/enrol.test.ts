import { describe, expect, test } from 'vitest';
import { faceConsentText } from '../../../../agent/app/faces/consent.ts';
import type { Failure, Result } from '../../../../agent/contract/index.ts';
import { FACES_FILING_LIMIT } from '../../../../agent/domain/face-consent/filing-limit.ts';
import {
  ANNA,
  BO,
  captures,
  FACE_MODEL,
  FACE_SETTING,
  face,
  faceMember,
  openDesk,
} from '../../../support/face-desk.ts';
import { TEST_NOW_MS } from '../../../support/store.ts';
import { failed, value } from '../rig.ts';

const refusal = <T>(result: Result<T, Failure>): string => failed(result).code;

describe('enrolling a member who agreed', () => {
  test('keeps consent and sealed template, queues both for headquarters, and finds the face at once', async () => {
    const rig = openDesk();
    const { templateId } = value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    const [enrolment] = rig.enrolments();
    expect(enrolment).toMatchObject({
      consent: {
        memberId: ANNA,
        scope: 'store',
        textVersion: 'f1',
        language: 'zh-CN',
        channel: 'customer-screen',
        witnessId: 'cashier-1',
        storeId: 'store-1',
        tillId: 'till-1',
        at: '2026-11-21T08:30:00.000Z',
      },
      template: { templateId, memberId: ANNA, scope: 'store', model: FACE_MODEL },
    });
    expect(enrolment?.template.consentId).toBe(enrolment?.consent.consentId);
    expect(rig.desk.templates.enrolledScope(ANNA)).toBe('store');
    expect(await rig.parts.inUse()?.gallery.nearest(face(1), 1)).toMatchObject([
      { memberId: ANNA },
    ]);
    rig.restart();
    expect(rig.desk.templates.enrolledScope(ANNA)).toBe('store');
    expect(rig.enrolments()).toHaveLength(1);
  });

  test('has one template: a further one takes the place of the first, whose key is destroyed', async () => {
    const rig = openDesk();
    const first = value(await rig.desk.enrolments.enrol(rig.agree(ANNA))).templateId;
    const second = value(
      await rig.desk.enrolments.enrol(rig.agree(ANNA, { captures: captures(2) })),
    ).templateId;
    expect(rig.parts.keys.ids()).toEqual([second]);
    expect(rig.parts.keys.erased(first)).toMatchObject({ reason: 'replaced' });
    expect(rig.withdrawals()).toMatchObject([{ reason: 'replaced', templateIds: [first] }]);
    expect(await rig.parts.inUse()?.gallery.distance(ANNA, face(2, 0.02))).toBeCloseTo(0);
  });

  test('is refused where the store does not use faces, or headquarters has published no text', async () => {
    const rig = openDesk();
    rig.feed({ ...FACE_SETTING, offInStores: ['store-1' as never] });
    expect(refusal(await rig.desk.enrolments.enrol(rig.agree(ANNA)))).toBe('face-off');
    rig.feed(null);
    expect(refusal(await rig.desk.enrolments.enrol(rig.agree(ANNA)))).toBe('face-off');
    expect(faceConsentText(rig.parts).ok).toBe(false);
    expect(rig.parts.keys.ids()).toEqual([]);
  });

  test('is refused for another text than the one in force', async () => {
    const rig = openDesk();
    const old = rig.agree(ANNA, { textVersion: 'f0' });
    expect(refusal(await rig.desk.enrolments.enrol(old))).toBe('consent-outdated');
  });

  test('is refused to minors and to those of unknown age, by the store’s business day', async () => {
    const rig = openDesk();
    rig.members(
      faceMember(ANNA, { birthday: '2012-11-22' }),
      faceMember(BO, { birthday: undefined }),
    );
    expect(refusal(await rig.desk.enrolments.enrol(rig.agree(ANNA)))).toBe('face-minor');
    expect(refusal(await rig.desk.enrolments.enrol(rig.agree(BO)))).toBe('face-minor');
    // 16:01 UTC is the next day in Shanghai: the birthday.
    rig.clock.nowMs = Date.UTC(2026, 10, 21, 16, 1);
    value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
  });

  test('makes the template of the member whom a merged account has become', async () => {
    const rig = openDesk();
    rig.members(faceMember(BO, { status: 'merged', mergedInto: ANNA }));
    value(await rig.desk.enrolments.enrol(rig.agree(BO)));
    expect(rig.enrolments()[0]?.template.memberId).toBe(ANNA);
  });

  test('is refused to somebody who is enrolled as another member, without a word who that is', async () => {
    const rig = openDesk();
    value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    const again = await rig.desk.enrolments.enrol(rig.agree(BO));
    expect(refusal(again)).toBe('face-duplicate');
    expect(JSON.stringify(again)).not.toContain(ANNA);
    expect(rig.parts.keys.ids()).toHaveLength(1);
  });

  test('how near is too near goes by how many are enrolled', async () => {
    const asked: number[] = [];
    const rig = openDesk((enrolled) => {
      asked.push(enrolled);
      return asked.length === 1 ? 0.3 : 0;
    });
    value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    const alike = captures(1).map((one) => one.map((number) => number * 1.05));
    value(await rig.desk.enrolments.enrol(rig.agree(BO, { captures: alike })));
    expect(asked).toEqual([0, 1]);
  });

  test.each([
    ['too few captures', captures(1, 2), 'too-few'],
    ['captures of two people', [...captures(1, 2), face(2)], 'inconsistent'],
    ['a number that is none', [...captures(1, 2), face(1, Number.NaN)], 'not-a-number'],
    ['zeros', [...captures(1, 2), new Float32Array(8)], 'zero'],
    ['a wrong length', [...captures(1, 2), new Float32Array(9).fill(1)], 'wrong-length'],
  ])('NaN, zero, wrong-length descriptors: %s make no template', async (_, given, why) => {
    const rig = openDesk();
    const done = await rig.desk.enrolments.enrol(rig.agree(ANNA, { captures: given }));
    expect(done).toMatchObject({ ok: false, error: { code: 'face-captures', data: { why } } });
    expect([rig.store.faces.count(), rig.parts.keys.ids()]).toEqual([0, []]);
  });

  test('other-model descriptors make no template', async () => {
    const rig = openDesk();
    const other = rig.agree(ANNA, { model: { ...FACE_MODEL, modelVersion: '2' } });
    expect(refusal(await rig.desk.enrolments.enrol(other))).toBe('capture-descriptor');
  });

  test('100,000 templates: one more is refused, and a member who has one may still renew it', async () => {
    const rig = openDesk();
    value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    const full = { ...rig.store.faces, count: () => FACES_FILING_LIMIT };
    Object.assign(rig.store, { faces: full });
    const other = rig.agree(BO, { captures: captures(5) });
    expect(refusal(await rig.desk.enrolments.enrol(other))).toBe('face-full');
    value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
  });

  test.each([
    ['merged', faceMember(ANNA, { status: 'merged', mergedInto: BO }), 'face-withdrawn'],
    ['blocked', faceMember(ANNA, { status: 'blocked' }), 'member-inactive'],
    ['found to be a minor', faceMember(ANNA, { birthday: '2020-01-01' }), 'face-minor'],
  ])('a member who is %s while the gallery is searched gets no template', async (_, then, code) => {
    const rig = openDesk();
    const under = rig.desk.enrolments.enrol(rig.agree(ANNA));
    rig.members(then);
    expect(refusal(await under)).toBe(code);
    expect([rig.store.faces.count(), rig.parts.keys.ids()]).toEqual([0, []]);
  });

  test('a member who withdraws while the gallery is searched gets no template', async () => {
    const rig = openDesk();
    const under = rig.desk.enrolments.enrol(rig.agree(ANNA));
    value(
      await rig.desk.enrolments.withdraw({
        memberId: ANNA,
        channel: 'staff',
        staffId: 'cashier-1' as never,
      }),
    );
    expect(refusal(await under)).toBe('face-withdrawn');
    expect([rig.store.faces.count(), rig.parts.keys.ids()]).toEqual([0, []]);
  });

  test('shows a member what is held of their face, and never a number of it', async () => {
    const rig = openDesk();
    value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    rig.desk.templates.seen(ANNA);
    const held = rig.desk.heldOf(ANNA);
    expect(held).toMatchObject({
      consents: [{ textVersion: 'f1', at: new Date(TEST_NOW_MS).toISOString() }],
      templates: [{ model: FACE_MODEL, lastSeenOn: '2026-11-21', hasKey: true }],
    });
    const sealed = rig.enrolments()[0]?.template.sealed ?? '';
    expect(sealed.length).toBeGreaterThan(40);
    expect(JSON.stringify(held)).not.toContain(sealed);
    expect(rig.desk.heldOf(BO)).toEqual({ consents: [], templates: [] });
  });
});
