import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { EntryReply } from '../../agent/contract/index.ts';
import { createPrng } from '../../demo/prng.ts';
import { createHqProgram } from '../support/hq-program.ts';
import { CASHIER } from '../support/small-chain.ts';
import {
  type SyncedTill,
  startSyncedTill,
  startTillNetwork,
  until,
  urlThrough,
} from '../support/synced-till.ts';
import { KILL_WITHIN_MS, MEMBERS, OPENING_POINTS, planSale, type SalePlan } from './kill-sales.ts';
import {
  balanceOf,
  expectWholeChains,
  type HqBooks,
  readHqBooks,
  untilQuiet,
  withTillBooks,
} from './sync-books.ts';
import { sellBesideHeadquarters } from './sync-sales.ts';
import { type Trouble, troubleHeadquarters, troubleNetwork } from './sync-trouble.ts';

const TILLS = 2;
/** How often each till's network is cut, switched off or stalled. */
const NETWORK_TROUBLES = 8;

export interface SyncKillOptions {
  readonly database: 'pglite' | 'embedded';
  readonly seed: number;
  /** Sales of both tills together. */
  readonly sales: number;
  readonly killsOfEachTill: number;
  readonly killsOfHq: number;
  readonly stopsOfHq: number;
}

/**
 * Two tills of a store sell the same members' goods while they and their headquarters are killed with -9, headquarters
 * is stopped and started and their networks fail; then everything is compared. What is sold, killed and cut at which
 * sale follows from the seed; where exactly it falls is the machine's own.
 */
export async function sellUnderSyncKills(options: SyncKillOptions): Promise<void> {
  const { database, seed, sales } = options;
  const replay = `replay with TILLSIDE_SEED=${seed}`;
  const proxies = await Promise.all(Array.from({ length: TILLS }, () => startTillNetwork()));
  const hq = await createHqProgram({ database, members: MEMBERS });
  const tills: SyncedTill[] = [];
  const onStart = (): void => {
    for (const proxy of proxies) proxy.pointTo(hq.process().port);
  };
  try {
    await hq.start();
    onStart();
    for (const [nth, proxy] of proxies.entries()) {
      const ticket = await hq.ticket(`t${nth + 1}`, urlThrough(proxy));
      tills.push(await startSyncedTill({ ticket, proxy }));
    }
    const hqTrouble = troubleHeadquarters({
      prng: createPrng(seed),
      sales,
      kills: options.killsOfHq,
      stops: options.stopsOfHq,
      hq,
      tills,
      onStart,
    });
    let begun = 0;
    const runs = await Promise.all(
      tills.map((till, nth) =>
        sellAt(till, {
          seed: seed + 1 + nth,
          sales: sales / TILLS,
          kills: options.killsOfEachTill,
          networkTroubles: NETWORK_TROUBLES,
          onSale: () => hqTrouble.reach(begun++),
        }),
      ),
    );
    await hqTrouble.over();
    await untilQuiet(hq, tills);
    for (const [nth, till] of tills.entries()) {
      expect(runs[nth]?.killed).toBe(options.killsOfEachTill);
      for (const [key, reply] of runs[nth]?.replies ?? []) {
        const again = await till.pos().call<EntryReply>('GET', `/commits/${key}`);
        expect(again.body, `the answer to ${key}; ${replay}`).toEqual(reply);
      }
      await till.stop();
    }
    await hq.stop();
    const db = await hq.openDatabase();
    const books = await readHqBooks(db).finally(() => db.close());
    expectBooksToAgree(books, tills, runs, replay);
  } finally {
    for (const till of tills) await till.remove();
    for (const proxy of proxies.slice(tills.length)) await proxy.close();
    await hq.remove();
  }
}

export interface TillRun {
  /** Replies that the POS saw, by its key. */
  readonly replies: ReadonlyMap<string, EntryReply>;
  readonly members: ReadonlyMap<string, string>;
  readonly killed: number;
}

