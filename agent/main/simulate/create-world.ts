import type { Bookings } from './bookings.ts';
import type { Chance } from './chance.ts';
import type { Copies } from './copies.ts';
import { cutLog, damageJournal, flipBit, tearLog } from './damage-files.ts';
import { damageRow } from './damage-rows.ts';
import { endAt, failWrites, forgetDisk, looking, onCommits, ProcessEnded } from './disk.ts';
import type { Drift } from './drift.ts';
import type { Findings } from './findings.ts';
import type { Headquarters } from './headquarters.ts';
import { createKeptEntries } from './kept-entries.ts';
import { ledgerOf } from './ledger-of.ts';
import { GOOD_LINE } from './line.ts';
import { NotStarted } from './not-started.ts';
import type { TillMachine } from './till-machine.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { World } from './world.ts';

/** A till whose process has ended in the midst of its work is started again after so long, in milliseconds. */
const RESTART_MS = 1_000;
/** One that could not start, likewise. */
const START_AGAIN_MS = 2_000;
/** A machine is back so long after its disk was put back or replaced, in milliseconds. */
const DISK_DONE_MS = 500;
/** Share of the commits on a slow disk that stand still, and for how long, in milliseconds. */
const SLOW_COMMITS = 0.1;
const STALLS_MS = [50, 400, 2_000, 5_000] as const;
/** Share of the damages to files that a power failure leaves; the others are flipped bits. */
const TORN = 0.6;

export interface WorldOptions {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly tills: readonly TillMachine[];
  readonly headquarters: Headquarters;
  readonly findings: Findings;
  readonly bookings: Bookings;
  readonly copies: Copies;
  readonly drift: Drift;
  /** A second machine with the folder of this one, and what is rung up at it. */
  readonly onCloned: (clone: TillMachine) => void;
  readonly makeClone: (till: TillMachine) => TillMachine;
  /** The till is up. */
  readonly onUp: (till: TillMachine) => void;
  /** What was known of the till's progress counts no more. */
  readonly onWentBack: (till: TillMachine) => void;
}

/** The machines and lines of a chain, and what people do about the faults that befall them. */
export interface TendedWorld extends World {
  /** As `killTillAt`, also for a till on its way up. */
  endAt(till: TillMachine, nth: number): void;
  /** The till asks for a fresh incarnation, and starts again with it where it is given one. */
  renew(till: TillMachine): void;
  /** Starts whatever is down. */
  reviveAll(): void;
  /** Ends everything that is wrong with lines, disks and clocks, and starts whatever is down. */
  healAll(): void;
  /** Replaces or registers again tills that headquarters refuses. */
  careForCopies(): void;
}

