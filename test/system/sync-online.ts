import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Identification } from '../../agent/contract/index.ts';
import { createPrng } from '../../demo/prng.ts';
import { mayRunPostgres } from '../support/hq-database.ts';
import { createHqProgram } from '../support/hq-program.ts';
import { CASHIER, cardOf } from '../support/small-chain.ts';
import { openEvents } from '../support/sse.ts';
import {
  type SyncedTill,
  startSyncedTill,
  startTillNetwork,
  until,
  urlThrough,
} from '../support/synced-till.ts';
import { MEMBERS } from './kill-sales.ts';
import { balanceOf, readHqBooks, untilQuiet, withTillBooks } from './sync-books.ts';

/** Each way; 40 ms for the round trip. */
const NETWORK_DELAY_MS = 20;
/** One purchase in a hundred comes with a forced reconnect of the till. */
const RECONNECT_BP = 100;
/** Pause between purchases, so that they come as from a shop and not as one heap. */
const PACE_MS = 10;
const AMOUNT_MINOR = 10_000;

/** How long purchases took from headquarters to an open screen, in milliseconds. */
export interface OnlineFigures {
  readonly engine: string;
  readonly events: number;
  readonly reconnects: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

interface Expected {
  readonly balance: number;
  readonly bookedAtMs: number;
}

/**
 * Books `events` online purchases for members who are identified at a till and follows them by the till's own events.
 * A purchase counts as seen when the till has told of a change and shows at least its balance. Asserts that every one
 * is seen and that till and headquarters end alike; the times are only reported.
 */
export async function watchOnlinePurchases(options: {
  readonly events: number;
  readonly seed: number;
}): Promise<OnlineFigures> {
  const { events, seed } = options;
  const prng = createPrng(seed);
  const engine = mayRunPostgres() ? 'embedded' : 'pglite';
  const proxy = await startTillNetwork(NETWORK_DELAY_MS);
  const hq = await createHqProgram({ database: engine, members: MEMBERS });
  let till: SyncedTill | undefined;
  try {
    proxy.pointTo((await hq.start()).port);
    till = await startSyncedTill({ ticket: await hq.ticket('t1', urlThrough(proxy)), proxy });
    const watch = await watchMembers(till);
    let reconnects = 0;
    for (let nth = 0; nth < events; nth += 1) {
      const member = prng.below(MEMBERS);
      if (prng.chance(RECONNECT_BP)) {
        reconnects += 1;
        proxy.cut();
      }
      const booked = await hq.buyOnline({
        orderId: `web-${nth}-of-${seed}`,
        memberId: `member-${member}`,
        amountMinor: AMOUNT_MINOR,
        pointsEarned: prng.between(1, 50),
      });
      watch.expect(booked.memberId, {
        balance: booked.pointsBalance,
        bookedAtMs: Date.parse(booked.at),
      });
      await sleep(PACE_MS);
    }
    await until(
      'every purchase on the screen',
      async () => (watch.missing() === 0 ? true : undefined),
      () => `${watch.missing()} of ${events} are missing; replay with TILLSIDE_SEED=${seed}`,
    );
    await untilQuiet(hq, [till]);
    const took = watch.took();
    expect(took).toHaveLength(events);
    watch.close();
    await till.stop();
    await hq.stop();
    const db = await hq.openDatabase();
    const books = await readHqBooks(db).finally(() => db.close());
    withTillBooks(till, (own) => {
      for (const [memberId, account] of books.accounts) {
        expect(own.pointsOf(memberId), `points of ${memberId}`).toBe(balanceOf(account));
        expect(own.memberOf(memberId)).toEqual(books.members.get(memberId));
      }
    });
    const at = (share: number): number =>
      took[Math.min(took.length - 1, Math.ceil(took.length * share) - 1)] ?? 0;
    return {
      ...{ engine, events, reconnects },
      ...{ p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999), maxMs: at(1) },
    };
  } finally {
    await till?.remove();
    if (till === undefined) await proxy.close();
    await hq.remove();
  }
}

/** Identifies every member and follows what the till tells of them, as an open screen does. */
async function watchMembers(till: SyncedTill) {
  const identifications = new Map<string, string>();
  for (let nth = 0; nth < MEMBERS; nth += 1) {
    const { body } = await till.pos().identify(cardOf(nth));
    identifications.set(`member-${nth}`, body.identificationId);
    // In a basket of their own; the next member would else take their place at the till.
    const evaluated = await till.pos().evaluate(`open-${nth}`, {
      ...{ currency: 'CNY', staffId: CASHIER.staffId, identificationId: body.identificationId },
      lines: [{ lineId: 'l1', sku: 'tea', qty: 1, unitPriceMinor: 1_250 }],
    });
    if (evaluated.status !== 200) throw new Error(JSON.stringify(evaluated.body));
  }
  const waiting = new Map<string, Expected[]>();
  const took: number[] = [];
  const early = new Map<string, { points: number; atMs: number }[]>();
  const stream = await openEvents(till.till().address, till.pos().token);

  function settle(memberId: string, points: number, atMs: number): void {
    const left = (waiting.get(memberId) ?? []).filter(({ balance, bookedAtMs }) => {
      if (balance > points) return true;
      took.push(Math.max(0, atMs - bookedAtMs));
      return false;
    });
    waiting.set(memberId, left);
  }

  async function follow(): Promise<void> {
    for (;;) {
      const event = await stream.next();
      if (event === undefined) return;
      if (event.body.kind !== 'member') continue;
      const { memberId } = event.body;
      const id = identifications.get(memberId);
      const shown = await till
        .pos()
        .call<Identification>('GET', `/identifications/${id ?? 'none'}`);
      const points = shown.body.member?.points;
      if (points === undefined) throw new Error(`no points: ${JSON.stringify(shown.body)}`);
      const atMs = Date.now();
      // The till may be quicker than the answer to the shop.
      early.set(memberId, [...(early.get(memberId) ?? []).slice(-50), { points, atMs }]);
      settle(memberId, points, atMs);
    }
  }
  let failed: unknown;
  const followed = follow().catch((error: unknown) => {
    failed = error;
  });

  return {
    expect(memberId: string, expected: Expected): void {
      const seen = early.get(memberId)?.find(({ points }) => points >= expected.balance);
      if (seen === undefined) waiting.set(memberId, [...(waiting.get(memberId) ?? []), expected]);
      else took.push(Math.max(0, seen.atMs - expected.bookedAtMs));
    },
    missing(): number {
      if (failed !== undefined) throw failed;
      return [...waiting.values()].reduce((sum, left) => sum + left.length, 0);
    },
    took: () => [...took].sort((a, b) => a - b),
    close(): void {
      stream.close();
      void followed;
    },
  };
}

/** The figures as a person reads them. */
export function sayFigures(figures: OnlineFigures): string {
  const { engine, events, reconnects, p50Ms, p99Ms, p999Ms, maxMs } = figures;
  return `online purchases on ${engine}: ${events} events, ${reconnects} reconnects, 40 ms round trip: p50 ${p50Ms} ms, p99 ${p99Ms} ms, p99.9 ${p999Ms} ms, most ${maxMs} ms\n`;
}
