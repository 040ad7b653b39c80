import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { issueTicket } from '../../../sync/hq/tills/issue-ticket.ts';
import { startNewTimeline } from '../../../sync/hq/tills/new-timeline.ts';
import { assert } from '../../contract/index.ts';
import { storeIdOf } from './chain.ts';
import { createChance } from './chance.ts';
import { createCheckouts } from './checkouts.ts';
import { describeTills, isConverged } from './converged.ts';
import { endAt, failWrites, forgetDisk, installDisk, looking, ProcessEnded } from './disk.ts';
import { createFeedHistory } from './history.ts';
import type { HqEngine } from './hq-engine.ts';
import { HQ_URL, type HqMachine, startHqMachine } from './hq-machine.ts';
import {
  checkContent,
  checkDrift,
  checkLedgers,
  createProgressCheck,
  type Invariant,
  readLedger,
  type Violation,
} from './invariants.ts';
import { GOOD_LINE } from './line.ts';
import { unleash, type World } from './nemesis.ts';
import { createOffice } from './office.ts';
import { createShop } from './shop.ts';
import {
  type BookedEntry,
  createTillMachine,
  NotStarted,
  type TillMachine,
} from './till-machine.ts';
import { createTrace } from './trace.ts';
import { createVirtualTime, NoRest } from './virtual-time.ts';

const HOUR_MS = 60 * 60_000;
/** The world begins on a day of November 2026, in the morning. */
const START_MS = Date.UTC(2026, 10, 21, 0);
/** Times of a simulated day in which things happen; between them all machines sleep. */
export const BURSTS_PER_DAY = 10;
/** Sales of each till in a simulated day, at least. */
export const SALES_PER_DAY = 20;
/** What happens at a time happens within so long, in milliseconds. */
const BURST_MS = 4_000;
/** After the last fault everything must have converged within so long, in milliseconds: a stopped till looks every 5 min. */
export const LIVENESS_MS = 15 * 60_000;
/** Times that what could not be sold is tried again at the end. */
const ROUNDS_MAX = 20;
/** Violations that one seed reports. */
const VIOLATIONS_MAX = 5;

export interface SeedOptions {
  readonly seed: number;
  readonly tills: number;
  readonly stores: number;
  readonly hours: number;
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
  const { seed, stores, hours, engine, onLine } = options;
  installDisk();
  const chance = createChance(`seed-${seed}`);
  const violations: Violation[] = [];
  const time = createVirtualTime(START_MS, onThrown);
  const trace = createTrace(time.nowMs, onLine);
  const history = createFeedHistory();
  const progress = createProgressCheck();
  const ledgers = new Map<string, BookedEntry[]>();
  const touched = new Set<TillMachine>();
  const lives = { hq: 0 };
  const hqs: HqMachine[] = [];
  const folder = mkdtempSync(join(options.root, `seed-${seed}-`));
  let timeline = '';
  let kept: { readonly head: number; readonly atMs: number } | undefined;
  /** When each incarnation was first up. */
  const registered = new Map<string, number>();
  /** Incarnations that were registered after the backup to which headquarters went back: a person registers them again. */
  const unknown = new Set<string>();

  function violate(found: readonly Violation[]): void {
    for (const one of found) {
      if (violations.length >= VIOLATIONS_MAX) return;
      if (violations.some(({ detail }) => detail === one.detail)) continue;
      violations.push(one);
      trace.note('CHECK', `${one.invariant} violated: ${one.detail}`);
    }
  }
  function onThrown(error: unknown): void {
    if (error instanceof ProcessEnded) return;
    violate([{ invariant: 'broken', detail: stackOf(error) }]);
  }
  const onRejected = (error: unknown): void => {
    // What a process that has ended still holds in its hands fails on its closed files.
    if (error instanceof ProcessEnded || String(error).includes('not open')) return;
    onThrown(error);
  };
  /** The simulation cannot go on. */
  function fail(error: unknown): void {
    const invariant = error instanceof NoRest ? 'simulator' : 'broken';
    violate([{ invariant, detail: stackOf(error) }]);
  }
  process.on('unhandledRejection', onRejected);
  process.on('uncaughtException', onRejected);

  await engine.bringBack('chain');
  await history.capture(engine.db);
  history.commit();
  await readTimeline();