export function createWorld(options: WorldOptions): TendedWorld {
  const { time, trace, tills, headquarters, findings, bookings, copies, drift } = options;
  /** Second machines that run, by the first. */
  const clones = new Map<TillMachine, TillMachine>();
  const switchedOff = new Set<TillMachine>();
  /** Tills that go on under a fresh incarnation, with rows that were damaged under the former one. */
  const renewedDamaged = new Set<TillMachine>();
  const kept = createKeptEntries();

  /** Its process ends, its files are damaged, and it starts again. What it has committed is there again where it can be. */
  function damage(
    till: TillMachine,
    chance: Chance,
    how: (dataDir: string, chance: Chance) => string,
  ): void {
    // Until the journal has caught up there is no second copy.
    if (how !== flipBit || kept.isWhole(till)) kept.expect(till);
    if (drift.isDamaged(till)) renewedDamaged.add(till);
    till.kill();
    trace.note(
      till.name,
      looking(() => how(till.dataDir(), chance)),
    );
    time.after(DISK_DONE_MS, () => world.startTill(till));
  }

  const world: TendedWorld = {
    time,
    trace,
    tills,
    startTill(till) {
      if (till.isUp || till.isStarting || switchedOff.has(till)) return;
      till.start().then(
        () => {
          if (!till.isUp) return;
          if (renewedDamaged.delete(till)) drift.damaged(till);
          findings.violate(kept.check(till));
          options.onUp(till);
        },
        (error: unknown) => {
          if (error instanceof ProcessEnded) return;
          trace.note(till.name, `does not start: ${String(error)}`);
          // On a disk that fails, or without headquarters, it is tried again; nothing else may keep a till from opening.
          if (!(error instanceof NotStarted)) findings.onThrown(error);
          else time.after(START_AGAIN_MS, () => world.startTill(till));
        },
      );
    },
    killHq: headquarters.kill,
    startHq: headquarters.start,
    startSecondHq: headquarters.startSecond,
    restoreHq: headquarters.restore,
    keepHq: headquarters.keep,
    killTillAt(till, nth) {
      if (till.isUp) world.endAt(till, nth);
    },
    endAt(till, nth) {
      endAt(till.dataDir(), nth, () => {
        till.kill();
        time.after(RESTART_MS, () => world.startTill(till));
      });
    },
    putBackTill(till) {
      if (!till.isUp) return;
      const name = ledgerOf(till);
      const proofs = looking(() => till.store().sync.proofs());
      till.kill();
      const image = till.putBack();
      if (image !== undefined) {
        // A session since then has another proof: that is how headquarters tells the copy.
        copies.putBack(till, !image.proofs.some((proof) => proofs.includes(proof)), image.atMs);
        for (const ledger of [name, image.ledger]) bookings.fork(ledger);
        options.onWentBack(till);
        trace.note(till.name, 'disk put back');
      }
      time.after(DISK_DONE_MS, () => world.startTill(till));
    },
    failDisk(till, every) {
      if (till.isUp) failWrites(till.dataDir(), every);
    },
    slowDisk(till, chance) {
      if (till.isUp)
        onCommits(till.dataDir(), () => {
          if (chance.happens(SLOW_COMMITS)) till.stall(chance.pick(STALLS_MS));
        });
    },
    damageFiles(till, chance) {
      if (till.isUp) damage(till, chance, chance.happens(TORN) ? tearLog : flipBit);
    },
    cutLog(till, chance) {
      if (!till.isUp || !kept.isWhole(till)) return;
      copies.cutOff(till);
      damage(till, chance, cutLog);
      options.onWentBack(till);
    },
    damageJournal(till, chance) {
      if (till.isUp) damage(till, chance, damageJournal);
    },
    damageHq(chance) {
      headquarters.damage(chance);
      drift.feedDamaged(headquarters.hasLooked);
    },
    damageRows(till, chance) {
      if (!till.isUp || looking(() => till.store().sync.cursor()) === undefined) return;
      const what = till.beside((db) => damageRow(db, chance));
      if (what === undefined) return;
      drift.damaged(till);
      trace.note(till.name, what);
    },
    clone(till) {
      if (!till.isUp || clones.has(till)) return;
      bookings.fork(ledgerOf(till));
      copies.cloned(till);
      const clone = options.makeClone(till);
      clones.set(till, clone);
      trace.note(clone.name, 'a second machine with the same folder');
      world.startTill(clone);
      options.onCloned(clone);
    },
    endClone(till) {
      const clone = clones.get(till);
      clones.delete(till);
      if (clone === undefined) return;
      switchedOff.add(clone);
      clone.kill();
      trace.note(clone.name, 'switched off');
    },
    renew(till) {
      const isWanted = till.store().wantIncarnation();
      trace.note(till.name, `outdated${isWanted ? ', renewed' : ''}`);
      if (!isWanted) return;
      if (drift.isDamaged(till)) renewedDamaged.add(till);
      time.after(0, () => till.kill());
      time.after(RESTART_MS, () => world.startTill(till));
    },
    reviveAll() {
      headquarters.start();
      for (const till of tills) world.startTill(till);
    },
    healAll() {
      for (const till of tills) {
        forgetDisk(till.dataDir());
        till.line.quality = GOOD_LINE;
        till.line.block({ up: false, down: false });
        till.line.trickle(false);
        till.setSkew(0);
        world.endClone(till);
      }
      world.reviveAll();
    },
    careForCopies() {
      for (const [till, clone] of clones) {
        const stopped = clone.isUp
          ? looking(() => clone.link().headquarters.facts()).stopped
          : undefined;
        if (stopped === undefined) continue;
        trace.note(clone.name, `refused: ${stopped}`);
        world.endClone(till);
      }
      findings.violate(
        copies.care(
          tills,
          (till) => {
            till.kill();
            till.replace();
            time.after(DISK_DONE_MS, () => world.startTill(till));
          },
          (till) => {
            till.kill();
            till.registerAgain();
            time.after(RESTART_MS, () => world.startTill(till));
          },
        ),
      );
    },
  };
  return world;
}
