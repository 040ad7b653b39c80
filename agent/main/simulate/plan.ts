import type { Chance } from './chance.ts';
import type { Checkouts } from './checkouts.ts';
import type { TendedWorld } from './create-world.ts';
import type { Headquarters } from './headquarters.ts';
import { type FaultName, unleash } from './nemesis.ts';
import type { Office } from './office.ts';
import type { Shop } from './shop.ts';

const HOUR_MS = 60 * 60_000;
/**
 * Times of a simulated day in which things happen; between them all machines sleep. A seed costs by its times more than by
 * its sales, and many short seeds find more than few long ones.
 */
export const BURSTS_PER_DAY = 5;
/** Sales of each till in a simulated day, at least, where nothing else is asked for. */
export const SALES_PER_DAY = 20;
/** What happens at a time happens within so long, in milliseconds. */
const BURST_MS = 4_000;
/** Share of the bursts in which the sales of a till follow one another ... */
const RUSHES = 0.4;
/** ... within so long, in milliseconds: what goes up then goes up together. */
const RUSH_STEP_MS = 50;

export interface PlanOptions {
  readonly world: TendedWorld;
  readonly chance: Chance;
  readonly hours: number;
  /** Of each till in a simulated day, at least. */
  readonly sales: number;
  /** Kinds of faults that there are; absent = all. */
  readonly faults?: readonly FaultName[] | undefined;
  readonly shop: Shop;
  readonly checkouts: Checkouts;
  readonly office: Office;
  readonly headquarters: Headquarters;
}

/** What happens in the simulated hours, and when. */
export interface Plan {
  readonly bursts: number;
  /** All machines sleep until the nth burst, and then everything happens at once. */
  runBurst(nth: number, runUntil: (ms: number) => Promise<void>): Promise<void>;
  /** Ends every fault that is left. */
  endFaults(): void;
}

export function createPlan(options: PlanOptions): Plan {
  const { world, chance, hours, sales, faults, shop, checkouts, office, headquarters } = options;
  const { time, tills } = world;
  const bursts = Math.max(2, Math.round((BURSTS_PER_DAY * hours) / 24));
  const perTill = Math.ceil((sales * hours) / 24);
  const plan = chance.split('plan');
  const ends: (() => void)[] = [];

  /** Times of `count` sales of one till, from here on. */
  function timesOfSales(count: number): number[] {
    if (!plan.happens(RUSHES)) return Array.from({ length: count }, () => plan.below(BURST_MS));
    const stepMs = Math.min(RUSH_STEP_MS, BURST_MS / 2 / Math.max(1, count));
    let atMs = plan.below(BURST_MS / 2);
    return Array.from({ length: count }, () => {
      atMs += Math.floor(plan.next() * stepMs);
      return atMs;
    });
  }
  function planShoppers(burst: number): void {
    for (const till of tills) {
      for (const atMs of timesOfSales(shareOf(perTill, bursts, burst)))
        time.after(atMs, () => checkouts.sell(till));
      if (plan.happens(0.15)) time.after(plan.below(BURST_MS), () => checkouts.takeBack(till));
      if (plan.happens(0.05))
        time.after(plan.below(BURST_MS), () => {
          if (till.isUp) shop.join(till);
        });
    }
  }
  function planOffice(): void {
    for (let n = plan.below(4); n > 0; n -= 1)
      time.after(plan.below(BURST_MS), () => {
        const hq = headquarters.primary();
        if (hq !== undefined && office.act(hq) === 'bulk' && plan.happens(0.8))
          world.killTillAt(plan.pick(tills), plan.between(10, 300));
      });
  }

  return {
    bursts,
    async runBurst(burst, runUntil) {
      const beginsMs = Math.max(
        time.nowMs(),
        Math.floor(((burst + plan.next() * 0.8) * hours * HOUR_MS) / bursts),
      );
      time.sleepUntil(beginsMs);
      checkouts.slept();
      const endFaults = unleash(world, plan.split(`faults-${burst}`), BURST_MS, faults);
      ends.push(endFaults);
      if (plan.happens(0.3)) time.after(plan.below(BURST_MS), () => world.keepHq());
      planShoppers(burst);
      planOffice();
      await runUntil(beginsMs + BURST_MS);
      // Some faults last through the night.
      if (plan.happens(0.7)) {
        endFaults();
        world.reviveAll();
      } else await runUntil(time.nowMs() + plan.below(3_000));
      if (plan.happens(0.3)) await runUntil(time.nowMs() + plan.below(6_000));
    },
    endFaults() {
      for (const end of ends) end();
    },
  };
}

/** The nth share of `all` things in `parts` parts. */
function shareOf(all: number, parts: number, nth: number): number {
  return Math.floor(((nth + 1) * all) / parts) - Math.floor((nth * all) / parts);
}
