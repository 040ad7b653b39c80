import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startNewTimeline, VERSIONS_SKIPPED } from '../../../../sync/hq/tills/new-timeline.ts';
import {
  CHALLENGE_TTL_MS,
  SESSION_TTL_MS,
  sessionReplySchema,
} from '../../../../sync/protocol/session.ts';
import { PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from '../../../../sync/protocol/version.ts';
import {
  askHq,
  HQ_START_LIMIT_MS,
  joinTill,
  newTestTill,
  openSession,
  register,
  startTestHq,
  type TestHq,
  type TestTill,
} from '../../../support/hq.ts';
import { must, withHqDatabase } from '../../../support/hq-database.ts';

const databases = withHqDatabase('pglite');
const YEAR_MS = 365 * 24 * 60 * 60_000;

describe('the session of a till', () => {
  let hq: TestHq;
  let aheadMs = 0;
  beforeEach(async () => {
    aheadMs = 0;
    hq = await startTestHq({ db: await databases.fresh(), nowMs: () => Date.now() + aheadMs });
  }, HQ_START_LIMIT_MS);
  afterEach(() => hq.close());

  const call = (token: string) => askHq(hq, '/v1/snapshots', { token, body: {} });
  const copyOf = (till: TestTill): TestTill => ({ ...till, proofs: [...till.proofs] });
  const stateOf = async (tillId: string) =>
    (
      await hq.deps.db.query<{ state: string }>('SELECT state FROM tills WHERE till_id = $1', [
        tillId,
      ])
    )[0]?.state;

  test('says what HQ has received and when the session ends', async () => {
    const { till } = await joinTill(hq, 'till-1');
    const reply = sessionReplySchema.parse((await openSession(hq, till)).body);
    expect(reply).toMatchObject({
      expiresInMs: SESSION_TTL_MS,
      protocol: PROTOCOL_VERSION,
      received: { seq: 0, hash: '0'.repeat(64), outboxNo: 0, backedUpSeq: 0 },
    });
  });

  test("ends by HQ's clock", async () => {
    const { token } = await joinTill(hq, 'till-1');
    aheadMs = SESSION_TTL_MS - 10_000;
    expect((await call(token)).status).toBe(200);
    aheadMs = SESSION_TTL_MS + 1_000;
    expect(await call(token)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  test('needs a challenge that is fresh, its own and of this HQ', async () => {
    const { till } = await joinTill(hq, 'till-1');
    const stale = await askHq(hq, '/v1/challenges', { body: { tillId: 'till-1' } });
    const foreign = await askHq(hq, '/v1/challenges', { body: { tillId: 'till-2' } });
    const forged = `${stale.body.challenge.slice(0, -4)}AAAA`;
    for (const challenge of [foreign.body.challenge, forged, 'x'.repeat(32)]) {
      const answer = await openSession(hq, till, { signed: { challenge } });
      expect(answer.body).toMatchObject({ code: 'unauthenticated', field: 'challenge' });
    }
    aheadMs = CHALLENGE_TTL_MS + 1_000;
    const late = await openSession(hq, till, { signed: { challenge: stale.body.challenge } });
    expect(late.body).toMatchObject({ code: 'unauthenticated', field: 'challenge' });
  });

  test("is refused without the till's own signature over every field", async () => {
    const { till } = await joinTill(hq, 'till-1');
    const thief = { ...till, privateKey: newTestTill(till.ticket).privateKey };
    expect((await openSession(hq, thief)).body).toMatchObject({
      code: 'unauthenticated',
      field: 'signature',
    });
    const changed = await openSession(hq, till, { unsigned: { version: 'other' } });
    expect(changed.body).toMatchObject({ code: 'unauthenticated', field: 'signature' });
  });

  test('is refused to a till that never registered', async () => {
    const till = newTestTill(must(await hq.ticket('till-7', 's1')));
    expect((await openSession(hq, till)).body.code).toBe('till-unknown');
    expect((await openSession(hq, { ...till, tillId: 'till-8' })).body.code).toBe('till-unknown');
  });

  test('is refused to another database of the till', async () => {
    const { till } = await joinTill(hq, 'till-1');
    const other = { ...till, incarnation: 'inc-of-another-one' };
    expect((await openSession(hq, other)).body.code).toBe('incarnation-unknown');
  });

  test('A revoked till gets no session and its open one ends', async () => {
    const { till, token } = await joinTill(hq, 'till-1');
    const revoked = await askHq(hq, '/v1/admin/tills/till-1/revoke', {
      token: await hq.token(),
      body: { tillId: 'till-1', reason: 'stolen' },
    });
    expect(revoked.body).toEqual({ revoked: true });
    expect(await call(token)).toMatchObject({ status: 403, body: { code: 'till-revoked' } });
    expect((await openSession(hq, till)).body.code).toBe('till-revoked');
    const again = newTestTill(must(await hq.ticket('till-1', 's1')));
    expect((await register(hq, again)).status).toBe(200);
    expect((await openSession(hq, again)).status).toBe(200);
  });

  test('Two data folders copied from one till: the second to speak is noticed and both are stopped', async () => {
    const { till, token } = await joinTill(hq, 'till-1');
    const copy = copyOf(till);
    expect((await openSession(hq, till)).status).toBe(200);
    expect(await openSession(hq, copy)).toMatchObject({
      status: 409,
      body: { code: 'till-copied' },
    });
    expect((await openSession(hq, till)).body.code).toBe('till-copied');
    expect((await call(token)).body.code).toBe('till-copied');
    expect(await stateOf('till-1')).toBe('copied');
    const alarms = await hq.deps.db.query('SELECT code, till_id FROM alarms');
    expect(alarms).toEqual([{ code: 'till-copied', till_id: 'till-1' }]);

    // The one that stays in service registers again; the other remains locked out, token and all.
    const fresh = newTestTill(must(await hq.ticket('till-1', 's1')));
    await register(hq, { ...fresh, incarnation: till.incarnation });
    expect((await openSession(hq, { ...fresh, incarnation: till.incarnation })).status).toBe(200);
    expect((await call(token)).body.code).toBe('unauthenticated');
    expect((await openSession(hq, copy)).body.code).toBe('unauthenticated');
  });

  test('copies made before the first session are noticed too', async () => {
    const till = newTestTill(must(await hq.ticket('till-1', 's1')));
    await register(hq, till);
    const copy = copyOf(till);
    expect((await openSession(hq, copy)).status).toBe(200);
    expect((await openSession(hq, till)).body.code).toBe('till-copied');
  });

  test('a till whose answer was lost opens its session all the same', async () => {
    const { till } = await joinTill(hq, 'till-1');
    const before = [...till.proofs];
    await openSession(hq, till);
    const [staged = ''] = till.proofs;
    // The answer never came: the till shows the proof that it had, and the one that it had sent.
    till.proofs = [...before, staged];
    expect((await openSession(hq, till)).status).toBe(200);
  });

  test('the same request that a network delivers twice is no copy', async () => {
    const { till } = await joinTill(hq, 'till-1');
    const nextProof = 'n'.repeat(32);
    const shown = [...till.proofs];
    expect((await openSession(hq, till, { signed: { nextProof } })).status).toBe(200);
    till.proofs = shown;
    expect((await openSession(hq, till, { signed: { nextProof } })).status).toBe(200);
  });

  test('a request that was held up while the till went on is late and no copy of it', async () => {
    const { till } = await joinTill(hq, 'till-1');
    const old = await askHq(hq, '/v1/challenges', { body: { tillId: 'till-1' } });
    const held = copyOf(till);
    aheadMs = 1_000;
    expect((await openSession(hq, till)).status).toBe(200);
    const late = await openSession(hq, held, { signed: { challenge: old.body.challenge } });
    expect(late.body).toMatchObject({ code: 'unauthenticated', field: 'challenge' });
    expect((await openSession(hq, till)).status).toBe(200);
    // With a challenge of its own the old proof is what a copy shows.
    expect((await openSession(hq, held)).body.code).toBe('till-copied');
  });

  test('a request that comes again once the clock of HQ was set back is late and no copy', async () => {
    const { till } = await joinTill(hq, 'till-1');
    const { challenge } = (await askHq(hq, '/v1/challenges', { body: { tillId: 'till-1' } })).body;
    const again = copyOf(till);
    expect((await openSession(hq, till, { signed: { challenge } })).status).toBe(200);
    aheadMs = -5_000;
    expect((await openSession(hq, till)).status).toBe(200);
    expect((await openSession(hq, again, { signed: { challenge } })).body).toMatchObject({
      code: 'unauthenticated',
      field: 'challenge',
    });
    expect((await openSession(hq, till)).status).toBe(200);
  });

  test('a request that comes again after HQ was restored with its clock set back is no copy', async () => {
    aheadMs = 20_000;
    const { till } = await joinTill(hq, 'till-1');
    const { challenge } = (await askHq(hq, '/v1/challenges', { body: { tillId: 'till-1' } })).body;
    const again = copyOf(till);
    expect((await openSession(hq, till, { signed: { challenge } })).status).toBe(200);
    aheadMs = 0;
    await startNewTimeline(hq.deps.db);
    expect((await openSession(hq, till)).status).toBe(200);
    const late = await openSession(hq, again, { signed: { challenge } });
    expect(late.body).toMatchObject({ code: 'unauthenticated', field: 'challenge' });
    expect((await openSession(hq, till)).status).toBe(200);
    expect((await openSession(hq, again)).body.code).toBe('till-copied');
  });

  test('a request that was held up over a restore is no copy, by whichever clock it was asked', async () => {
    const { till } = await joinTill(hq, 'till-1');
    // A process of headquarters whose clock is ahead; another one answers after the restore.
    aheadMs = 20_000;
    const { challenge } = (await askHq(hq, '/v1/challenges', { body: { tillId: 'till-1' } })).body;
    const again = copyOf(till);
    expect((await openSession(hq, till, { signed: { challenge } })).status).toBe(200);
    aheadMs = 0;
    await startNewTimeline(hq.deps.db);
    expect((await openSession(hq, till)).status).toBe(200);
    aheadMs = 25_000;
    expect((await openSession(hq, again, { signed: { challenge } })).body).toMatchObject({
      code: 'unauthenticated',
      field: 'challenge',
    });
    expect((await openSession(hq, till)).status).toBe(200);
    expect((await openSession(hq, again)).body.code).toBe('till-copied');
  });

  test('HQ that was restored tells a copy at once, also where its clock was ahead before', async () => {
    aheadMs = 60 * 60_000;
    const { till } = await joinTill(hq, 'till-1');
    expect((await openSession(hq, till)).status).toBe(200);
    aheadMs = 0;
    await startNewTimeline(hq.deps.db);
    const copy = copyOf(till);
    expect((await openSession(hq, till)).status).toBe(200);
    expect((await openSession(hq, till)).status).toBe(200);
    expect((await openSession(hq, copy)).body.code).toBe('till-copied');
  });

  test('HQ restored from a backup takes its tills for copies, until it is told of the restore', async () => {
    const { till } = await joinTill(hq, 'till-1');
    const { db } = hq.deps;
    const [backup] = await db.query<{ proof: string }>('SELECT proof FROM tills');
    const versions = () => db.query<{ n: number }>("SELECT nextval('row_version') AS n");
    const [seen] = await versions();
    await openSession(hq, till);
    await openSession(hq, till);
    await db.query('UPDATE tills SET proof = $1', [backup?.proof ?? '']);
    expect((await openSession(hq, till)).body.code).toBe('till-copied');

    const timeline = await startNewTimeline(db);
    const session = await openSession(hq, till);
    expect(session).toMatchObject({ status: 200, body: { timeline } });
    expect((await call(session.body.token)).body.start.timeline).toBe(timeline);
    expect((await openSession(hq, till)).status).toBe(200);
    const [fresh] = await versions();
    expect(fresh?.n).toBeGreaterThan((seen?.n ?? 0) + VERSIONS_SKIPPED);
  });

  test('a session of before a restore ends with it: the till hears first what headquarters still has', async () => {
    const { till, token } = await joinTill(hq, 'till-1');
    expect((await call(token)).status).toBe(200);
    await startNewTimeline(hq.deps.db);
    expect(await call(token)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    const again = await openSession(hq, till);
    expect((await call(again.body.token)).status).toBe(200);
  });

  test('after a restore a till may show any proof once, however long it stays on the former timeline', async () => {
    const { till } = await joinTill(hq, 'till-1');
    const former = till.timeline;
    const timeline = await startNewTimeline(hq.deps.db);
    till.proofs = ['p'.repeat(32)];
    expect((await openSession(hq, till)).body.timeline).toBe(timeline);
    // Its disk is full, so its snapshot is not taken; an image of that disk is put back after the next session.
    till.timeline = former;
    const image = copyOf(till);
    expect((await openSession(hq, till)).status).toBe(200);
    expect(image.timeline).toBe(former);
    expect((await openSession(hq, image)).body.code).toBe('till-copied');
  });

  test.each([
    ['the till is a year behind', 0, -YEAR_MS],
    ['the till is a year ahead', 0, YEAR_MS],
    ['HQ is a year behind', -YEAR_MS, 0],
    ['HQ is a year ahead', YEAR_MS, 0],
  ])('A clock a year off on either side: %s, and sync works', async (_what, hqMs, tillMs) => {
    aheadMs = hqMs;
    const till = newTestTill(must(await hq.ticket('till-1', 's1')));
    expect((await register(hq, till)).status).toBe(200);
    const clock = new Date(Date.now() + tillMs).toISOString();
    const session = await openSession(hq, till, { signed: { clock } });
    expect((await call(session.body.token)).status).toBe(200);
    const [row] = await hq.deps.db.query<{ clock_offset_ms: number }>(
      'SELECT clock_offset_ms FROM tills',
    );
    expect(Math.abs((row?.clock_offset_ms ?? 0) - (tillMs - hqMs))).toBeLessThan(60_000);
  });

  test("A till with schema N-1 is answered in its own protocol, a newer one in HQ's", async () => {
    const { till } = await joinTill(hq, 'till-1');
    const speak = async (protocol: number) =>
      (await openSession(hq, till, { signed: { protocol } })).body;
    expect((await speak(PROTOCOL_VERSION_MIN)).protocol).toBe(PROTOCOL_VERSION_MIN);
    expect((await speak(PROTOCOL_VERSION + 1)).protocol).toBe(PROTOCOL_VERSION);
  });

  test('nobody gets a token by changing one', async () => {
    const { token } = await joinTill(hq, 'till-1');
    const [body = '', mac = ''] = token.split('.');
    const facts = JSON.parse(Buffer.from(body, 'base64url').toString());
    const other = Buffer.from(JSON.stringify({ ...facts, till: 'till-2' })).toString('base64url');
    for (const forged of [`${other}.${mac}`, body, `${body}.`, `${token}.x`, `.${mac}`])
      expect((await call(forged)).status).toBe(401);
  });

  test('a challenge is no session token', async () => {
    await joinTill(hq, 'till-1');
    const { body } = await askHq(hq, '/v1/challenges', { body: { tillId: 'till-1' } });
    expect((await call(body.challenge)).status).toBe(401);
  });
});
