import { afterAll, describe, expect, it } from 'vitest';
import { mayRunPostgres, withHqDatabase } from '../support/hq-database.ts';
import { besideHqProgram, createHqProgram, type HqProgram } from '../support/hq-program.ts';
import {
  type SyncedTill,
  startSyncedTill,
  startTillNetwork,
  urlThrough,
} from '../support/synced-till.ts';
import { chooseSeed, MEMBERS } from './kill-sales.ts';
import { readHqBooks, untilQuiet } from './sync-books.ts';
import { expectBooksToAgree, sellAt } from './sync-kills.ts';

/** A busy machine takes many times as long as a quiet one. */
const TEST_MS = 10 * 60_000;
const SALES_EACH = 60;

/** Writes down every row that the sequencer publishes, in the order of the commits of one key. */
const WATCH_FEED = `
  CREATE TABLE seen_feed (n bigserial, scope text, tbl text, key text, pos bigint, ver bigint);
  CREATE FUNCTION see_feed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO seen_feed (scope, tbl, key, pos, ver) VALUES (NEW.scope, NEW.tbl, NEW.key, NEW.pos, NEW.ver);
      RETURN NULL;
    END $$;
  CREATE TRIGGER see_feed AFTER INSERT OR UPDATE ON published FOR EACH ROW EXECUTE FUNCTION see_feed();
`;

describe.skipIf(!mayRunPostgres())('two headquarters processes on one PostgreSQL', () => {
  const databases = withHqDatabase('postgresql');
  const programs: HqProgram[] = [];
  const tills: SyncedTill[] = [];
  afterAll(async () => {
    for (const till of tills) await till.remove();
    for (const program of programs) await program.remove();
  }, TEST_MS);

  it('one of them killed with -9: its tills move to the other, nothing is lost and the order of every row is kept', {
    timeout: TEST_MS,
  }, async () => {
    const seed = chooseSeed();
    process.stdout.write(`two headquarters: seed ${seed}; TILLSIDE_SEED=${seed} replays it\n`);
    const db = await databases.fresh();
    await db.script(WATCH_FEED);
    const proxies = [await startTillNetwork(), await startTillNetwork()] as const;
    const first = await createHqProgram({
      database: databases.urlOf(db) as `postgresql://${string}`,
      members: MEMBERS,
    });
    programs.push(first);
    const second = besideHqProgram(first);
    programs.push(second);
    proxies[0].pointTo((await first.start()).port);
    proxies[1].pointTo((await second.start()).port);
    for (const [nth, proxy] of proxies.entries()) {
      const ticket = await first.ticket(`t${nth + 1}`, urlThrough(proxy));
      tills.push(await startSyncedTill({ ticket, proxy }));
    }

    // The first is killed in the middle of the sales, comes back, and the second is killed.
    const changes: Readonly<Record<number, () => Promise<void>>> = {
      15: async () => {
        await first.kill();
        proxies[0].pointTo(second.process().port);
      },
      30: async () => {
        proxies[1].pointTo((await first.start()).port);
        proxies[1].cut();
      },
      45: async () => {
        await second.kill();
        proxies[0].pointTo(first.process().port);
      },
    };
    const runs = await Promise.all(
      tills.map((till, nth) =>
        sellAt(till, {
          ...{ seed: seed + nth, sales: SALES_EACH, kills: 0, networkTroubles: 1 },
          onSale: async (sale) => {
            if (nth === 0) await changes[sale]?.();
          },
        }),
      ),
    );
    await untilQuiet(first, tills);
    for (const till of tills) await till.stop();
    await first.stop();

    const books = await readHqBooks(db);
    expectBooksToAgree(books, tills, runs, `replay with TILLSIDE_SEED=${seed}`);
    const rows = await db.query<{ row: string; pos: string; ver: string }>(
      `SELECT scope || ' ' || tbl || ' ' || key AS row, pos, ver FROM seen_feed ORDER BY n`,
    );
    expect(rows.length).toBeGreaterThan(MEMBERS);
    const last = new Map<string, { pos: number; ver: number }>();
    const numbers = new Set<number>();
    for (const { row, ...text } of rows) {
      const [pos, ver] = [Number(text.pos), Number(text.ver)];
      const before = last.get(row) ?? { pos: 0, ver: 0 };
      expect(pos, `place of ${row}`).toBeGreaterThan(before.pos);
      expect(ver, `version of ${row}`).toBeGreaterThan(before.ver);
      expect(numbers.has(pos), `place ${pos} is given once`).toBe(false);
      numbers.add(pos);
      last.set(row, { pos, ver });
    }
  });
});