  async function readTimeline(): Promise<void> {
    const [row] = await engine.db.query<{ value: string }>(
      "SELECT value FROM hq_meta WHERE name = 'timeline'",
    );
    timeline = row?.value ?? '';
  }

  const primary = (): HqMachine | undefined => {
    const up = hqs.filter((hq) => hq.isUp);
    return up.length <= 1 ? up[0] : up[chance.below(up.length)];
  };
  async function startHqNow(name: string): Promise<void> {
    lives.hq += 1;
    const made = await startHqMachine({
      name,
      engine,
      time,
      chance: chance.split(`hq-${lives.hq}`),
      keysFolder: join(options.root, 'keys'),
      trace,
      skewMs: 0,
      onBatch: (session) => history.capture(session),
      onCommitted: history.commit,
      onRolledBack: history.drop,
      onKilled() {
        for (const till of tills) till.line.hqGone(chance.happens(0.3));
      },
    });
    hqs.push(made);
  }
  function inBackground(what: string, work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      trace.note('world', `${what}: ${String(error)}`);
    });
  }

  const tills: TillMachine[] = Array.from({ length: options.tills }, (_, nth) => {
    const name = `t${nth + 1}`;
    const storeId = storeIdOf(nth % stores);
    return createTillMachine({
      name,
      storeId,
      folder: join(folder, name),
      template: join(options.root, 'template'),
      time,
      chance: chance.split(name),
      trace,
      hq: primary,
      async ticket() {
        const hq = primary();
        assert(hq !== undefined, 'a ticket is made at headquarters');
        const made = await issueTicket(
          hq.deps(),
          { tillId: name as never, storeId },
          { url: HQ_URL, ca: null },
        );
        assert(made.ok, 'a ticket is made');
        return made.value;
      },
      onTouched: (till) => touched.add(till),
      onAdopting(till) {
        if (chance.happens(0.3)) killAt(till, chance.between(1, 150));
      },
      onBooked(till, entries) {
        const name = `${till.name}/${till.store().incarnation}`;
        const own = ledgers.get(name) ?? [];
        ledgers.set(name, own);
        for (const entry of entries) {
          if (entry.seq <= own.length && own[entry.seq - 1]?.hash === entry.hash) continue;
          // Sold on a disk that was put back, under a number that was used before: either may be what counts.
          if (forked.has(name)) {
            others.add(`${name}/${entry.seq}/${entry.hash}`);
            continue;
          }
          if (entry.seq !== own.length + 1)
            violate([{ invariant: 'I1', detail: `${name}: ${entry.seq} follows ${own.length}` }]);
          own.push(entry);
          trace.note(till.name, `entry ${entry.seq}`);
        }
        touched.add(till);
      },
    });
  });

  function killAt(till: TillMachine, nth: number): void {
    endAt(till.dataDir(), nth, () => {
      till.kill();
      time.after(1_000, () => world.startTill(till));
    });
  }
  const world: World = {
    time,
    trace,
    tills,
    startTill(till) {
      if (till.isUp || till.isStarting) return;
      till.start().then(
        () => {
          if (!till.isUp) return;
          const name = `${till.name}/${till.store().incarnation}`;
          if (!registered.has(name)) registered.set(name, time.nowMs());
          violate(looking(() => checkContent(till, history, timeline, false)));
        },
        (error: unknown) => {
          if (error instanceof ProcessEnded) return;
          trace.note(till.name, `does not start: ${String(error)}`);
          // On a disk that fails, or without headquarters, it is tried again; nothing else may keep a till from opening.
          if (!(error instanceof NotStarted))
            violate([{ invariant: 'broken', detail: stackOf(error) }]);
          else time.after(2_000, () => world.startTill(till));
        },
      );
    },
    killHq(atStatement) {
      if (atStatement === undefined) for (const hq of hqs.splice(0)) hq.kill();
      else hqs[0]?.killAtStatement(atStatement);
    },
    startHq() {
      if (hqs.some((hq) => hq.isUp)) return;
      inBackground('start of hq', () => startHqNow(`hq${lives.hq + 1}`));
    },
    startSecondHq() {
      if (hqs.length < 2) inBackground('start of hq', () => startHqNow(`hq${lives.hq + 1}`));
    },
    restoreHq() {
      if (kept === undefined) return false;
      const { head, atMs } = kept;
      kept = undefined;
      world.killHq();
      inBackground('restore of hq', async () => {
        time.begin();
        try {
          await engine.bringBack('backup');
          await startNewTimeline(engine.db);
          history.rewind(timeline, head);
          for (const [name, sinceMs] of registered) if (sinceMs >= atMs) unknown.add(name);
          await readTimeline();
          trace.note('world', `hq restored to ${head}`);
        } finally {
          time.end();
        }
        await startHqNow(`hq${lives.hq + 1}`);
      });
      return true;
    },
    keepHq() {
      const { head } = history;
      const beganMs = time.nowMs();
      inBackground('backup of hq', async () => {
        time.begin();
        try {
          await engine.keep('backup');
          kept = { head, atMs: beganMs };
          trace.note('world', `hq backed up at ${head}`);
        } finally {
          time.end();
        }
      });
    },
    killTillAt(till, nth) {
      if (till.isUp) killAt(till, nth);
    },
    putBackTill(till) {
      if (!till.isUp) return;
      const { incarnation } = till.store();
      const proofs = looking(() => till.store().sync.proofs());
      till.kill();
      const image = till.putBack();
      if (image !== undefined) {
        // A session since then has another proof: that is how headquarters tells the copy.
        copied.set(till, { isOlder: !image.proofs.some((proof) => proofs.includes(proof)) });
        forked.add(`${till.name}/${incarnation}`);
        progress.forget(till.name);
        trace.note(till.name, 'disk put back');
      }
      time.after(500, () => world.startTill(till));
    },
    failDisk(till, every) {
      if (till.isUp) failWrites(till.dataDir(), every);
    },
  };
  /** Tills on a disk that was put back; older = headquarters has opened a session for it since. */
  const copied = new Map<TillMachine, { readonly isOlder: boolean }>();
  /** Incarnations that sold under numbers which they had used before: what they hold is not what counts. */
  const forked = new Set<string>();
  const others = new Set<string>();
  /** Whoever stands on an older disk is refused until a person replaces it. */
  function careForCopies(): void {
    for (const till of tills) {
      if (!till.isUp) continue;
      const { state, stopped } = looking(() => till.link().headquarters.facts());
      const copy = copied.get(till);
      if (state === 'online' && copy?.isOlder)
        violate([{ invariant: 'I5', detail: `${till.name}: a disk put back was let in` }]);
      if (state === 'online') copied.delete(till);
      if (stopped === undefined) continue;
      copied.delete(till);
      trace.note(till.name, `refused: ${stopped}; replaced`);
      const name = `${till.name}/${till.store().incarnation}`;
      if (!forked.has(name) && !unknown.has(name))
        violate([{ invariant: 'liveness', detail: `${till.name} was refused: ${stopped}` }]);
      till.kill();
      till.replace();
      time.after(500, () => world.startTill(till));
    }
  }
  function reviveAll(): void {
    world.startHq();
    for (const till of tills) world.startTill(till);
  }
  function healAll(): void {
    for (const till of tills) {
      forgetDisk(till.dataDir());
      till.line.quality = GOOD_LINE;
      till.line.block({ up: false, down: false });
      till.line.trickle(false);
      till.setSkew(0);
    }
    reviveAll();
  }
  const endFaultsLater: (() => void)[] = [];
  const shop = createShop({ time, trace, stores });
  const checkouts = createCheckouts(time, shop, chance.split('shoppers'));
  const office = createOffice({ chance: chance.split('office'), trace, stores });

  /** What must hold after every step. */
  function checkStep(): void {
    for (const till of touched) if (till.isUp) violate(looking(() => progress.check(till)));
    touched.clear();
    violate(checkouts.check());
  }
  async function runUntil(ms: number, stop: () => boolean = () => false): Promise<void> {
    while (violations.length < VIOLATIONS_MAX && !stop() && (await time.step(ms))) checkStep();
  }
  async function checkpoint(whole: boolean): Promise<void> {
    const rows = await readLedger(engine.db);
    violate(looking(() => checkLedgers(rows, { ledgers, others, forked }, tills, whole)));
    for (const till of tills)
      if (till.isUp)
        violate(
          looking(() => [...checkContent(till, history, timeline, whole), ...checkDrift(till)]),
        );
  }
  async function waitForConvergence(withinMs: number): Promise<boolean> {
    const endMs = time.nowMs() + withinMs;
    let nextMs = time.nowMs();
    let calm = 0;
    await runUntil(endMs, () => {
      if (time.nowMs() < nextMs) return false;
      nextMs = time.nowMs() + 500;
      careForCopies();
      calm = looking(() => isConverged(tills, history.head)) ? calm + 1 : 0;
      // The sequencer looks every second: what it has yet to number shows by then.
      return calm > 3;
    });
    return calm > 3;
  }

  try {
    mkdirSync(folder, { recursive: true });
    await startHqNow('hq1');
    await time.settle();
    for (const till of tills) time.after(chance.below(2_000), () => world.startTill(till));
    await runUntil(3_000);

    const bursts = Math.max(2, Math.round((BURSTS_PER_DAY * hours) / 24));
    const perTill = Math.ceil((SALES_PER_DAY * hours) / 24);
    const plan = chance.split('plan');
    for (let burst = 0; burst < bursts && violations.length < VIOLATIONS_MAX; burst += 1) {
      const beginsMs = Math.max(
        time.nowMs(),
        Math.floor(((burst + plan.next() * 0.8) * hours * HOUR_MS) / bursts),
      );
      time.sleepUntil(beginsMs);
      checkouts.slept();
      const endFaults = unleash(world, plan.split(`faults-${burst}`), BURST_MS);
      if (plan.happens(0.3)) time.after(plan.below(BURST_MS), () => world.keepHq());
      for (const till of tills) {
        const count = shareOf(perTill, bursts, burst);
        for (let n = 0; n < count; n += 1)
          time.after(plan.below(BURST_MS), () => checkouts.sell(till));
        if (plan.happens(0.15)) time.after(plan.below(BURST_MS), () => checkouts.takeBack(till));
        if (plan.happens(0.05))
          time.after(plan.below(BURST_MS), () => {
            if (till.isUp) shop.join(till);
          });
      }
      for (let n = plan.below(4); n > 0; n -= 1)
        time.after(plan.below(BURST_MS), () => {
          const hq = primary();
          if (hq !== undefined && office.act(hq) === 'bulk' && plan.happens(0.5))
            world.killTillAt(plan.pick(tills), plan.between(10, 700));
        });
      await runUntil(beginsMs + BURST_MS);
      // Some faults last through the night.
      if (plan.happens(0.7)) {
        endFaults();
        reviveAll();
      } else await runUntil(time.nowMs() + plan.below(3_000));
      if (plan.happens(0.3)) await runUntil(time.nowMs() + plan.below(6_000));
      await time.settle();
      careForCopies();
      await checkpoint(false);
      endFaultsLater.push(endFaults);
    }
    for (const end of endFaultsLater) end();
    healAll();
    await runUntil(time.nowMs() + 2_000);
    for (let round = 0; round < ROUNDS_MAX && checkouts.sellOwed(); round += 1) {
      await time.settle();
      checkStep();
      await runUntil(time.nowMs() + 2_000);
    }
    if (!(await waitForConvergence(LIVENESS_MS)))
      violate([{ invariant: 'liveness', detail: describeTills(tills, history.head) }]);
    else await checkpoint(true);
  } catch (error) {
    fail(error);
  }
  try {
    for (const till of tills) {
      forgetDisk(till.dataDir());
      till.kill();
    }
    for (const hq of hqs) hq.kill();
    await time.settle();
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    fail(error);
  }
  process.off('unhandledRejection', onRejected);
  process.off('uncaughtException', onRejected);
  const entries = [...ledgers.values()].reduce((sum, own) => sum + own.length, 0);
  return {
    seed,
    events: time.events,
    entries,
    sales: checkouts.sales,
    violations,
    tail: trace.tail(),
    hash: trace.hash(),
    lines: trace.lines,
  };
}

/** The nth share of `all` things in `parts` parts. */
function shareOf(all: number, parts: number, nth: number): number {
  return Math.floor(((nth + 1) * all) / parts) - Math.floor((nth * all) / parts);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
