import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createBookings } from './bookings.ts';
import { firstMembers, MEMBERS_OF_STORE, storeIdOf } from './chain.ts';
import { createChance } from './chance.ts';
import { checkFeed } from './check-feed.ts';
import { checkPoints } from './check-points.ts';
import { createCheckouts } from './checkouts.ts';
import { describeTills, isConverged } from './converged.ts';
import { createCopies } from './copies.ts';
import { createWorld, type TendedWorld } from './create-world.ts';
import { forgetDisk, installDisk, looking } from './disk.ts';
import { createDrift } from './drift.ts';
import { createFindings } from './findings.ts';
import { createHeadquarters, keysFolderIn } from './headquarters.ts';
import { createFeedHistory } from './history.ts';
import type { HqEngine } from './hq-engine.ts';
import {
  checkContent,
  checkDrift,
  checkLedgers,
  createProgressCheck,
  type Invariant,
  readLedger,
} from './invariants.ts';
import type { FaultName } from './nemesis.ts';
import { createOffice } from './office.ts';
import { createPlan, SALES_PER_DAY } from './plan.ts';
import { createShop } from './shop.ts';
import { createTillMachine, type TillMachine } from './till-machine.ts';
import { createTrace } from './trace.ts';
import { createVirtualTime } from './virtual-time.ts';

/** The world begins on a day of November 2026, in the morning. */
const START_MS = Date.UTC(2026, 10, 21, 0);
/** After the last fault everything must have converged within so long, in milliseconds: a stopped till looks every 5 min. */
export const LIVENESS_MS = 15 * 60_000;
/** Whether all have converged is looked at so often, in milliseconds. */
const LOOK_EVERY_MS = 500;
/** Looks in a row that must find it: the sequencer looks every second, and what it has yet to number shows by then. */
const CALM_LOOKS = 4;
/** Sales at a second machine with a copied folder. */
const SALES_OF_CLONE = 3;
/** Times that what could not be sold is tried again at the end. */
const ROUNDS_MAX = 20;

