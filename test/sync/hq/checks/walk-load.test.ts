import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createChecks } from '../../../../sync/hq/checks/create-checks.ts';
import { SCANS_AT_ONCE, TREE_KEPT_MS } from '../../../../sync/hq/checks/create-sums-cache.ts';
import {
  WALK_IDLE_MS,
  WALK_RETRY_MAX_SECONDS,
  WALK_RETRY_MIN_SECONDS,
  WALKS_AT_ONCE,
} from '../../../../sync/hq/checks/create-walk-slots.ts';
import type { HqDatabase } from '../../../../sync/hq/database/database.ts';
import { createFeedReader } from '../../../../sync/hq/feed/create-feed-reader.ts';
import { FEED_TABLES } from '../../../../sync/protocol/feed.ts';
import { PROTOCOL_VERSION } from '../../../../sync/protocol/version.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { putMember } from '../feed/writers.ts';
import { scene, sequence } from './questions-scene.ts';
import { ask, askNodes, callerOf, createModelTill, walk } from './walker.ts';

/** Lets every call wait until it is released, and counts how many run at once. */
function gated(db: HqDatabase, isGated: (sql: string) => boolean) {
  const gate = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  const through: HqDatabase = {
    ...db,
    async query(sql, values) {
      if (!isGated(sql)) return db.query(sql, values);
      running++;
      most = Math.max(most, running);
      await gate.promise;
      try {
        return await db.query(sql, values);
      } finally {
        running--;
      }
    },
  };
  return { db: through, release: () => gate.resolve(), most: () => most, running: () => running };
}

const isScan = (sql: string) => sql.includes('GROUP BY bucket');

describeOnEngines('questions of full-volume checks that come at once', (hq) => {
  test('cost a walk one scan, tills of a store together too, and another one once the rows changed', async () => {
    const real = await hq.fresh();
    let scans = 0;
    const db: HqDatabase = {
      ...real,
      query(sql, values) {
        if (isScan(sql)) scans++;
        return real.query(sql, values);
      },
    };
    const { till, checks, wait } = await scene(db);
    till.table('member').delete('会员-1');
    await Promise.all(['a', 'b', 'c'].map((id) => walk(checks, till, 'member', callerOf(id))));
    expect(scans).toBe(1);
    await putMember(db, 'fresh', ['s1']);
    await sequence(db);
    await walk(checks, till, 'member');
    expect(scans, 'the root is another one').toBe(2);
    wait(TREE_KEPT_MS);
    await askNodes(checks, callerOf(), till, 'member', 2, [0]);
    expect(scans, 'what was kept is too old').toBe(3);
  });

  test('verification storm after a rollout: a few tills walk, all others are told when to come, and pages go on', async () => {
    const real = await hq.fresh();
    const gate = gated(real, isScan);
    const { till } = await scene(real);
    let nowMs = 0;
    const checks = createChecks({ db: gate.db, nowMs: () => nowMs, random: (n) => randomBytes(n) });
    till.table('member').delete('会员-1');
    // Stores of their own, so that no scan is shared: their tills think they hold the rows of s1.
    const question = till.rootsQuestion();
    const waits: number[] = [];
    const answers = Array.from({ length: 1_000 }, async (_, i) => {
      const answer = await checks.answer(callerOf(`till-${i}`, `store-${i}`), question);
      if (answer.ok) return 'walks';
      waits.push(Number(answer.error.detail?.['retryAfterSeconds']));
      return answer.error.code;
    });
    await expect.poll(() => waits.length, { timeout: 30_000 }).toBe(1_000 - WALKS_AT_ONCE);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(WALK_RETRY_MIN_SECONDS);
    expect(Math.max(...waits)).toBeLessThan(WALK_RETRY_MAX_SECONDS);
    expect(new Set(waits).size, 'they do not come back together').toBeGreaterThan(20);
    await expect.poll(() => gate.running()).toBe(SCANS_AT_ONCE);
    // The feed, and tills that are clean, go on while scans hang.
    const page = await createFeedReader({ db: gate.db }).readPage({
      storeId: 's1',
      cursor: till.cursor(),
      protocol: PROTOCOL_VERSION,
      roots: 'all',
    });
    expect(must(page).roots).toHaveLength(FEED_TABLES.length);
    const clean = await createModelTill(real);
    await clean.follow();
    expect(await ask(checks, callerOf('clean'), clean.rootsQuestion())).toEqual({ differ: [] });
    gate.release();
    const said = await Promise.all(answers);
    expect(said.filter((code) => code === 'walks')).toHaveLength(WALKS_AT_ONCE);
    expect(said.filter((code) => code === 'busy')).toHaveLength(1_000 - WALKS_AT_ONCE);
    expect(gate.most()).toBe(SCANS_AT_ONCE);
    const late = callerOf('late', 'store-late');
    expect(await checks.answer(late, question), 'walks go on').toMatchObject({ ok: false });
    nowMs += WALK_IDLE_MS;
    expect(await checks.answer(late, question), 'they are over').toMatchObject({ ok: true });
  });

  test('answer a till one question at a time', async () => {
    const real = await hq.fresh();
    const gate = gated(real, isScan);
    const { till } = await scene(real);
    const checks = createChecks({ db: gate.db, nowMs: () => 0, random: (n) => randomBytes(n) });
    till.table('member').delete('会员-1');
    const first = checks.answer(callerOf(), till.rootsQuestion());
    await expect.poll(() => gate.running()).toBe(1);
    expect(await checks.answer(callerOf(), till.rootsQuestion())).toMatchObject({
      error: { code: 'busy' },
    });
    gate.release();
    expect((await first).ok).toBe(true);
    expect((await checks.answer(callerOf(), till.rootsQuestion())).ok).toBe(true);
  });
});
