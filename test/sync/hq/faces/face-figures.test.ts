import { expect, test } from 'vitest';
import { toInstant } from '../../../../agent/contract/time.ts';
import { FACES_FILING_LIMIT } from '../../../../agent/domain/face-consent/filing-limit.ts';
import { readFaceFigures } from '../../../../sync/hq/faces/face-figures.ts';
import {
  DESTRUCTION_ALARM_MS,
  WAITING_TILLS_SHOWN_MAX,
} from '../../../../sync/protocol/face-figures.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { admin, NOON_MS } from '../books/rig.ts';
import { type FaceRig, openFaces } from './face-rig.ts';

const figures = async (rig: FaceRig) => must(await rig.handlers.faceFigures(admin, {}, undefined));

describeOnEngines('what headquarters says of the faces of the chain', (hq) => {
  test('without faces nothing is stored and nobody is waited for', async () => {
    expect(await figures(await openFaces(hq))).toEqual({
      stored: 0,
      limit: FACES_FILING_LIMIT,
      filing: 'clear',
      waitingTills: 0,
      waitingTemplates: 0,
      lateTills: 0,
      goneTills: 0,
      oldestMs: 0,
      waiting: [],
    });
  });

  test('a member counts once, at however many tills; who has withdrawn no longer counts', async () => {
    const rig = await openFaces(hq);
    const [one, two] = [await rig.carried(1, 'store-1'), await rig.carried(2, 'store-1')];
    const [a, b] = [await rig.faceTill('till-1'), await rig.faceTill('till-2')];
    a.enrol(one);
    a.enrol(two);
    b.enrol(one);
    await a.send();
    await b.send();
    expect((await figures(rig)).stored).toBe(2);
    b.withdraw(one);
    await b.send();
    expect((await figures(rig)).stored).toBe(1);
  });

  test('a till is waited for until it says that it destroyed the key, and is late after the alarm limit', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1');
    const till = await rig.faceTill('till-1');
    const { templateId } = till.enrol(memberId);
    await till.send();
    const endedMs = rig.clockMs;
    const request = { memberId: memberId as never, reason: 'by phone' };
    must(await rig.handlers.withdrawFaces(admin, request, undefined));
    const waited = {
      tillId: 'till-1',
      storeId: 'store-1',
      state: 'registered',
      templates: 1,
      since: toInstant(endedMs),
    };
    const at = (nowMs: number) => readFaceFigures({ db: rig.db, nowMs: () => nowMs });
    expect(await at(endedMs + DESTRUCTION_ALARM_MS)).toMatchObject({
      waitingTills: 1,
      waitingTemplates: 1,
      lateTills: 0,
      oldestMs: DESTRUCTION_ALARM_MS,
      waiting: [{ ...waited, isLate: false }],
    });
    expect(await at(endedMs + DESTRUCTION_ALARM_MS + 1)).toMatchObject({
      lateTills: 1,
      waiting: [{ ...waited, isLate: true }],
    });
    // Nobody can hurry a till that is let in no more: it is told apart, and is no alarm.
    await rig.db.query(`UPDATE tills SET state = 'revoked' WHERE till_id = 'till-1'`);
    expect(await at(endedMs + DESTRUCTION_ALARM_MS + 1)).toMatchObject({
      waitingTills: 1,
      lateTills: 0,
      goneTills: 1,
      oldestMs: 0,
      waiting: [{ ...waited, state: 'revoked', isLate: false, isGone: true }],
    });
    await rig.db.query(`UPDATE tills SET state = 'registered' WHERE till_id = 'till-1'`);
    await till.say([], [[templateId, 'told']]);
    expect(await figures(rig)).toMatchObject({ waitingTills: 0, waiting: [], oldestMs: 0 });
  });

  test('near and at the filing limit it says so', async () => {
    const rig = await openFaces(hq);
    await rig.db.query(`ALTER TABLE face_templates DISABLE TRIGGER ALL`);
    const fill = (from: number, to: number) =>
      rig.db.query(
        `INSERT INTO face_templates SELECT 't' || n, 'm' || n, 'm' || n, 'store', 's', '{}', 0
         FROM generate_series($1::int, $2::int) AS n`,
        [from, to],
      );
    await fill(1, FACES_FILING_LIMIT * 0.9 - 1);
    expect((await figures(rig)).filing).toBe('clear');
    await fill(FACES_FILING_LIMIT * 0.9, FACES_FILING_LIMIT * 0.9);
    expect((await figures(rig)).filing).toBe('near');
    await fill(FACES_FILING_LIMIT * 0.9 + 1, FACES_FILING_LIMIT);
    expect(await figures(rig)).toMatchObject({ stored: FACES_FILING_LIMIT, filing: 'reached' });
  });

  test('of many tills the longest waiting are named, and all are counted', async () => {
    const rig = await openFaces(hq);
    const tills = WAITING_TILLS_SHOWN_MAX + 1;
    await rig.db.query(`INSERT INTO face_ends VALUES ('t', 'm', 'm', 'withdrawn', 0)`);
    await rig.db.query(
      `INSERT INTO face_holders SELECT 't', 'till-' || n, n, NULL FROM generate_series(1, $1::int) AS n`,
      [tills],
    );
    const { waiting, waitingTills } = await figures(rig);
    expect([waiting.length, waitingTills]).toEqual([WAITING_TILLS_SHOWN_MAX, tills]);
    expect(waiting[0]).toMatchObject({ tillId: 'till-1', storeId: null, state: null });
    expect(waiting[0]?.since).toBe(toInstant(1));
    expect(NOON_MS).toBeGreaterThan(tills);
  });

  test('a consent shows its words, language, channel and witness', async () => {
    const rig = await openFaces(hq);
    const memberId = await rig.carried(1, 'store-1');
    const till = await rig.faceTill('till-1');
    till.enrol(memberId, { consent: { language: 'en', witnessId: 'staff-7' as never } });
    await till.send();
    const input = { memberId: memberId as never };
    const { consents } = must(await rig.handlers.faceReceipts(admin, input, undefined));
    expect(consents).toMatchObject([
      {
        textVersion: 'v1',
        language: 'en',
        channel: 'customer-screen',
        witnessId: 'staff-7',
        storeId: 'store-1',
      },
    ]);
  });
});