export interface SeedOptions {
  readonly seed: number;
  readonly tills: number;
  readonly stores: number;
  /** Members of each store, as on the stage; absent = {@link MEMBERS_OF_STORE}. */
  readonly membersOfStore?: number | undefined;
  readonly hours: number;
  /** Sales of each till in a simulated day, at least; absent = {@link SALES_PER_DAY}. */
  readonly sales?: number | undefined;
  /** Kinds of faults that there are; absent = all. */
  readonly faults?: readonly FaultName[] | undefined;
  readonly engine: HqEngine;
  /** A folder for this seed's files, on a fast disk; also holds the template and HQ's keys. */
  readonly root: string;
  /** Lines of the trace as they come. */
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface SeedReport {
  readonly seed: number;
  readonly events: number;
  /** Entries of all ledgers. */
  readonly entries: number;
  readonly sales: number;
  readonly violations: readonly { readonly invariant: Invariant; readonly detail: string }[];
  /** The last lines of the trace. */
  readonly tail: readonly string[];
  /** Over the whole trace: the same for the same seed. */
  readonly hash: string;
  readonly lines: number;
}

/** Simulates a chain for some hours. The same options give the same report. */
export async function runSeed(options: SeedOptions): Promise<SeedReport> {
  const { seed, stores, hours, faults, engine, onLine } = options;
  const { sales = SALES_PER_DAY, membersOfStore = MEMBERS_OF_STORE } = options;
  installDisk();
  const chance = createChance(`seed-${seed}`);
  const membersAtFirst = firstMembers(stores * membersOfStore);
  const findings = createFindings(() => trace);
  const { violate } = findings;
  const time = createVirtualTime(START_MS, findings.onThrown);
  const trace = createTrace(time.nowMs, onLine);
  const history = createFeedHistory();
  const progress = createProgressCheck();
  const bookings = createBookings();
  const copies = createCopies(time, trace);
  const drift = createDrift(trace);
  const touched = new Set<TillMachine>();
  const folder = mkdtempSync(join(options.root, `seed-${seed}-`));
  const hearNoMore = findings.listen();
  const headquarters = createHeadquarters({
    engine,
    time,
    chance,
    trace,
    history,
    keysFolder: keysFolderIn(options.root),
    onKilled() {
      for (const till of tills) till.line.hqGone(chance.happens(0.3));
    },
    onRestored: copies.restored,
  });
  await headquarters.open();

  const makeTill = (name: string, tillId: string, storeId: string, copyOf?: string): TillMachine =>
    createTillMachine({
      name,
      tillId,
      storeId,
      folder: join(folder, name),
      copyOf,
      template: join(options.root, 'template'),
      time,
      chance: chance.split(name),
      trace,
      hq: headquarters.primary,
      ticket: () => headquarters.ticket(tillId, storeId),
      onOutdated: (till) => world.renew(till),
      onTouched: (till) => touched.add(till),
      onAdopting(till) {
        if (chance.happens(0.3)) world.endAt(till, chance.between(1, 150));
      },
      onBooked(till, entries) {
        violate(bookings.book(till, entries, ({ seq }) => trace.note(till.name, `entry ${seq}`)));
        touched.add(till);
      },
    });
  const tills = Array.from({ length: options.tills }, (_, nth) => {
    const name = `t${nth + 1}`;
    return makeTill(name, name, storeIdOf(nth % stores));
  });
  let clones = 0;
  const world: TendedWorld = createWorld({
    time,
    trace,
    tills,
    headquarters,
    findings,
    bookings,
    copies,
    drift,
    makeClone({ tillId, storeId, dataDir }) {
      clones += 1;
      return makeTill(`${tillId}-copy${clones}`, tillId, storeId, dataDir());
    },
    onCloned(clone) {
      for (let n = 0; n < SALES_OF_CLONE; n += 1)
        time.after(chance.below(3_000), () => {
          if (clone.isUp) shop.sell(clone, chance);
        });
    },
    onUp(till) {
      if (drift.isDamaged(till)) return;
      violate(looking(() => checkContent(till, history, headquarters.timeline, false)));
    },
    onWentBack: (till) => progress.forget(till.name),
  });
  const shop = createShop({ time, trace, stores, membersOfStore, isDamaged: drift.isDamaged });
  const checkouts = createCheckouts(time, shop, chance.split('shoppers'));
  const office = createOffice({
    chance: chance.split('office'),
    trace,
    stores,
    membersOfStore,
  });

  /** What must hold after every step. */
  function checkStep(): void {
    for (const till of touched) if (till.isUp) violate(looking(() => progress.check(till)));
    touched.clear();
    violate(checkouts.check());
  }
  async function runUntil(ms: number, stop: () => boolean = () => false): Promise<void> {
    while (!findings.isFull && !stop() && (await time.step(ms))) checkStep();
  }
  async function checkpoint(whole: boolean): Promise<void> {
    const rows = await readLedger(engine.db);
    violate(looking(() => checkLedgers(rows, bookings.committed, tills, whole)));
    violate(await checkPoints(engine.db, rows, bookings.committed, membersAtFirst));
    if (whole) violate(await checkFeed(engine.db, history));
    for (const till of tills)
      if (till.isUp && (whole || !drift.isDamaged(till)))
        violate(
          looking(() => [
            ...checkContent(till, history, headquarters.timeline, whole),
            ...(drift.isDamaged(till) ? [] : checkDrift(till)),
          ]),
        );
  }
  async function waitForConvergence(withinMs: number): Promise<boolean> {
    const endMs = time.nowMs() + withinMs;
    let nextMs = time.nowMs();
    let calm = 0;
    await runUntil(endMs, () => {
      if (time.nowMs() < nextMs) return false;
      nextMs = time.nowMs() + LOOK_EVERY_MS;
      world.careForCopies();
      calm = looking(() => isConverged(tills, history.head)) ? calm + 1 : 0;
      return calm >= CALM_LOOKS;
    });
    return calm >= CALM_LOOKS;
  }
  /** Everything heals; what could not be sold is sold; all must converge. */
  async function comeToQuiet(): Promise<void> {
    world.healAll();
    await runUntil(time.nowMs() + 2_000);
    await sellOwed();
    const isQuiet =
      (await waitForConvergence(LIVENESS_MS)) && (await mendDrift()) && (await sellTheRest());
    if (!isQuiet) violate([{ invariant: 'liveness', detail: describeTills(tills, history.head) }]);
    else await checkpoint(true);
  }
  /** What was damaged is found and put right by a check that a person asks for. */
  async function mendDrift(): Promise<boolean> {
    let isMended = looking(() => drift.isMended(tills));
    if (isMended) return true;
    await runUntil(time.nowMs() + LIVENESS_MS, () => {
      isMended = looking(() => drift.isMended(tills));
      return isMended;
    });
    return isMended && (await waitForConvergence(LIVENESS_MS));
  }
  /** A till that had to be registered again, or to get its data back, sells only now. */
  async function sellTheRest(): Promise<boolean> {
    const isMore = await sellOwed();
    violate(checkouts.checkOwed());
    return !isMore || (await waitForConvergence(LIVENESS_MS));
  }
  /** @returns whether anything was owed */
  async function sellOwed(): Promise<boolean> {
    let round = 0;
    for (; round < ROUNDS_MAX && checkouts.sellOwed(); round += 1) {
      await time.settle();
      checkStep();
      await runUntil(time.nowMs() + 2_000);
    }
    return round > 0;
  }

  try {
    mkdirSync(folder, { recursive: true });
    headquarters.start();
    await time.settle();
    for (const till of tills) time.after(chance.below(2_000), () => world.startTill(till));
    await runUntil(3_000);
    const plan = createPlan({
      world,
      chance,
      hours,
      sales,
      faults,
      shop,
      checkouts,
      office,
      headquarters,
    });
    for (let burst = 0; burst < plan.bursts && !findings.isFull; burst += 1) {
      await plan.runBurst(burst, runUntil);
      await time.settle();
      world.careForCopies();
      await checkpoint(false);
    }
    plan.endFaults();
    await comeToQuiet();
  } catch (error) {
    findings.fail(error);
  }
  try {
    for (const till of tills) {
      world.endClone(till);
      forgetDisk(till.dataDir());
      till.kill();
    }
    headquarters.kill();
    await time.settle();
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    findings.fail(error);
  }
  hearNoMore();
  return {
    seed,
    events: time.events,
    entries: bookings.count,
    sales: checkouts.sales,
    violations: findings.violations,
    tail: trace.tail(),
    hash: trace.hash(),
    lines: trace.lines,
  };
}
