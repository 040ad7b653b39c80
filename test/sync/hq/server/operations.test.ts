import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { FENCED_KEPT_MS } from '../../../../sync/hq/books/reconcile.ts';
import { SEQUENCER_SILENT_MS } from '../../../../sync/hq/server/health-routes.ts';
import { makeAccessToken } from '../../../../sync/hq/tills/access-tokens.ts';
import { raiseAlarm } from '../../../../sync/hq/tills/alarms.ts';
import {
  ALARMS_KEPT_DAYS,
  CODES_KEPT_DAYS,
  forgetOld,
} from '../../../../sync/hq/tills/forget-old.ts';
import { releaseFenced } from '../../../../sync/hq/tills/release-fenced.ts';
import { revokeTill } from '../../../../sync/hq/tills/revoke-till.ts';
import { ACTIVITY_FLUSH_MS, ONLINE_WITHIN_MS } from '../../../../sync/hq/tills/till-activity.ts';
import { overviewSchema, tillListSchema } from '../../../../sync/protocol/fleet.ts';
import {
  askHq,
  HQ_START_LIMIT_MS,
  joinTill,
  openRequest,
  startTestHq,
  type TestHq,
} from '../../../support/hq.ts';
import { withHqDatabase } from '../../../support/hq-database.ts';

const databases = withHqDatabase('pglite');

