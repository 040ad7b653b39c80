import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  REGISTRATION_CODE_TTL_MS,
  REGISTRATION_GUESS_WINDOW_MS,
  REGISTRATION_GUESSES_MAX,
  registerReplySchema,
  registrationTicketSchema,
} from '../../../../sync/protocol/registration.ts';
import {
  askHq,
  HQ_START_LIMIT_MS,
  joinTill,
  newTestTill,
  openSession,
  register,
  startTestHq,
  type TestHq,
} from '../../../support/hq.ts';
import { must, withHqDatabase } from '../../../support/hq-database.ts';

const databases = withHqDatabase('pglite');
const OTHER_CODE = 'ZZZZ-ZZZZ-ZZZZ-ZZZZ';

describe('registering a till', () => {
  let hq: TestHq;
  let aheadMs = 0;
  beforeEach(async () => {
    aheadMs = 0;
    hq = await startTestHq({ db: await databases.fresh(), nowMs: () => Date.now() + aheadMs });
    ticketBase = must(await hq.ticket('till-1', 's1'));
  }, HQ_START_LIMIT_MS);
  afterEach(() => hq.close());

  const guess = () =>
    register(hq, newTestTill({ ...ticketBase, code: OTHER_CODE, tillId: ticketBase.tillId }));
  let ticketBase: Parameters<typeof newTestTill>[0];

  test('a ticket names address, pinned authority, code and till', () => {
    expect(registrationTicketSchema.parse(ticketBase)).toMatchObject({
      url: hq.url,
      ca: hq.ca,
      tillId: 'till-1',
    });
  });

  test('a ticket for a store that does not exist is refused', async () => {
    for (const storeId of ['nowhere', 'S1'])
      expect(await hq.ticket('till-9', storeId)).toMatchObject({
        error: { code: 'store-unknown', field: 'storeId', detail: { problem: storeId } },
      });
  });

  test('a code gives the till its place, the timeline and the keys that it may trust', async () => {
    const answer = await register(hq, newTestTill(ticketBase));
    const reply = registerReplySchema.parse(answer.body);
    expect(reply.place).toMatchObject({ tillId: 'till-1', store: { storeId: 's1' } });
    expect(reply.trustedKeys[0]?.keyId).toBe(hq.deps.keys.signing.keyId);
  });

  test('A registration code used twice is refused, unless the same till asks for its lost answer', async () => {
    const till = newTestTill(ticketBase);
    const first = await register(hq, till);
    expect(await register(hq, till)).toMatchObject({ status: 200, body: first.body });
    const other = await register(hq, newTestTill(ticketBase));
    expect(other).toMatchObject({ status: 409, body: { code: 'code-used' } });
  });

  test('A registration code guessed too often: wrong ones are refused unseen for a while, the right one still works', async () => {
    const lost = newTestTill(must(await hq.ticket('till-2', 's1')));
    await register(hq, lost);
    for (let n = 0; n < REGISTRATION_GUESSES_MAX; n++)
      expect((await guess()).body.code).toBe('code-wrong');
    const refused = await guess();
    expect(refused).toMatchObject({ status: 429, body: { code: 'too-many-guesses' } });
    const waitSeconds = Number(refused.headers['retry-after']);
    expect(waitSeconds * 1_000).toBeGreaterThan(0);
    expect(waitSeconds * 1_000).toBeLessThanOrEqual(REGISTRATION_GUESS_WINDOW_MS);
    const alarms = await hq.deps.db.query('SELECT code FROM alarms');
    expect(alarms).toEqual([{ code: 'registration-guessed' }]);

    expect((await register(hq, newTestTill(ticketBase))).status).toBe(200);
    expect((await register(hq, lost)).status).toBe(200);
    aheadMs = REGISTRATION_GUESS_WINDOW_MS + 1_000;
    expect((await guess()).body.code).toBe('code-wrong');
  });

  test('one guess below the limit leaves registration open', async () => {
    for (let n = 1; n < REGISTRATION_GUESSES_MAX; n++) await guess();
    expect((await register(hq, newTestTill(ticketBase))).status).toBe(200);
  });

  test('a code is worth nothing at another till', async () => {
    const other = { ...newTestTill(ticketBase), tillId: 'till-2' };
    expect((await register(hq, other)).body.code).toBe('code-wrong');
  });

  test('a code works until its last millisecond and not after it', async () => {
    aheadMs = REGISTRATION_CODE_TTL_MS + 1_000;
    expect(await register(hq, newTestTill(ticketBase))).toMatchObject({
      status: 403,
      body: { code: 'code-wrong' },
    });
    aheadMs = REGISTRATION_CODE_TTL_MS - 60_000;
    expect((await register(hq, newTestTill(ticketBase))).status).toBe(200);
  });

  test('a further ticket for the same till makes the unused one before worthless', async () => {
    must(await hq.ticket('till-1', 's1'));
    expect((await register(hq, newTestTill(ticketBase))).body.code).toBe('code-wrong');
  });

  test('the till must hold the key that it registers', async () => {
    const answer = await register(hq, newTestTill(ticketBase), { unsigned: { version: '9' } });
    expect(answer).toMatchObject({ status: 400, body: { field: 'signature' } });
    const noKey = await register(hq, newTestTill(ticketBase), {
      signed: { publicKey: Buffer.alloc(44).toString('base64') },
    });
    expect(noKey).toMatchObject({ status: 400, body: { field: 'publicKey' } });
  });

  test('a till that registers again replaces key and incarnation, and its old session ends', async () => {
    const { till, token } = await joinTill(hq, 'till-1');
    const moved = newTestTill(must(await hq.ticket('till-1', 's2')));
    expect((await askHq(hq, '/v1/snapshots', { token, body: {} })).status).toBe(200);
    const reply = await register(hq, moved);
    expect(reply.body.place.store.storeId).toBe('s2');
    expect((await askHq(hq, '/v1/snapshots', { token, body: {} })).body.code).toBe(
      'unauthenticated',
    );
    expect((await openSession(hq, till)).body.code).toBe('unauthenticated');
    expect((await openSession(hq, moved)).status).toBe(200);
    // The lost answer of the first registration is not given any more: another one stands.
    expect((await register(hq, till)).body.code).toBe('code-used');
  });

  test('what the former incarnation had reserved is free again', async () => {
    await joinTill(hq, 'till-1');
    const [{ incarnation } = { incarnation: '' }] = await hq.deps.db.query<{ incarnation: string }>(
      "SELECT incarnation FROM tills WHERE till_id = 'till-1'",
    );
    await hq.deps.db.query(
      `INSERT INTO allowances (allowance_id, till_id, incarnation, evaluation_id, kind, coupon, state, hold_until_ms, created_at_ms)
       VALUES ('a1', 'till-1', $1, 'e1', 'coupon', 'C1', 'open', 0, 0)`,
      [incarnation],
    );
    await joinTill(hq, 'till-1');
    expect(await hq.deps.db.query('SELECT state FROM allowances')).toEqual([{ state: 'released' }]);
  });

  test('codes and proofs lie in the database only as hashes', async () => {
    const { till } = await joinTill(hq, 'till-1');
    const rows = JSON.stringify([
      await hq.deps.db.query('SELECT * FROM registration_codes'),
      await hq.deps.db.query('SELECT * FROM tills'),
    ]);
    expect(rows).not.toContain(till.ticket.code);
    expect(rows).not.toContain(till.proofs[0]);
  });
});
