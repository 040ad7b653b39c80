import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { digestStep, PASS_START, type PassPlace } from '../../../../sync/hq/checks/digest-step.ts';
import { driftMaxRows } from '../../../../sync/protocol/drift-limits.ts';
import { HQ_START_LIMIT_MS, type TestHq } from '../../../support/hq.ts';
import { startTcpProxy } from '../../../support/tcp-proxy.ts';
import { until } from '../virtual-time.ts';
import { scrubAll } from './break-rows.ts';
import {
  type DriftTill,
  loadMembers,
  memberKeyOf,
  startDriftHq,
  startDriftTill,
} from './drift-rig.ts';

const MEMBERS = 600;
let hq: TestHq;
beforeAll(async () => {
  hq = await startDriftHq();
  await loadMembers(hq, 0, MEMBERS);
}, HQ_START_LIMIT_MS);
afterAll(() => hq.close());

const open: DriftTill[] = [];
afterEach(async () => {
  for (const till of open.splice(0)) await till.stop();
});

async function till(tillId: string, url?: string): Promise<DriftTill> {
  const started = await startDriftTill(hq, tillId, url === undefined ? {} : { url });
  open.push(started);
  return started;
}

describe('a till and a real headquarters', () => {
  test('hold the same after the first copy, and say so in one question', async () => {
    const rig = await till('till-1');
    expect(rig.facts().checks?.lastWalk).toMatchObject({ outcome: 'clean', rows: MEMBERS + 1 });
    const [walk] = await rig.verify(false);
    expect(walk).toMatchObject({ why: 'asked', outcome: 'clean', roundTrips: 1, repaired: 0 });
    expect(walk?.bytes).toBeLessThanOrEqual(2 * 64);
    const reported = () => hq.deps.db.query(`SELECT 1 FROM till_checks WHERE till_id = 'till-1'`);
    while ((await reported()).length === 0) await new Promise((go) => setTimeout(go, 50));
  }, 60_000);

  test('find what the feed told otherwise by the root of the next page, and repair it without being asked', async () => {
    const rig = await till('till-2');
    const before = rig.facts().checks?.lastWalk?.startedAt;
    rig.sql((db) => {
      db.exec(
        `UPDATE members SET body = replace(body, 'standard', 'stXndard') WHERE member_id = '${memberKeyOf(7)}'`,
      );
    });
    // What a scrub leaves behind that found it.
    scrubAll(rig);
    await loadMembers(hq, MEMBERS, MEMBERS + 1);
    await until(() => rig.facts().checks?.lastWalk?.startedAt !== before);
    expect(rig.facts().checks?.lastWalk).toMatchObject({
      why: 'root',
      outcome: 'repaired',
      damaged: 1,
    });
    expect(rig.audited()).toEqual(new Map([[memberKeyOf(7), ['damaged']]]));
  }, 60_000);

  test('tell no drift while headquarters goes on, however often everything is compared', async () => {
    const rig = await till('till-3');
    let goesOn = true;
    const changing = (async () => {
      for (let n = 0; goesOn; n++) {
        const beganMs = performance.now();
        await loadMembers(hq, 20, 60, `name ${n}`);
        // A fifth of the time at most, however busy the machine is: a walk finds no end where everything changes always.
        const restMs = Math.max(20, 4 * (performance.now() - beganMs));
        await new Promise((go) => setTimeout(go, restMs));
      }
    })();
    try {
      for (let walks = 0; walks < 4; walks++) {
        const [walk] = await rig.verify(walks % 2 === 1);
        expect(walk?.outcome).toBe('clean');
      }
    } finally {
      goesOn = false;
      await changing;
    }
    expect(rig.audited().size).toBe(0);
  }, 120_000);

  test('fetch a copy where more than one in a hundred differs, beside the till that goes on, and then hold the same', async () => {
    const rig = await till('till-4');
    const lost = driftMaxRows(MEMBERS) + 50;
    rig.sql((db) =>
      db.exec(
        `DELETE FROM members WHERE member_id IN (SELECT member_id FROM members LIMIT ${lost})`,
      ),
    );
    const [scrub, walk] = await rig.verify(true);
    expect(scrub).toMatchObject({ outcome: 'reloaded', damaged: lost });
    expect(walk).toMatchObject({ outcome: 'reloaded', repaired: lost, failure: 'drift-large' });
    expect(rig.facts().troubles).toEqual([]);
    expect(await rig.verify(true)).toMatchObject([{ outcome: 'clean' }, { outcome: 'clean' }]);
  }, 120_000);

  test('end a walk whose headquarters is cut off with a failure, and walk again when it is back', async () => {
    const proxy = await startTcpProxy({ targetPort: Number(new URL(hq.url).port) });
    try {
      const rig = await till('till-5', `https://127.0.0.1:${proxy.port}`);
      proxy.cut();
      const failed = await rig.client.headquarters.checks?.verify({ deep: false });
      if (failed?.ok === false) expect(['offline', 'failed']).toContain(failed.error.code);
      await until(() => rig.facts().state === 'online' && rig.facts().transport === 'stream');
      expect(await rig.verify(false)).toMatchObject([{ outcome: 'clean' }]);
    } finally {
      await proxy.close();
    }
  }, 60_000);

  // The last one: headquarters does not get its rows back.
  test('keep what headquarters lost until a person asks for a deep check', async () => {
    const rig = await till('till-6');
    const held = (): unknown =>
      rig.sql((db) => db.prepare('SELECT count(*) AS n FROM members').get());
    const before = held();
    // With their source: what still has one comes back by itself.
    await hq.deps.db.query('ALTER TABLE member_scopes DISABLE TRIGGER USER');
    await hq.deps.db.query('DELETE FROM member_scopes');
    await hq.deps.db.query(`DELETE FROM published WHERE tbl = 'member'`);
    for (let place: PassPlace | null = PASS_START; place !== null; ) {
      const from: PassPlace = place;
      ({ place } = await hq.deps.db.transaction((tx) => digestStep(tx, from, Date.now())));
    }
    for (let walks = 0; walks < 2; walks++) {
      const [walk] = await rig.verify(false);
      expect(walk).toMatchObject({ outcome: 'stays', failure: 'drift-large', repaired: 0 });
      expect(held()).toEqual(before);
    }
    expect(rig.facts().troubles).toMatchObject([{ code: 'drift-large' }]);
    const told = () =>
      hq.deps.db.query(`SELECT 1 FROM alarms WHERE till_id = 'till-6' AND code = 'drift-large'`);
    while ((await told()).length === 0) await new Promise((go) => setTimeout(go, 50));
    const [, walk] = await rig.verify(true);
    expect(walk).toMatchObject({ outcome: 'reloaded' });
    expect(held()).toEqual({ n: 0 });
    expect(rig.facts().troubles).toEqual([]);
  }, 120_000);
});
