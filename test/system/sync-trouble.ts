import { setTimeout as sleep } from 'node:timers/promises';
import type { Prng } from '../../demo/prng.ts';
import type { HqProgram } from '../support/hq-program.ts';
import { type SyncedTill, until } from '../support/synced-till.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import { KILL_WITHIN_MS } from './kill-sales.ts';

/** Longest time that headquarters stays away before it is started again. */
const AWAY_MAX_MS = 1_000;
/** Longest trouble of a till's network: longer than a silence that a till bears (`SILENCE_MAX_MS`). */
const NETWORK_MAX_MS = 3_500;

/** Trouble that comes with sales, by their number. */
export interface Trouble {
  /** Called as sale `at` begins: begins what is due, and settles once what must be over by then is over. */
  reach(at: number): Promise<void>;
  /** Settles once all of it is over. */
  over(): Promise<void>;
}

interface HqTrouble {
  readonly at: number;
  /** Sales from here on have a headquarters again. */
  readonly upBy: number;
  readonly kind: 'kill' | 'stop';
  readonly afterMs: number;
  readonly awayMs: number;
}

/** Kills headquarters with -9 and stops it in turn, spread over `sales` sales; half of each stretch it is there. */
export function troubleHeadquarters(options: {
  readonly prng: Prng;
  readonly sales: number;
  readonly kills: number;
  readonly stops: number;
  readonly hq: HqProgram;
  readonly tills: readonly SyncedTill[];
  /** Tells the proxies where headquarters is. */
  readonly onStart: () => void;
}): Trouble {
  const { prng, sales, kills, stops, hq, tills, onStart } = options;
  const count = kills + stops;
  const stretch = sales / count;
  const stopped = new Set<number>();
  while (stopped.size < stops) stopped.add(prng.below(count));
  const plan: HqTrouble[] = Array.from({ length: count }, (_, nth) => {
    const at = Math.floor(nth * stretch + prng.below(Math.ceil(stretch / 4)));
    return {
      at,
      upBy: Math.floor(at + stretch / 2),
      kind: stopped.has(nth) ? 'stop' : 'kill',
      afterMs: prng.between(0, KILL_WITHIN_MS),
      awayMs: prng.between(0, AWAY_MAX_MS),
    };
  });

  async function run({ kind, afterMs, awayMs }: HqTrouble): Promise<void> {
    await sleep(afterMs);
    await hq[kind]();
    await sleep(awayMs);
    await hq.start();
    onStart();
  }

  return inOrder(plan, run, async () => {
    await until('a till at the restarted headquarters', async () => {
      const there = await Promise.all(tills.map(isOnline));
      return there.includes(true) ? true : undefined;
    });
  });
}

/** A till may be down as well: then it is not online. */
async function isOnline(till: SyncedTill): Promise<boolean> {
  try {
    await till.syncNow();
    return (await till.sync()).state === 'online';
  } catch {
    return false;
  }
}

interface NetworkTrouble {
  readonly at: number;
  readonly upBy: number;
  readonly kind: 'cut' | 'down' | 'stall';
  readonly afterMs: number;
  readonly lastsMs: number;
}

/** Cuts, switches off and stalls a till's network `times` times, spread over `sales` sales. */
export function troubleNetwork(options: {
  readonly prng: Prng;
  readonly sales: number;
  readonly times: number;
  readonly proxy: TcpProxy;
}): Trouble {
  const { prng, sales, times, proxy } = options;
  const stretch = sales / times;
  const plan = Array.from({ length: times }, (_, nth): NetworkTrouble => {
    const at = Math.floor(nth * stretch + prng.below(Math.ceil(stretch)));
    return {
      at,
      upBy: Number.POSITIVE_INFINITY,
      kind: prng.pick(['cut', 'cut', 'down', 'stall'] as const),
      afterMs: prng.between(0, KILL_WITHIN_MS),
      lastsMs: prng.between(100, NETWORK_MAX_MS),
    };
  });
  return inOrder(
    plan,
    async ({ kind, afterMs, lastsMs }) => {
      await sleep(afterMs);
      proxy[kind]();
      if (kind === 'cut') return;
      await sleep(lastsMs);
      proxy.restore();
    },
    () => Promise.resolve(),
  );
}

/** One after the other, each begun by the sale that it comes with. */
function inOrder<Step extends { readonly at: number; readonly upBy: number }>(
  plan: readonly Step[],
  run: (step: Step) => Promise<void>,
  settled: () => Promise<void>,
): Trouble {
  const begun: { readonly upBy: number; readonly done: Promise<void> }[] = [];
  let last = Promise.resolve();
  return {
    async reach(at) {
      for (let step = plan[begun.length]; step !== undefined && step.at <= at; ) {
        const due = step;
        last = last.then(() => run(due)).then(settled);
        // Whoever waits for it hears of a failure; until then it is nobody's.
        last.catch(() => undefined);
        begun.push({ upBy: due.upBy, done: last });
        step = plan[begun.length];
      }
      await begun.findLast(({ upBy }) => upBy <= at)?.done;
    },
    over: () => last,
  };
}
