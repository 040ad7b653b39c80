import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { toInstant } from '../../../../agent/contract/time.ts';
import {
  CHECK_FORM,
  CHECK_PATH,
  CHECK_REQUEST_MAX_BYTES,
  rootsReplySchema,
} from '../../../../sync/protocol/check.ts';
import {
  FEED_TABLES,
  type StreamFrame,
  streamFrameSchema,
} from '../../../../sync/protocol/feed.ts';
import { packQuestion, unpackReply } from '../../../../sync/protocol/pack-check.ts';
import { CHECKS_SINCE, PROTOCOL_VERSION } from '../../../../sync/protocol/version.ts';
import { checkRecord } from '../../../support/check-record.ts';
import {
  askHq,
  HQ_START_LIMIT_MS,
  joinTill,
  newTestTill,
  openRequest,
  openSession,
  register,
  startTestHq,
  type TestHq,
} from '../../../support/hq.ts';
import { must, withHqDatabase } from '../../../support/hq-database.ts';

const databases = withHqDatabase('pglite');

describe('full-volume checks over HTTP', () => {
  let hq: TestHq;
  beforeEach(async () => {
    hq = await startTestHq({ db: await databases.fresh(), streams: { heartbeatMs: 50 } });
  }, HQ_START_LIMIT_MS);
  afterEach(() => hq.close());

  /** A till whose program speaks that protocol. */
  async function join(tillId: string, protocol: number) {
    const till = newTestTill(must(await hq.ticket(tillId, 's1')));
    await register(hq, till);
    const { body } = await openSession(hq, till, { signed: { protocol } });
    return { token: body.token as string, session: body };
  }

  const question = (body: Uint8Array, token: string | undefined, form = CHECK_FORM) =>
    askHq(hq, CHECK_PATH, { token, body, headers: { 'content-type': form } });
  const roots = packQuestion({ t: 'roots', roots: [] });

  async function frames(token: string) {
    const cursor = (await askHq(hq, '/v1/snapshots', { token, body: {} })).body.start;
    const response = await openRequest(hq, '/v1/stream', { token, query: { ...cursor } });
    onTestFinished(() => void response.destroy());
    return { cursor, next: reader(response) };
  }

  function reader(response: IncomingMessage) {
    const lines = createInterface({ input: response })[Symbol.asyncIterator]();
    return async (): Promise<StreamFrame> =>
      streamFrameSchema.parse(JSON.parse(String((await lines.next()).value)));
  }

  test('tell the digest key to tills that know what to do with it, the same after every session', async () => {
    const { session } = await join('till-1', PROTOCOL_VERSION);
    const [meta] = await hq.deps.db.query<{ value: string }>(
      "SELECT value FROM hq_meta WHERE name = 'digest-key'",
    );
    expect(session.digestKey).toBe(meta?.value);
    expect((await join('till-2', CHECKS_SINCE)).session.digestKey).toBe(meta?.value);
    const old = await join('till-3', CHECKS_SINCE - 1);
    expect(Object.keys(old.session)).not.toContain('digestKey');
  });

  test('are answered in bytes, and refused in the form of all calls', async () => {
    const { token } = await joinTill(hq, 'till-1');
    const { status, headers, bytes } = await question(roots, token);
    expect([status, headers['content-type']]).toEqual([200, CHECK_FORM]);
    const reply = rootsReplySchema.parse(unpackReply('roots', bytes));
    expect(reply.differ.map(([table]) => table)).toEqual(['store']);
    for (const [body, form, field] of [
      [Buffer.from('{}'), 'application/json', 'Content-Type'],
      [Buffer.from([0xc1]), CHECK_FORM, 'body'],
      [Buffer.alloc(0), CHECK_FORM, 'body'],
      [roots.subarray(0, 2), CHECK_FORM, 'body'],
      [
        packQuestion({ t: 'roots', roots: [['x'.repeat(33), 1, Buffer.alloc(16)]] }),
        CHECK_FORM,
        'roots.0.0',
      ],
      [
        packQuestion({ t: 'roots', roots: [['tag', 1, Buffer.alloc(17)]] }),
        CHECK_FORM,
        'roots.0.2',
      ],
    ] as const)
      expect([field, (await question(body, token, form)).body]).toMatchObject([
        field,
        { code: 'invalid-input', field, hint: { en: expect.any(String) } },
      ]);
  });

  test('are not answered to a till that says it does not know them, nor read from strangers', async () => {
    const old = await join('till-1', CHECKS_SINCE - 1);
    expect((await question(roots, old.token)).body.code).toBe('protocol-unsupported');
    expect((await question(Buffer.from([0xc1]), undefined)).status).toBe(401);
  });

  test('take a question up to its limit and none above it', async () => {
    const { token } = await joinTill(hq, 'till-1');
    const sized = (bytes: number) => question(Buffer.alloc(bytes, 0xc0), token);
    expect((await sized(CHECK_REQUEST_MAX_BYTES)).body.code).toBe('invalid-input');
    expect(await sized(CHECK_REQUEST_MAX_BYTES + 1)).toMatchObject({
      status: 413,
      body: { code: 'too-large' },
    });
  });

  test('a stream tells all roots once, at the head, though nothing came, and then those of what changed', async () => {
    await expect.poll(async () => (await hq.deps.db.query('SELECT 1 FROM outbox')).length).toBe(0);
    const { token } = await joinTill(hq, 'till-1');
    const { cursor, next } = await frames(token);
    const first = await next();
    if (first.t !== 'page') throw new Error('a page comes first');
    expect(first.page).toMatchObject({ from: cursor, to: cursor, rows: [], exact: true });
    expect(first.page.roots?.map(({ table }) => table)).toEqual([...FEED_TABLES].sort());
    for (let beats = 0; beats < 7; beats++) expect((await next()).t, 'no page again').toBe('beat');
    await hq.deps.db.query("INSERT INTO settings VALUES ('join', '{}')");
    let frame = await next();
    while (frame.t !== 'page') frame = await next();
    expect(frame.page.roots).toEqual([
      { table: 'setting', rows: 1, sum: expect.stringMatching(/^[0-9a-f]{32}$/) },
    ]);
  });

  test('A till with schema N-1: its stream and its polls are as they were', async () => {
    const { token } = await join('till-1', CHECKS_SINCE - 1);
    const { cursor, next } = await frames(token);
    for (let beats = 0; beats < 3; beats++) expect((await next()).t).toBe('beat');
    await hq.deps.db.query("INSERT INTO settings VALUES ('join', '{}')");
    let frame = await next();
    while (frame.t !== 'page') frame = await next();
    expect(Object.keys(frame.page)).not.toContain('roots');
    const { body } = await askHq(hq, '/v1/feed', { token, query: { ...cursor } });
    expect(Object.keys(body.page)).not.toContain('roots');
    expect(
      (await askHq(hq, '/v1/feed', { token, query: { ...body.page.to } })).body.page,
    ).toBeNull();
  });

  test.each([
    ['does not wait', 0],
    ['waits in vain', 30],
  ])(
    'a poll that %s tells all roots at the head once, and another one those of what came',
    async (_how, waitMs) => {
      const { token } = await joinTill(hq, 'till-1');
      const { start } = (await askHq(hq, '/v1/snapshots', { token, body: {} })).body;
      const poll = (query: object) =>
        askHq(hq, '/v1/feed', { token, query: { ...start, ...query } }).then(
          ({ body }) => body.page,
        );
      const page = await poll({ waitMs });
      expect(page).toMatchObject({ to: start, rows: [], exact: true });
      expect(page.roots).toHaveLength(FEED_TABLES.length);
      expect(await poll({ waitMs })).toBeNull();
      await hq.deps.db.query("INSERT INTO settings VALUES ('join', '{}')");
      const moved = await poll({ waitMs: 10_000 });
      expect(moved.rows).toHaveLength(1);
      expect(moved.roots.map(({ table }: { table: string }) => table)).toEqual(['setting']);
    },
  );

  test("count bytes, what they ended with and the ages of tills' last ones", async () => {
    const { token } = await joinTill(hq, 'till-1');
    await question(roots, token);
    const at = toInstant(Date.now());
    const record = checkRecord({
      startedAt: at,
      endedAt: at,
      outcome: 'repaired',
      missing: 2,
      extra: 1,
      repaired: 3,
    });
    const others = (['scrub', 'ledger', 'compare'] as const).map((kind) => ({ ...record, kind }));
    for (let twice = 0; twice < 2; twice++)
      expect(
        (await askHq(hq, '/v1/checks/reports', { token, body: { records: [...others, record] } }))
          .status,
      ).toBe(200);
    const text = (await askHq(hq, '/metrics')).bytes.toString();
    for (const line of [
      'tillside_hq_checks_total{kind="walk",outcome="repaired"} 1',
      'tillside_hq_drift_rows_total{kind="missing"} 2',
      'tillside_hq_drift_rows_total{kind="extra"} 1',
      'tillside_hq_repaired_rows_total 3',
      'tillside_hq_tills_by_check_age{within="1d"} 1',
      `tillside_hq_check_bytes_total{direction="asked"} ${roots.length}`,
      'tillside_hq_calls_total{call="check",outcome="ok"} 1',
    ])
      expect(text).toContain(line);
    expect(text).toMatch(/check_bytes_total\{direction="answered"\} [1-9]/);
    const admin = await hq.token();
    const { body } = await askHq(hq, '/v1/admin/tills/till-1/checks', { token: admin });
    expect(body.checks).toHaveLength(4);
    expect(body.checks[0]).toMatchObject({ outcome: 'repaired', receivedAt: expect.any(String) });
  });
});
