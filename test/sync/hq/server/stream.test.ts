import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { revokeTill } from '../../../../sync/hq/tills/revoke-till.ts';
import { ACTIVITY_FLUSH_MS } from '../../../../sync/hq/tills/till-activity.ts';
import {
  type Cursor,
  PAGE_MAX_ROWS,
  type StreamFrame,
  streamFrameSchema,
} from '../../../../sync/protocol/feed.ts';
import { pageHash, rowHash } from '../../../../sync/protocol/feed-hash.ts';
import { SESSION_TTL_MS } from '../../../../sync/protocol/session.ts';
import {
  addStore,
  askHq,
  HQ_START_LIMIT_MS,
  joinTill,
  openRequest,
  openSession,
  startTestHq,
  type TestHq,
} from '../../../support/hq.ts';
import { withHqDatabase } from '../../../support/hq-database.ts';

const databases = withHqDatabase('pglite');

/** A stream as a till reads it. */
interface Reader {
  readonly response: IncomingMessage;
  /** The next frame for which `wanted` holds; those before it are dropped. */
  until(wanted: (frame: StreamFrame) => boolean): Promise<StreamFrame>;
  readonly rows: unknown[];
}

describe('the stream of a till', () => {
  let hq: TestHq;
  let aheadMs = 0;
  const readers: Reader[] = [];
  beforeEach(async () => {
    aheadMs = 0;
    hq = await startTestHq({
      db: await databases.fresh(),
      nowMs: () => Date.now() + aheadMs,
      streams: { heartbeatMs: 50, streamsMax: 2 },
    });
  }, HQ_START_LIMIT_MS);
  afterEach(async () => {
    for (const { response } of readers.splice(0)) response.destroy();
    await hq.close();
  });

  async function startOf(token: string): Promise<Cursor> {
    return (await askHq(hq, '/v1/snapshots', { token, body: {} })).body.start;
  }

  async function open(token: string, cursor: Cursor): Promise<Reader> {
    const response = await openRequest(hq, '/v1/stream', { token, query: { ...cursor } });
    if (response.statusCode !== 200) {
      response.resume();
      throw new Error(`the stream answered ${response.statusCode}`);
    }
    return read(response);
  }

  function read(response: IncomingMessage): Reader {
    const lines = createInterface({ input: response })[Symbol.asyncIterator]();
    const reader: Reader = {
      response,
      rows: [],
      async until(wanted) {
        for (;;) {
          const { value, done } = await lines.next();
          if (done === true) throw new Error('the stream ended');
          const frame = streamFrameSchema.parse(JSON.parse(value));
          if (frame.t === 'page') reader.rows.push(...frame.page.rows);
          if (wanted(frame)) return frame;
        }
      },
    };
    readers.push(reader);
    return reader;
  }

  const setSetting = (key: string) =>
    hq.deps.db.query(
      `INSERT INTO settings VALUES ($1, '{"n":1}') ON CONFLICT (key) DO UPDATE SET body = '{"n":2}'`,
      [key],
    );
  const numbered = async (rows: number) => {
    await expect
      .poll(async () => (await hq.deps.db.query('SELECT 1 FROM outbox')).length, {
        timeout: 10_000,
      })
      .toBe(0);
    await expect
      .poll(
        async () => (await hq.deps.db.query<{ pos: number }>('SELECT pos FROM feed_head'))[0]?.pos,
        {
          timeout: 10_000,
        },
      )
      .toBeGreaterThanOrEqual(rows);
  };
  const isPage = ({ t }: StreamFrame) => t === 'page';
  const isEnd = ({ t }: StreamFrame) => t === 'end';

  test('carries a committed row in a page whose hash fits, and beats with the head', async () => {
    await numbered(1);
    const { till, token } = await joinTill(hq, 'till-1');
    const reader = await open(token, await startOf(token));
    expect(reader.response.headers).toMatchObject({
      'content-type': 'application/x-ndjson; charset=utf-8',
      'x-accel-buffering': 'no',
      'cache-control': 'no-store, no-transform',
    });
    const beat = await reader.until(({ t }) => t === 'beat');
    expect(beat).toMatchObject({ head: { timeline: till.timeline } });
    await setSetting('join');
    const frame = await reader.until(isPage);
    if (frame.t !== 'page') throw new Error('a page');
    expect(frame.page.rows).toMatchObject([['setting', 'join', expect.any(Number), '{"n":1}']]);
    expect(frame.page.exact).toBe(true);
    expect(frame.page.hash).toBe(pageHash('s1', frame.page, frame.page.rows.map(rowHash)));
    const after = await reader.until(({ t }) => t === 'beat');
    expect(after).toMatchObject({ head: frame.page.to });
  });

  test("goes on from the till's own cursor without a gap and without rows of other stores", async () => {
    const { till, token } = await joinTill(hq, 'till-1');
    await numbered(2);
    const start = await startOf(token);
    await setSetting('a');
    await numbered(start.pos + 1);
    const first = await open(token, start);
    const frame = await first.until(isPage);
    if (frame.t !== 'page') throw new Error('a page');
    first.response.destroy();
    await addStore(hq.deps.db, 's3');
    await setSetting('b');
    const session = await openSession(hq, till);
    const second = await open(session.body.token, frame.page.to);
    await second.until(() => second.rows.length > 0);
    expect(second.rows).toMatchObject([['setting', 'b', expect.any(Number), '{"n":1}']]);
  });

  test('moves the cursor over rows of other stores', async () => {
    const { token } = await joinTill(hq, 'till-1');
    await numbered(2);
    const start = await startOf(token);
    const reader = await open(token, start);
    await addStore(hq.deps.db, 's3');
    const frame = await reader.until((one) => one.t === 'page' && one.page.to.pos > start.pos);
    expect(frame).toMatchObject({ page: { rows: [], exact: true } });
  });

  test('sends urgent rows ahead while the till is far behind, and all of them in their turn', async () => {
    const { token } = await joinTill(hq, 'till-1');
    await numbered(2);
    const start = await startOf(token);
    const count = 3 * PAGE_MAX_ROWS;
    // 30 MB: more than the buffers between the two programs hold, so that the till is still behind when it reads.
    await hq.deps.db.query(
      `INSERT INTO articles (sku, body) SELECT 'sku-' || n, to_json(repeat('x', 20000))::text
       FROM generate_series(1, $1::int) AS n`,
      [count],
    );
    await numbered(start.pos + count);
    // Behind the first pages, and there before the till comes.
    await setSetting('long since');
    await numbered(start.pos + count + 1);
    const response = await openRequest(hq, '/v1/stream', { token, query: { ...start } });
    await setSetting('urgent');
    await numbered(start.pos + count + 2);
    const reader = read(response);
    const express = await reader.until(({ t }) => t === 'express');
    // What lay there before the till came is not sent twice.
    expect(express).toMatchObject({ rows: [['setting', 'urgent', expect.any(Number), '{"n":1}']] });
    expect(reader.rows.length).toBeLessThan(count);
    await reader.until((frame) => frame.t === 'page' && frame.page.exact);
    expect(reader.rows.length).toBe(count + 2);
  }, 60_000);

  test('ends within a heartbeat when the till is revoked', async () => {
    const { token } = await joinTill(hq, 'till-1');
    const reader = await open(token, await startOf(token));
    await revokeTill(hq.deps, { tillId: 'till-1', reason: 'stolen' });
    expect(await reader.until(isEnd)).toEqual({ t: 'end', code: 'till-revoked' });
    await once(reader.response, 'close');
  });

  test('ends when a copy of the till is found out', async () => {
    const { till, token } = await joinTill(hq, 'till-1');
    const reader = await open(token, await startOf(token));
    await openSession(hq, { ...till, proofs: ['x'.repeat(32)] });
    expect(await reader.until(isEnd)).toEqual({ t: 'end', code: 'till-copied' });
  });

  test("ends with the session, by HQ's clock", async () => {
    const { token } = await joinTill(hq, 'till-1');
    const reader = await open(token, await startOf(token));
    aheadMs = SESSION_TTL_MS + 1_000;
    expect(await reader.until(isEnd)).toEqual({ t: 'end', code: 'unauthenticated' });
  });

  test('ends when the till opens another one', async () => {
    const { token } = await joinTill(hq, 'till-1');
    const start = await startOf(token);
    const first = await open(token, start);
    const second = await open(token, start);
    expect(await first.until(isEnd)).toEqual({ t: 'end', code: 'replaced' });
    await setSetting('a');
    await second.until(isPage);
  });

  test('ends with `restarting` when HQ stops, and HQ does stop', async () => {
    const { token } = await joinTill(hq, 'till-1');
    const reader = await open(token, await startOf(token));
    const stopped = hq.close();
    expect(await reader.until(isEnd)).toEqual({ t: 'end', code: 'restarting' });
    await stopped;
    await expect(askHq(hq, '/healthz')).rejects.toThrow(/ECONNREFUSED/);
  });

  test('is refused with the right code where the cursor is none of ours', async () => {
    const { token } = await joinTill(hq, 'till-1');
    await numbered(2);
    const start = await startOf(token);
    const ask = (cursor: Cursor) => askHq(hq, '/v1/stream', { token, query: { ...cursor } });
    expect(await ask({ ...start, timeline: 'another-timeline' })).toMatchObject({
      status: 409,
      body: { code: 'cursor-unknown' },
    });
    expect((await ask({ ...start, chain: 'f'.repeat(64) })).body.code).toBe('cursor-unknown');
    expect((await ask({ ...start, pos: start.pos + 100 })).body.code).toBe('cursor-unknown');
    await hq.deps.db.query('UPDATE feed_head SET floor_pos = pos + 1');
    expect(await ask(start)).toMatchObject({ status: 410, body: { code: 'cursor-too-old' } });
  });

  test('is refused above the number of streams, with the time to come again', async () => {
    const tokens = [];
    for (const id of ['till-1', 'till-2', 'till-3']) tokens.push((await joinTill(hq, id)).token);
    const [one = '', two = '', three = ''] = tokens;
    const start = await startOf(one);
    await open(one, start);
    await open(two, start);
    const refused = await askHq(hq, '/v1/stream', { token: three, query: { ...start } });
    expect(refused).toMatchObject({ status: 503, body: { code: 'busy' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    // A till that has one may replace it even then.
    await open(two, start);
  });

  test('shows at HQ who is online and how far they are', async () => {
    // What tills did is written down at the test's word.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'], shouldAdvanceTime: true });
    onTestFinished(() => void vi.useRealTimers());
    const { db } = hq.deps;
    await hq.close();
    hq = await startTestHq({ db });
    const { token } = await joinTill(hq, 'till-1');
    await numbered(2);
    await open(token, await startOf(token));
    const list = async () => {
      await vi.advanceTimersByTimeAsync(ACTIVITY_FLUSH_MS);
      return (await askHq(hq, '/v1/admin/tills', { token: await hq.token() })).body.tills[0];
    };
    await expect.poll(list, { timeout: 10_000 }).toMatchObject({
      tillId: 'till-1',
      online: true,
      behind: 0,
      state: 'registered',
    });
  });

  test('carries rows also where no notification comes any more', async () => {
    const { db } = hq.deps;
    await hq.close();
    const deaf = { ...db, listen: async () => async () => {} };
    hq = await startTestHq({ db: deaf, streams: { heartbeatMs: 3_600_000 } });
    const { token } = await joinTill(hq, 'till-1');
    await numbered(2);
    const reader = await open(token, await startOf(token));
    await setSetting('a');
    await reader.until(() => reader.rows.length > 0);
    expect(reader.rows).toMatchObject([['setting', 'a', expect.any(Number), '{"n":1}']]);
  });

  test('does not wait for a heartbeat with a row', async () => {
    const { db } = hq.deps;
    await hq.close();
    hq = await startTestHq({ db, streams: { heartbeatMs: 3_600_000 } });
    const { token } = await joinTill(hq, 'till-1');
    await numbered(2);
    const reader = await open(token, await startOf(token));
    await reader.until(({ t }) => t === 'beat');
    await setSetting('a');
    await reader.until(isPage);
    expect(reader.rows).toMatchObject([['setting', 'a', expect.any(Number), '{"n":1}']]);
  });

  describe('long poll', () => {
    const poll = (token: string, cursor: Cursor, waitMs: number) =>
      askHq(hq, '/v1/feed', { token, query: { ...cursor, waitMs } });

    test('answers as soon as a row comes', async () => {
      const { token } = await joinTill(hq, 'till-1');
      await numbered(2);
      const start = await startOf(token);
      const waiting = poll(token, start, 15_000);
      await setSetting('a');
      const { body } = await waiting;
      expect(body.page.rows).toMatchObject([['setting', 'a', expect.any(Number), '{"n":1}']]);
      expect(body.head).toEqual(body.page.to);
    });

    test('answers only the head where nothing came in time', async () => {
      const { token } = await joinTill(hq, 'till-1');
      await numbered(2);
      const start = await startOf(token);
      const { body } = await poll(token, start, 50);
      expect(body).toMatchObject({ page: { to: start, rows: [] }, head: start });
      // What it should hold of every table it has heard by then.
      expect((await poll(token, start, 50)).body).toMatchObject({ page: null, head: start });
    });

    test('is let go when HQ stops', async () => {
      const { token } = await joinTill(hq, 'till-1');
      await numbered(2);
      const start = await startOf(token);
      const waiting = poll(token, start, 20_000);
      // Sent after the poll on another connection and answered: the poll has arrived by then.
      await askHq(hq, '/healthz');
      await hq.close();
      expect(await waiting).toMatchObject({ status: 200, body: { page: null } });
    });
  });
});