describe('what operators see of headquarters', () => {
  let hq: TestHq;
  let aheadMs = 0;
  beforeEach(async () => {
    aheadMs = 0;
    hq = await startTestHq({ db: await databases.fresh(), nowMs: () => Date.now() + aheadMs });
  }, HQ_START_LIMIT_MS);
  afterEach(() => hq.close());

  test('is healthy with a database and a sequencer', async () => {
    const { status, body } = await askHq(hq, '/healthz');
    expect(status).toBe(200);
    expect(body).toMatchObject({ ok: true, database: true, sequencer: true });
    expect(body.certificateEndsInDays).toBeGreaterThan(3_600);
  });

  test('is not healthy while committed rows wait for a sequencer', async () => {
    await hq.deps.db.script('ALTER TABLE published RENAME TO published_away');
    const wait = () =>
      hq.deps.db.query(
        `INSERT INTO outbox (scope, tbl, key, ver, body, urgent, at_ms)
         VALUES ('*', 'setting', 'k', 1, '{}', false, (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1::bigint)`,
        [SEQUENCER_SILENT_MS + 1_000],
      );
    await wait();
    // Old rows are what a long transaction commits: only that nothing moves tells of a sequencer that does not work.
    expect((await askHq(hq, '/healthz')).status).toBe(200);
    await wait();
    await hq.deps.db.query('DELETE FROM outbox WHERE id = (SELECT min(id) FROM outbox)');
    aheadMs = SEQUENCER_SILENT_MS + 1_000;
    expect((await askHq(hq, '/healthz')).status, 'the queue is worked off').toBe(200);
    aheadMs += SEQUENCER_SILENT_MS + 1_000;
    const { status, body } = await askHq(hq, '/healthz');
    expect(status).toBe(503);
    expect(body).toMatchObject({ ok: false, database: true, sequencer: false });
    await hq.deps.db.script('ALTER TABLE published_away RENAME TO published');
    await expect
      .poll(async () => (await askHq(hq, '/healthz')).status, { timeout: 10_000 })
      .toBe(200);
  });

  test('is not healthy without its database, and tells clients to come again', async () => {
    await hq.deps.db.script('ALTER TABLE outbox RENAME TO outbox_away');
    expect(await askHq(hq, '/healthz')).toMatchObject({
      status: 503,
      body: { ok: false, database: false },
    });
    await hq.deps.db.script('ALTER TABLE outbox_away RENAME TO outbox');
  });

  test('counts calls by outcome, refusals by code, streams, tills and the feed', async () => {
    const { token } = await joinTill(hq, 'till-1');
    await askHq(hq, '/v1/snapshots', { token, body: {} });
    await askHq(hq, '/v1/snapshots', { token: 'nobody', body: {} });
    const { status, headers, bytes } = await askHq(hq, '/metrics');
    expect(status).toBe(200);
    expect(headers['content-type']).toContain('text/plain');
    const text = bytes.toString();
    for (const line of [
      'tillside_hq_calls_total{call="startSnapshot",outcome="ok"} 1',
      'tillside_hq_calls_total{call="startSnapshot",outcome="unauthenticated"} 1',
      'tillside_hq_refusals_total{code="unauthenticated"} 1',
      'tillside_hq_tills{state="registered"} 1',
      'tillside_hq_streams_open 0',
      'tillside_hq_outbox_rows 0',
    ])
      expect(text).toContain(line);
    expect(text).not.toContain('database_connections');
    expect(text).toMatch(/tillside_hq_feed_head \d+/);
    expect(text).toMatch(/tillside_hq_certificate_end_timestamp_seconds [\d.e+]+/);
    expect(text).not.toContain('till-1');
    await revokeTill(hq.deps, { tillId: 'till-1', reason: 'stolen' });
    const later = (await askHq(hq, '/metrics')).bytes.toString();
    expect(later).toContain('tillside_hq_tills{state="revoked"} 1');
    expect(later).not.toContain('state="registered"');
  });

  test('the overview has its figures, the warning of PGlite and the alarms in both languages', async () => {
    await hq.deps.db.query(
      "INSERT INTO alarms (at_ms, code, till_id, detail) VALUES (0, 'ledger-forked', 'till-1', 'seq 7')",
    );
    const { body } = await askHq(hq, '/v1/admin/overview', { token: await hq.token() });
    const overview = overviewSchema.parse(body);
    expect(overview).toMatchObject({ engine: 'pglite', stores: 2, members: 0, entries: 0 });
    expect(overview.warning?.['zh-CN']).toContain('PGlite');
    expect(overview.alarms[0]).toMatchObject({
      code: 'ledger-forked',
      tillId: 'till-1',
      text: { en: expect.stringContaining('seq 7'), 'zh-CN': expect.stringContaining('seq 7') },
    });
  });

  test('a till is online and up to date by what it says itself, not by what is sent to it', async () => {
    const { db } = hq.deps;
    await hq.close();
    // What tills did is written down at the test's word.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'], shouldAdvanceTime: true });
    onTestFinished(() => void vi.useRealTimers());
    hq = await startTestHq({
      db,
      nowMs: () => Date.now() + aheadMs,
      streams: { heartbeatMs: 50 },
    });
    const { token } = await joinTill(hq, 'till-1');
    const { body } = await askHq(hq, '/v1/snapshots', { token, body: {} });
    const stream = await openRequest(hq, '/v1/stream', { token, query: { ...body.start } });
    stream.resume();
    await db.query("INSERT INTO settings VALUES ('join', '{}')");
    const admin = await hq.token();
    const seen = async () => {
      await vi.advanceTimersByTimeAsync(ACTIVITY_FLUSH_MS);
      return (await askHq(hq, '/v1/admin/tills', { token: admin })).body.tills[0];
    };
    await expect.poll(async () => (await seen()).behind, { timeout: 15_000 }).toBe(1);
    aheadMs = ONLINE_WITHIN_MS + 1_000;
    // It is still sent heartbeats, as a till that hangs would be.
    for (let beats = 0; beats < 3; beats += 1) await once(stream, 'data');
    expect(await seen()).toMatchObject({ online: false, behind: 1 });

    const [head] = await db.query<object>('SELECT pos, chain FROM feed_head');
    const cursor = { timeline: body.start.timeline, ...head };
    expect((await askHq(hq, '/v1/applied', { token, body: { cursor } })).body).toEqual({});
    await expect.poll(seen, { timeout: 15_000 }).toMatchObject({ online: true, behind: 0 });
    stream.destroy();
  }, 45_000);

  test('housekeeping releases what a revoked till has reserved, a day after it was made', async () => {
    const { till } = await joinTill(hq, 'till-1');
    const nowMs = Date.now();
    const reserve = (id: string, createdMs: number) =>
      hq.deps.db.query(
        `INSERT INTO allowances (allowance_id, till_id, incarnation, evaluation_id, kind, coupon, state, hold_until_ms, created_at_ms)
         VALUES ($1, 'till-1', $2, 'e1', 'coupon', $1, 'open', 0, $3)`,
        [id, till.incarnation, createdMs],
      );
    await reserve('old', nowMs - FENCED_KEPT_MS - 1_000);
    await reserve('young', nowMs - FENCED_KEPT_MS + 60_000);
    expect(await releaseFenced(hq.deps)).toBe(0);
    await revokeTill(hq.deps, { tillId: 'till-1', reason: 'stolen' });
    expect(await releaseFenced(hq.deps)).toBe(1);
    expect(
      await hq.deps.db.query('SELECT allowance_id FROM allowances WHERE state = $1', ['open']),
    ).toEqual([{ allowance_id: 'young' }]);
  });

  test('housekeeping forgets alarms, codes and tokens that nobody needs any more, and no others', async () => {
    const day = 24 * 60 * 60_000;
    const { deps } = hq;
    await joinTill(hq, 'till-1');
    await raiseAlarm(deps.db, { atMs: Date.now(), code: 'till-copied', tillId: 'till-1' });
    await makeAccessToken(deps, { role: 'online', name: 'ended', ttlMs: day });
    await makeAccessToken(deps, { role: 'online', name: 'lasting' });
    await hq.consoleLink();
    await deps.db.query('INSERT INTO registration_guesses (at_ms) VALUES ($1)', [Date.now()]);
    const left = async () =>
      (
        await deps.db.query(
          `SELECT (SELECT count(*) FROM alarms) AS alarms, (SELECT count(*) FROM access_tokens) AS tokens,
             (SELECT count(*) FROM registration_codes) AS codes, (SELECT count(*) FROM console_codes) AS links,
             (SELECT count(*) FROM registration_guesses) AS guesses`,
        )
      )[0];
    await forgetOld(deps);
    expect(await left()).toEqual({ alarms: 1, tokens: 2, codes: 1, links: 1, guesses: 1 });
    aheadMs = (CODES_KEPT_DAYS + 2) * day;
    await forgetOld(deps);
    expect(await left()).toEqual({ alarms: 1, tokens: 2, codes: 0, links: 0, guesses: 0 });
    aheadMs = (ALARMS_KEPT_DAYS + 2) * day;
    await forgetOld(deps);
    expect(await left()).toEqual({ alarms: 0, tokens: 1, codes: 0, links: 0, guesses: 0 });
  });

  test('the list of tills says who waits, who is registered, and whose clock is off', async () => {
    await hq.ticket('till-2', 's2');
    await joinTill(hq, 'till-1');
    const { body } = await askHq(hq, '/v1/admin/tills', { token: await hq.token() });
    const { tills } = tillListSchema.parse(body);
    expect(tills).toMatchObject([
      {
        tillId: 'till-1',
        state: 'registered',
        storeName: { en: 'Store s1' },
        version: '0.0.0-test',
        online: true,
      },
      { tillId: 'till-2', state: 'waiting', online: false, lastSeenAt: null, behind: null },
    ]);
    expect(Math.abs(tills[0]?.clockOffsetMs ?? Number.NaN)).toBeLessThan(60_000);
  });

  test('a till that HQ does not know is not revoked', async () => {
    const token = await hq.token();
    const revoke = (tillId: string) =>
      askHq(hq, `/v1/admin/tills/${tillId}/revoke`, { token, body: { tillId, reason: 'x' } });
    expect(await revoke('till-9')).toMatchObject({ status: 403, body: { code: 'till-unknown' } });
    await joinTill(hq, 'till-1');
    expect((await revoke('till-1')).body).toEqual({ revoked: true });
    expect((await revoke('till-1')).body).toEqual({ revoked: false });
  });

  test('a document is fetched by kind and version, and is what was signed', async () => {
    const { token } = await joinTill(hq, 'till-1');
    await hq.deps.db.query(
      `INSERT INTO documents (kind, version, signed, sha256, body, published_at_ms)
       VALUES ('rule-set', 3, $1, 'x', '{}', 0)`,
      [Buffer.from('signed bytes')],
    );
    const found = await askHq(hq, '/v1/documents/rule-set/3', { token });
    expect(found.bytes.toString()).toBe('signed bytes');
    expect((await askHq(hq, '/v1/documents/rule-set/4', { token })).body.code).toBe('not-found');
    expect((await askHq(hq, '/v1/documents/face/1', { token })).body.field).toBe('kind');
  });
});

