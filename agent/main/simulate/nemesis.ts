import type { Chance } from './chance.ts';
import { GOOD_LINE, type LineQuality } from './line.ts';
import type { TillMachine } from './till-machine.ts';
import type { World } from './world.ts';

const HOUR_MS = 60 * 60_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

/** A kind of fault: begins, and answers how it ends. */
type Fault = (world: World, chance: Chance, spanMs: number) => () => void;

function subset(world: World, chance: Chance): TillMachine[] {
  const some = world.tills.filter(() => chance.happens(0.4));
  return some.length > 0 ? some : [chance.pick(world.tills)];
}

const FAULTS = {
  /** Each request has its own small misfortune. */
  noise: {
    weight: 4,
    run(world, chance) {
      const share = () => (chance.happens(0.5) ? chance.next() * 0.12 : 0);
      const quality: LineQuality = {
        latencyMs: [5, chance.pick([60, 400, 2_000])],
        lost: share(),
        replyLost: share(),
        repeated: share(),
        portal: share() / 2,
        truncated: share(),
        cut: share() / 2,
        stale: share(),
      };
      for (const till of world.tills) till.line.quality = quality;
      return () => {
        for (const till of world.tills) till.line.quality = GOOD_LINE;
      };
    },
  },
  /** A random subset is clogged one by one and let go in another order. */
  swizzle: {
    weight: 3,
    run(world, chance, spanMs) {
      const some = subset(world, chance);
      for (const till of some) {
        world.time.after(chance.below(spanMs / 2), () => {
          world.trace.note(till.name, 'line clogged');
          till.line.block({ up: true, down: true });
        });
        world.time.after(spanMs / 2 + chance.below(spanMs / 2), () => {
          world.trace.note(till.name, 'line free');
          till.line.block({ up: false, down: false });
        });
      }
      return () => {
        for (const till of some) till.line.block({ up: false, down: false });
      };
    },
  },
  /** A proxy keeps lines of the feed and sends them again. */
  proxy: {
    weight: 1,
    run(world) {
      for (const till of world.tills) till.line.quality = { ...GOOD_LINE, stale: 0.4 };
      return () => {
        for (const till of world.tills) till.line.quality = GOOD_LINE;
      };
    },
  },
  'one-way': {
    weight: 2,
    run(world, chance) {
      const some = subset(world, chance);
      const up = chance.happens(0.5);
      for (const till of some) till.line.block({ up, down: !up });
      return () => {
        for (const till of some) till.line.block({ up: false, down: false });
      };
    },
  },
  reset: {
    weight: 2,
    run(world, chance, spanMs) {
      for (const till of subset(world, chance))
        world.time.after(chance.below(spanMs), () => till.line.reset(chance.happens(0.4)));
      return () => {};
    },
  },
  trickle: {
    weight: 1,
    run(world, chance) {
      const some = subset(world, chance);
      for (const till of some) till.line.trickle(true);
      return () => {
        for (const till of some) till.line.trickle(false);
      };
    },
  },
  'till-kill': {
    weight: 3,
    run(world, chance, spanMs) {
      for (const till of subset(world, chance))
        world.time.after(chance.below(spanMs / 2), () => {
          till.kill();
          world.time.after(chance.between(100, 3_000), () => world.startTill(till));
        });
      return () => {};
    },
  },
  'till-kill-within': {
    weight: 3,
    run(world, chance, spanMs) {
      for (const till of subset(world, chance))
        world.time.after(chance.below(spanMs / 2), () =>
          world.killTillAt(till, chance.between(1, 120)),
        );
      return () => {};
    },
  },
  'disk-fails': {
    weight: 1,
    run(world, chance) {
      const some = subset(world, chance);
      for (const till of some) world.failDisk(till, chance.between(3, 40));
      return () => {
        for (const till of some) world.failDisk(till, 0);
      };
    },
  },
  'hq-kill': {
    weight: 2,
    run(world, chance, spanMs) {
      world.time.after(chance.below(spanMs / 2), () => {
        world.killHq(chance.happens(0.7) ? chance.between(1, 60) : undefined);
        world.time.after(chance.between(500, 4_000), () => {
          world.killHq();
          world.startHq();
        });
      });
      return () => {};
    },
  },
  'second-hq': {
    weight: 1,
    run(world) {
      world.startSecondHq();
      return () => {};
    },
  },
  'hq-restored': {
    weight: 2,
    run(world, chance, spanMs) {
      world.time.after(chance.below(spanMs / 2), () => world.restoreHq());
      return () => {};
    },
  },
  /** A disk image is put back after more was sold: a copy, as far as headquarters can tell. */
  'till-put-back': {
    weight: 2,
    run(world, chance, spanMs) {
      const till = chance.pick(world.tills);
      world.time.after(chance.below(spanMs / 4), () => {
        if (!till.isUp) return;
        till.image();
        // The next session has another proof than the image.
        till.kill();
        world.time.after(200, () => world.startTill(till));
      });
      world.time.after((spanMs * 3) / 4 + chance.below(spanMs / 4), () => world.putBackTill(till));
      return () => {};
    },
  },
  'slow-disk': {
    weight: 2,
    run(world, chance) {
      const some = subset(world, chance);
      for (const till of some) world.slowDisk(till, chance);
      return () => {
        for (const till of some) world.failDisk(till, 0);
      };
    },
  },
  'files-damaged': {
    weight: 1,
    run(world, chance, spanMs) {
      const till = chance.pick(world.tills);
      world.time.after(chance.below(spanMs), () => world.damageFiles(till, chance));
      return () => {};
    },
  },
  /** A disk that lies about what it has flushed. */
  'log-cut': {
    weight: 1,
    run(world, chance, spanMs) {
      for (const till of subset(world, chance))
        world.time.after(chance.below(spanMs), () => world.cutLog(till, chance));
      return () => {};
    },
  },
  'journal-damaged': {
    weight: 1,
    run(world, chance, spanMs) {
      for (const till of subset(world, chance))
        world.time.after(chance.below(spanMs), () => world.damageJournal(till, chance));
      return () => {};
    },
  },
  'hq-rows-damaged': {
    weight: 1,
    run(world, chance, spanMs) {
      for (let n = chance.between(1, 3); n > 0; n -= 1)
        world.time.after(chance.below(spanMs), () => world.damageHq(chance));
      return () => {};
    },
  },
  'rows-damaged': {
    weight: 1,
    run(world, chance, spanMs) {
      const till = chance.pick(world.tills);
      for (let n = chance.between(1, 3); n > 0; n -= 1)
        world.time.after(chance.below(spanMs), () => world.damageRows(till, chance));
      return () => {};
    },
  },
  /** A folder is copied to a second machine, and both sell. */
  clone: {
    weight: 1,
    run(world, chance, spanMs) {
      const till = chance.pick(world.tills);
      world.time.after(chance.below(spanMs / 2), () => world.clone(till));
      return () => world.endClone(till);
    },
  },
  clock: {
    weight: 2,
    run(world, chance) {
      const some = subset(world, chance);
      for (const till of some) {
        till.setSkew(chance.pick([-YEAR_MS, -HOUR_MS, -60_000, 60_000, HOUR_MS, YEAR_MS]));
        world.trace.note(till.name, `clock off by ${till.skewMs / 60_000} min`);
      }
      return () => {
        for (const till of some) till.setSkew(0);
      };
    },
  },
} as const satisfies Readonly<Record<string, { readonly weight: number; readonly run: Fault }>>;

/** Kinds of faults. */
export type FaultName = keyof typeof FAULTS;

const WEIGHTED = (Object.keys(FAULTS) as FaultName[]).flatMap((name) =>
  Array.from({ length: FAULTS[name].weight }, () => name),
);

/**
 * Begins up to three faults that last for `spanMs`.
 * @param kinds the faults that there are; absent = all
 * @returns ends them
 */
export function unleash(
  world: World,
  chance: Chance,
  spanMs: number,
  kinds?: readonly FaultName[],
): () => void {
  const pool = WEIGHTED.filter((name) => kinds?.includes(name) ?? true);
  const count = chance.happens(0.15) || pool.length === 0 ? 0 : chance.between(1, 3);
  const names = Array.from({ length: count }, () => chance.pick(pool));
  const ends = names.map((name) => {
    world.trace.note('nemesis', `${name} begins`);
    return FAULTS[name].run(world, chance.split(name), spanMs);
  });
  return () => {
    for (const end of ends) end();
    if (names.length > 0) world.trace.note('nemesis', 'all faults end');
  };
}
