import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { Unpackr } from 'msgpackr';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { segmentTrailerSchema } from '../../../../sync/protocol/snapshot.ts';
import {
  askHq,
  type HqProcess,
  newTestTill,
  openRequest,
  openSession,
  register,
  startHqProcess,
  startTestHq,
} from '../../../support/hq.ts';
import { must } from '../../../support/hq-database.ts';

const ARTICLES = 20_000;

describe('HQ restarted in the middle of a snapshot', () => {
  let folder: string;
  let hq: HqProcess | undefined;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tillside-restart-'));
  });
  afterAll(async () => {
    await hq?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const start = (port = 0) =>
    startHqProcess(folder, ['--database', 'pglite', '--port', String(port)]);

  test('the till goes on with the same session, segment by segment, and misses nothing', async () => {
    // The chain's records, written before HQ runs as a process.
    const before = await startTestHq({
      database: { kind: 'pglite', folder: join(folder, 'db') },
      keysFolder: join(folder, 'keys'),
      stores: ['s1'],
    });
    await before.deps.db.query(
      `INSERT INTO articles (sku, body) SELECT 'sku-' || lpad(n::text, 6, '0'), md5(n::text) || repeat(md5((-n)::text), 30)
       FROM generate_series(1, ${ARTICLES}) AS n`,
    );
    await before.deps.db.query("INSERT INTO settings VALUES ('join', '{}')");
    await expect
      .poll(async () => (await askHq(before, '/healthz')).body.waiting, { timeout: 15_000 })
      .toBe(0);
    const ticket = must(await before.ticket('till-1', 's1'));
    await before.close();

    hq = await start();
    const till = newTestTill(ticket);
    await register(hq, till);
    const { token } = (await openSession(hq, till)).body;
    const snapshot = (await askHq(hq, '/v1/snapshots', { token, body: {} })).body;
    const { timeline } = snapshot.start;
    const segment = (table: string) => ({ token, query: { table, timeline } });

    // Cut in the middle of a segment: the kernel's buffers hold less than the 20 MB of it.
    const cut = await openRequest(hq, '/v1/segments', segment('article'));
    await new Promise((resolve) => cut.once('readable', resolve));
    cut.pause();
    cut.on('error', () => {});
    const { port } = hq;
    await hq.kill();
    hq = await start(port);

    const fetched = new Map<string, unknown[]>();
    for (const { table } of snapshot.tables) {
      const { status, bytes } = await askHq(hq, '/v1/segments', segment(table));
      expect([table, status]).toEqual([table, 200]);
      const items = new Unpackr({ useRecords: false }).unpackMultiple(
        zstdDecompressSync(bytes),
      ) as unknown[];
      const trailer = segmentTrailerSchema.parse(items.pop());
      expect(trailer).toMatchObject({ table, done: true, rows: items.length });
      fetched.set(table, items);
    }
    expect(fetched.get('article')?.length).toBe(ARTICLES);
    expect(fetched.get('setting')).toMatchObject([['join', expect.any(Number), '{}']]);
    const poll = await askHq(hq, '/v1/feed', { token, query: { ...snapshot.start } });
    expect(poll).toMatchObject({ status: 200, body: { head: snapshot.start } });

    const other = await askHq(hq, '/v1/segments', {
      token,
      query: { table: 'article', timeline: 'another-timeline' },
    });
    expect(other).toMatchObject({ status: 409, body: { code: 'cursor-unknown' } });
    expect(await hq.stop()).toBe(0);
  }, 90_000);
});