/** One till's sales, with its own kills and its own network's trouble. */
export async function sellAt(
  till: SyncedTill,
  options: {
    readonly seed: number;
    readonly sales: number;
    readonly kills: number;
    readonly networkTroubles: number;
    readonly onSale: (nth: number) => Promise<void>;
  },
): Promise<TillRun> {
  const { sales, kills } = options;
  const prng = createPrng(options.seed);
  const network: Trouble = troubleNetwork({
    prng: createPrng(options.seed + 1_000),
    sales,
    times: options.networkTroubles,
    proxy: till.proxy,
  });
  const doomed = new Set<number>();
  while (doomed.size < kills) doomed.add(prng.between(0, sales - 1));
  const replies = new Map<string, EntryReply>();
  const members = new Map<string, string>();
  let killed = 0;
  await until(`points spent at ${till.tillId}`, async () => {
    const plan = pointsSale(till.tillId, replies.size);
    const reply = await sellBesideHeadquarters(till.pos, plan, () => Promise.resolve());
    replies.set(plan.key, reply);
    members.set(plan.key, `member-${plan.member}`);
    return reply.pointsSpent > 0 ? true : undefined;
  });
  for (let nth = 0; nth < sales; nth += 1) {
    await options.onSale(nth);
    await network.reach(nth);
    const planned = planSale(prng, nth);
    const plan = { ...planned, key: `${till.tillId}-${planned.key}` };
    const waitMs = prng.between(0, KILL_WITHIN_MS);
    const kill = doomed.has(nth)
      ? sleep(waitMs).then(async () => {
          killed += 1;
          await till.kill();
          await till.start();
        })
      : Promise.resolve();
    const [reply] = await Promise.all([sellBesideHeadquarters(till.pos, plan, () => kill), kill]);
    replies.set(plan.key, reply);
    if (plan.member !== null) members.set(plan.key, `member-${plan.member}`);
  }
  await network.over();
  till.proxy.restore();
  return { replies, members, killed };
}

/** A sale that spends points: a busy machine may be too slow for those of the plan, which headquarters grants in time or not at all. */
function pointsSale(tillId: string, nth: number): SalePlan & { readonly member: number } {
  return {
    key: `${tillId}-points-${nth}`,
    member: nth % MEMBERS,
    basket: {
      ...{ currency: 'CNY', staffId: CASHIER.staffId, pointsToSpend: 10 },
      lines: [{ lineId: 'l1', sku: 'soap', qty: 1, unitPriceMinor: 5_000 }],
    },
  };
}

/** Headquarters, the tills and what the POS programs saw are one and the same. */
export function expectBooksToAgree(
  books: HqBooks,
  tills: readonly SyncedTill[],
  runs: readonly TillRun[],
  replay: string,
): void {
  expect(books.alarms, replay).toEqual([]);
  expect(books.exceptions, replay).toEqual([]);
  expect(books.waiting, replay).toBe(0);

  const seen = runs.flatMap(({ replies }) => [...replies.values()].map(({ saleId }) => saleId));
  const booked = books.entries.filter(({ kind }) => kind === 'sale').map((one) => one.sale_id);
  expect(booked.sort(), `the sales at headquarters; ${replay}`).toEqual([...seen].sort());

  const reckoned = new Map<string, number>();
  let spent = 0;
  for (const { replies, members } of runs) {
    for (const [key, { pointsEarned, pointsSpent }] of replies) {
      const memberId = members.get(key);
      if (memberId === undefined) continue;
      spent += pointsSpent;
      const before = reckoned.get(memberId) ?? OPENING_POINTS;
      reckoned.set(memberId, before + pointsEarned - pointsSpent);
    }
  }
  expect(spent, `points were spent; ${replay}`).toBeGreaterThan(0);
  const hashes = expectWholeChains(books, replay);
  const stoodBy: string[] = [];
  for (const till of tills) {
    withTillBooks(till, (own) => {
      const where = `${own.tillId}; ${replay}`;
      expect(own.chain.ok, `${own.chain.detail}; ${where}`).toBe(true);
      expect(hashes.get(own.tillId), where).toEqual(own.hashes);
      expect(own.waiting, where).toBe(0);
      stoodBy.push(...own.openAllowances);
      for (const [memberId, account] of books.accounts) {
        const points = reckoned.get(memberId) ?? OPENING_POINTS;
        expect(balanceOf(account), `points of ${memberId} at headquarters; ${replay}`).toBe(points);
        expect(own.pointsOf(memberId), `points of ${memberId} at ${where}`).toBe(points);
        const lots = account.lots.filter((lot) => lot.points !== 0);
        expect(byLot(own.lotsOf(memberId)), `lots of ${memberId} at ${where}`).toEqual(byLot(lots));
        const member = books.members.get(memberId);
        expect(own.memberOf(memberId), `${memberId} at ${where}`).toEqual(member);
      }
    });
  }
  // A sale that was cut off between hold and answer stays held until its time is over.
  expect(stoodBy, `open allowances; ${replay}`).toEqual(
    expect.arrayContaining([...books.openAllowances]),
  );
}

function byLot(lots: readonly { readonly lotId: string; readonly points: number }[]): string[] {
  return lots.map(({ lotId, points }) => `${lotId} ${points}`).sort();
}
