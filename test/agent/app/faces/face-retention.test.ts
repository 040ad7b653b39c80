import { describe, expect, test } from 'vitest';
import type { StaffId } from '../../../../agent/contract/index.ts';
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
import { value } from '../rig.ts';

const DAY_MS = 86_400_000;

describe('templates that time ends', () => {
  test('end with the reason `retention` a day after the time that they are kept, and headquarters hears of it', async () => {
    const rig = openDesk();
    const { templateId } = value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    rig.clock.nowMs += 365 * DAY_MS;
    expect(value(await rig.desk.endWhatIsOver(rig.clock.nowMs))).toBe(0);
    rig.clock.nowMs += DAY_MS;
    expect(value(await rig.desk.endWhatIsOver(rig.clock.nowMs))).toBe(1);
    expect(rig.withdrawals()).toMatchObject([
      { reason: 'retention', channel: 'rule', staffId: null, templateIds: [templateId] },
    ]);
    expect(rig.parts.keys.erased(templateId)).toMatchObject({ reason: 'retention' });
    expect(await rig.parts.inUse()?.gallery.nearest(face(1), 1)).toEqual([]);
  });

  test('are kept by a visit here and by a purchase anywhere', async () => {
    const rig = openDesk();
    value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    value(await rig.desk.enrolments.enrol(rig.agree(BO, { captures: captures(7) })));
    rig.clock.nowMs += 300 * DAY_MS;
    rig.desk.templates.seen(ANNA);
    rig.members(faceMember(BO, { lastPurchaseOn: { store: '2027-06-01' } }));
    rig.clock.nowMs += 100 * DAY_MS;
    expect(value(await rig.desk.endWhatIsOver(rig.clock.nowMs))).toBe(0);
  });

  test('a clock that leapt ends nothing: only the time that the till has seen pass counts', async () => {
    const rig = openDesk();
    value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    const provenMs = rig.clock.nowMs + DAY_MS;
    rig.clock.nowMs += 4_000 * DAY_MS;
    expect(value(await rig.desk.endWhatIsOver(provenMs))).toBe(0);
  });

  test.each([
    ['a member found to be a minor', { birthday: '2015-01-01' }, 'minor'],
    ['a membership that is over', { status: 'expired' }, 'membership-ended'],
  ] as const)('of %s end', async (_, more, reason) => {
    const rig = openDesk();
    value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    rig.members(faceMember(ANNA, more));
    rig.feed(null);
    expect(value(await rig.desk.endWhatIsOver(rig.clock.nowMs))).toBe(1);
    expect(rig.withdrawals()).toMatchObject([{ reason }]);
  });

  test('of a blocked member stay: they are told so, and may be unblocked', async () => {
    const rig = openDesk();
    value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    rig.members(faceMember(ANNA, { status: 'blocked' }));
    expect(value(await rig.desk.endWhatIsOver(rig.clock.nowMs))).toBe(0);
  });
});

describe('a store that stops using faces', () => {
  const off = { ...FACE_SETTING, offInStores: ['store-1' as never] };

  test('empties its gallery at once and keeps the templates', async () => {
    const rig = openDesk();
    value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
    rig.feed(off);
    await rig.desk.switch.look();
    expect(rig.desk.switch.isOn()).toBe(false);
    expect(rig.store.faces.count()).toBe(1);
    rig.feed(FACE_SETTING);
    await rig.desk.switch.look();
    expect(await rig.parts.inUse()?.gallery.nearest(face(1), 1)).toMatchObject([
      { memberId: ANNA },
    ]);
  });

  test('erases them where it is told to: those for this store everywhere, those of the chain only here', async () => {
    const rig = openDesk();
    const own = value(await rig.desk.enrolments.enrol(rig.agree(ANNA))).templateId;
    const chain = rig.agree(BO, { scope: 'chain', captures: captures(7) });
    const shared = value(await rig.desk.enrolments.enrol(chain)).templateId;
    rig.feed(off);
    expect(value(await rig.desk.switch.erase('manager-1' as StaffId))).toBe(2);
    expect([...rig.desk.templates.openAll(FACE_MODEL)]).toEqual([]);
    expect(rig.parts.keys.ids()).toEqual([]);
    expect(rig.withdrawals()).toMatchObject([{ templateIds: [own], staffId: 'manager-1' }]);
    expect(rig.parts.keys.erased(shared)).toMatchObject({ reason: 'not-fed' });
  });
});
