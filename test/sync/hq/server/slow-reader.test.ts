import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  askHq,
  HQ_START_LIMIT_MS,
  joinTill,
  openRequest,
  startTestHq,
  type TestHq,
} from '../../../support/hq.ts';

const ROWS = 20_000;
const BODY_BYTES = 2_000;

describe('A reader that takes one byte a second', () => {
  let hq: TestHq;
  beforeAll(async () => {
    hq = await startTestHq({ streams: { stallMs: 1_500 } });
  }, HQ_START_LIMIT_MS);
  afterAll(() => hq.close());

  const rowsSent = async (): Promise<number> => {
    const { body } = await hq.metrics.text();
    return Number(/^tillside_hq_rows_sent_total\{frame="page"\} (\d+)/m.exec(body)?.[1] ?? 0);
  };

  test('holds neither memory of HQ nor another till, and is cut in the end', async () => {
    const slow = await joinTill(hq, 'till-slow');
    const quick = await joinTill(hq, 'till-quick');
    const { body } = await askHq(hq, '/v1/snapshots', { token: slow.token, body: {} });
    // 40 MB: more than any buffer between the two programs holds.
    await hq.deps.db.query(
      `INSERT INTO articles (sku, body) SELECT 'sku-' || n, repeat('x', ${BODY_BYTES})
       FROM generate_series(1, ${ROWS}) AS n`,
    );
    await expect
      .poll(async () => (await askHq(hq, '/healthz')).body.waiting, { timeout: 40_000 })
      .toBe(0);

    const query = { ...body.start };
    const stream = await openRequest(hq, '/v1/stream', { token: slow.token, query });
    const dripping = setInterval(() => stream.read(1), 1_000);
    stream.on('error', () => {});
    const cut = new Promise((resolve) => stream.once('close', resolve));
    await expect
      .poll(() => hq.metrics.text().then((text) => text.body), { timeout: 40_000 })
      .toMatch(/streams_ended_total\{code="stalled"\} 1/);
    // HQ went on only as far as the buffers of the two systems: it held one page, not what was waiting.
    const before = await rowsSent();
    expect(before).toBeLessThan(ROWS / 2);

    let rows = 0;
    const other = await openRequest(hq, '/v1/stream', { token: quick.token, query });
    for await (const line of createInterface({ input: other })) {
      const frame = JSON.parse(line);
      if (frame.t === 'page') rows += frame.page.rows.length;
      if (frame.t === 'page' && frame.page.exact) break;
    }
    other.destroy();
    expect(rows).toBeGreaterThanOrEqual(ROWS);
    clearInterval(dripping);
    stream.resume();
    await cut;
  }, 90_000);
});