describe('the logs and figures of headquarters', () => {
  test('hold no name, phone, card, code, key or token, whatever was asked and answered', async () => {
    const hq = await startTestHq({ db: await databases.fresh() });
    const secrets = ['王小明', '13812345678', '2900010000015', 'ZZZZ-YYYY-XXXX-WWWW'];
    const [name = '', phone = '', card = '', code = ''] = secrets;
    await hq.deps.db.query(
      `INSERT INTO members (member_id, phone, home_store_id, body) VALUES ('m1', $1, 's1', $2)`,
      [phone, JSON.stringify({ memberId: 'm1', name, phone, cards: [card] })],
    );
    await hq.deps.db.query("INSERT INTO member_cards VALUES ($1, 'm1')", [card]);
    const { till, token } = await joinTill(hq, 'till-1');
    const admin = await hq.token();
    const shop = await hq.token('online');
    const ask = (path: string, token: string, body: unknown) =>
      askHq(hq, path, { token, body, headers: { 'idempotency-key': `key-${phone}` } });
    await ask('/v1/members/find', token, { by: 'phone', value: phone });
    await ask('/v1/members/find', token, { by: 'card', value: card });
    await ask('/v1/members/find', token, { by: name, value: phone });
    await ask('/v1/online/points', shop, { memberId: 'm1', points: 5, reason: name });
    await ask('/v1/online/purchases', shop, { memberId: phone, orderId: name });
    await ask('/v1/registrations', '', { code, tillId: phone });
    await askHq(hq, '/v1/admin/members', { token: admin, query: { query: name } });
    await askHq(hq, '/v1/admin/members', { token: admin, query: { query: phone, limit: name } });
    await askHq(hq, `/v1/${phone}/${encodeURIComponent(name)}`);
    await askHq(hq, '/v1/challenges', { body: `{"tillId": "${phone}` });
    // A member whose body no till could read: whatever breaks must not show it.
    await hq.deps.db.query("UPDATE members SET body = $1 WHERE member_id = 'm1'", [
      `{"name":"${name}", broken`,
    ]);
    await ask('/v1/members/find', token, { by: 'phone', value: phone });
    await ask('/v1/online/points', shop, { memberId: 'm1', points: 6, reason: name });

    const lines = JSON.stringify(hq.logged) + (await hq.metrics.text()).body;
    expect(lines).toContain('findMember');
    for (const secret of [...secrets, token, admin, shop, till.ticket.code, till.proofs[0] ?? ''])
      expect(lines).not.toContain(secret);
    await hq.close();
  });
});
