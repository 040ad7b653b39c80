import { expect, test } from 'vitest';
import { FACE_PAIRS_KEPT_DAYS, FACE_PAIRS_PAGE } from '../../../../agent/app/faces/face-pairs.ts';
import { FACE_PAIRS_MAX } from '../../../../agent/store/repositories/face-pairs.ts';
import {
  ANNA,
  BO,
  CASHIER,
  captures,
  type DeskRig,
  FACE_MODEL,
  faceMember,
  openDesk,
} from '../../../support/face-desk.ts';
import { value } from '../rig.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

async function enrolled(): Promise<DeskRig> {
  const rig = openDesk();
  value(await rig.desk.enrolments.enrol(rig.agree(ANNA)));
  value(await rig.desk.enrolments.enrol(rig.agree(BO, { captures: captures(7) })));
  return rig;
}

const noteOf = (rig: DeskRig, own = 0.25, memberId = ANNA): void =>
  rig.desk.pairs.note({ memberId, enrolledAs: memberId, own, other: 0.8 });

test('a pair holds two distances, the model and the hour, and nothing of whom or of numbers of a face', async () => {
  const rig = await enrolled();
  noteOf(rig, 0.123456789);
  const { modelId, modelVersion } = FACE_MODEL;
  const atMs = Math.floor(rig.clock.nowMs / HOUR_MS) * HOUR_MS;
  expect(rig.desk.pairs.page(0)).toEqual([
    { no: 1, modelId, modelVersion, atMs, own: 0.1235, other: 0.8 },
  ]);
  expect(rig.desk.keeper.pairs(0)).toEqual(rig.desk.pairs.page(0));
  rig.withSql((db) => {
    const columns = db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all('face_pairs');
    expect(columns).toEqual([
      'pair_no',
      'template_id',
      'model_id',
      'model_version',
      'hour_ms',
      'own',
      'other',
    ]);
  });
});

test('a member is told how many distances are kept of their face', async () => {
  const rig = await enrolled();
  const told = () => rig.desk.heldOf(ANNA).templates.map(({ comparisons }) => comparisons);
  expect(told()).toEqual([0]);
  noteOf(rig);
  noteOf(rig);
  noteOf(rig, 0.3, BO);
  expect(told()).toEqual([2]);
});

test('somebody else is drawn by lot among all who are enrolled', async () => {
  const rig = await enrolled();
  let drawn = 0;
  rig.parts = Object.assign(rig.parts, {
    random: (bytes: number) => Buffer.from([0, 0, 0, drawn++]).subarray(0, bytes),
  });
  const { createFacePairs } = await import('../../../../agent/app/faces/face-pairs.ts');
  const pairs = createFacePairs(rig.parts);
  expect(Array.from({ length: 4 }, () => pairs.anybody())).toEqual([ANNA, BO, ANNA, BO]);
  expect(openDesk().desk.pairs.anybody()).toBeUndefined();
});

test('a withdrawal erases the member’s pairs with the template, and nobody else’s', async () => {
  const rig = await enrolled();
  noteOf(rig, 0.2);
  noteOf(rig, 0.3);
  noteOf(rig, 0.4, BO);
  value(
    await rig.desk.enrolments.withdraw({
      memberId: ANNA,
      channel: 'customer-screen',
      staffId: CASHIER,
    }),
  );
  expect(rig.desk.pairs.page(0)).toMatchObject([{ own: 0.4 }]);
  // Who has no template leaves none.
  noteOf(rig, 0.5);
  expect(rig.desk.pairs.page(0)).toHaveLength(1);
});

test.each([
  ['headquarters ends the template', (rig: DeskRig) => endByFeed(rig)],
  ['the member is found to be a minor', (rig: DeskRig) => endAsMinor(rig)],
])('pairs go as well where %s', async (_, end) => {
  const rig = await enrolled();
  noteOf(rig);
  await end(rig);
  expect(rig.desk.pairs.page(0)).toEqual([]);
});

async function endByFeed(rig: DeskRig): Promise<void> {
  for (const { template } of rig.store.faces.ofMember(ANNA))
    rig.store.transaction(() => rig.store.faces.remove(template.templateId));
}

async function endAsMinor(rig: DeskRig): Promise<void> {
  rig.members(faceMember(ANNA, { birthday: '2020-01-01' }));
  value(await rig.desk.endWhatIsOver(rig.clock.nowMs));
}

test(`pairs end ${FACE_PAIRS_KEPT_DAYS} days after their hour, also of members who still come`, async () => {
  const rig = await enrolled();
  noteOf(rig);
  const [{ atMs } = { atMs: 0 }] = rig.desk.pairs.page(0);
  rig.desk.pairs.tidy(atMs + FACE_PAIRS_KEPT_DAYS * DAY_MS);
  expect(rig.desk.pairs.page(0)).toHaveLength(1);
  rig.desk.templates.seen(ANNA);
  value(await rig.desk.endWhatIsOver(atMs + FACE_PAIRS_KEPT_DAYS * DAY_MS + 1));
  expect(rig.desk.pairs.page(0)).toEqual([]);
});

test(`${FACE_PAIRS_MAX} pairs are kept; with one more the oldest goes`, async () => {
  const rig = await enrolled();
  noteOf(rig, 0.1);
  noteOf(rig, 0.2);
  rig.withSql((db) =>
    db.prepare('UPDATE face_pairs SET pair_no = ? WHERE own = 0.2').run(FACE_PAIRS_MAX),
  );
  expect(rig.desk.pairs.page(0)).toHaveLength(2);
  noteOf(rig, 0.3);
  expect(rig.desk.pairs.page(0)).toMatchObject([{ own: 0.2 }, { own: 0.3 }]);
});

test(`a page holds ${FACE_PAIRS_PAGE} and goes on behind the last one`, async () => {
  const rig = await enrolled();
  for (let at = 0; at <= FACE_PAIRS_PAGE; at++) noteOf(rig, at / 1_000);
  const first = rig.desk.pairs.page(0);
  expect(first).toHaveLength(FACE_PAIRS_PAGE);
  expect(rig.desk.pairs.page(first.at(-1)?.no ?? 0)).toMatchObject([
    { own: FACE_PAIRS_PAGE / 1_000 },
  ]);
});

test('templates of another model leave no pair', async () => {
  const rig = await enrolled();
  const inUse = rig.parts.inUse();
  const facts = { ...inUse?.facts, model: { modelId: 'other', modelVersion: '1' } };
  Object.assign(rig.parts, { inUse: () => ({ ...inUse, facts }) });
  noteOf(rig);
  expect(rig.desk.pairs.page(0)).toEqual([]);
});
