import { type PointsLot, pointsLotSchema } from '../../agent/contract/member.ts';
import { type EarnedPoints, earnIntoLots } from '../../agent/domain/points/earn-into-lots.ts';
import { payDebts, spendFromLots } from '../../agent/domain/points/lots.ts';
import { type SaleMove, undoByBucket } from '../../agent/domain/points/undo-by-bucket.ts';
import { createPrng, type Prng } from '../../demo/prng.ts';

const TODAY = '2026-11-21';
const DAYS = ['2026-11-20', TODAY, '2026-11-22', '2027-01-01', undefined];
const BUCKETS = ['base', 'green'];

export interface LotsDisagreement {
  readonly seed: number;
  readonly about: 'spend' | 'earn' | 'undo' | 'pay';
  readonly given: unknown;
  readonly engine: unknown;
  readonly oracle: unknown;
}

/** Compares what becomes of lots with a count of single points, draw after draw. */
export function lotsDisagreement(firstSeed: number, draws: number): LotsDisagreement | null {
  for (let seed = firstSeed; seed < firstSeed + draws; seed += 1) {
    const prng = createPrng(seed);
    const found = spends(prng, seed) ?? earns(prng, seed) ?? undoes(prng, seed) ?? pays(prng, seed);
    if (found !== null) return found;
  }
  return null;
}

function tell(
  seed: number,
  about: LotsDisagreement['about'],
  given: unknown,
  engine: unknown,
  oracle: unknown,
): LotsDisagreement | null {
  return JSON.stringify(engine) === JSON.stringify(oracle)
    ? null
    : { seed, about, given, engine, oracle };
}

/** Oldest expiry first (section 4, "Points"): one point after the other from the lot that expires first on that day. */
function spends(prng: Prng, seed: number): LotsDisagreement | null {
  const lots = drawLots(prng);
  const points = prng.between(0, 30);
  const bucket = prng.pick(BUCKETS);
  const left = new Map(lots.map((lot) => [lot, lot.points]));
  const taken = new Map<string, number>();
  let owed = 0;
  for (let point = 0; point < points; point += 1) {
    const next = firstOf(
      lots.filter(
        (lot) =>
          lot.bucket === bucket &&
          (left.get(lot) ?? 0) > 0 &&
          (lot.expiresOn === undefined || TODAY <= lot.expiresOn) &&
          (lot.availableOn === undefined || lot.availableOn <= TODAY),
      ),
    );
    if (next === undefined) owed += 1;
    else {
      left.set(next, (left.get(next) ?? 0) - 1);
      taken.set(next.lotId, (taken.get(next.lotId) ?? 0) - 1);
    }
  }
  const moves = [...taken].map(([lotId, delta]) => ({ lotId, delta }));
  const engine = spendFromLots(lots, points, TODAY, bucket);
  return tell(seed, 'spend', { lots, points, bucket }, engine, { moves, owed });
}

/** Each point earned pays off a point owed of its category first; those that wait longest go before the others. */
function earns(prng: Prng, seed: number): LotsDisagreement | null {
  const lots = drawLots(prng);
  const earned = Array.from(
    { length: prng.between(1, 4) },
    (): EarnedPoints => ({
      bucket: prng.pick(BUCKETS),
      points: prng.between(1, 12),
      ...(prng.chance(5_000) ? { pendingDays: prng.pick([3, 14]) } : {}),
    }),
  );
  const left = new Map(lots.map((lot) => [lot, lot.points]));
  const made = new Map<string, number>();
  const paid = new Map<string, number>();
  const single = earned
    .flatMap(({ bucket, points, pendingDays = 0 }) =>
      Array.from({ length: points }, () => ({ bucket, pendingDays })),
    )
    .sort((a, b) => b.pendingDays - a.pendingDays);
  for (const { bucket, pendingDays } of single) {
    const owed = firstOf(lots.filter((lot) => lot.bucket === bucket && (left.get(lot) ?? 0) < 0));
    if (owed === undefined) {
      const name = `${bucket} ${pendingDays}`;
      made.set(name, (made.get(name) ?? 0) + 1);
    } else {
      left.set(owed, (left.get(owed) ?? 0) + 1);
      paid.set(owed.lotId, (paid.get(owed.lotId) ?? 0) + 1);
    }
  }
  const engine = earnIntoLots(lots, earned);
  return tell(
    seed,
    'earn',
    { lots, earned },
    {
      made: engine.lots
        .map(({ bucket, pendingDays, points }) => `${bucket} ${pendingDays}: ${points}`)
        .sort(),
      paid: engine.setOff.map(({ lotId, delta }) => `${lotId}: ${delta}`).sort(),
    },
    {
      made: [...made].map(([name, points]) => `${name}: ${points}`).sort(),
      paid: [...paid].map(([lotId, points]) => `${lotId}: ${points}`).sort(),
    },
  );
}

/** Partial returns undo each point of a sale's movements once, of each category in the order in which they were made. */
function undoes(prng: Prng, seed: number): LotsDisagreement | null {
  const moves = Array.from(
    { length: prng.between(1, 6) },
    (_, nth): SaleMove => ({
      lotId: `M${nth}`,
      delta: prng.between(1, 9) * prng.pick([-1, 1]),
      bucket: prng.pick(BUCKETS),
    }),
  );
  const waiting = moves.flatMap(({ delta, bucket }, move) =>
    Array.from({ length: Math.abs(delta) }, () => ({ move, kind: `${delta > 0} ${bucket}` })),
  );
  const already = moves.map(() => 0);
  while (waiting.length > 0) {
    const wanted = { earned: {} as Record<string, number>, spent: {} as Record<string, number> };
    const undone = moves.map(() => 0);
    for (const bucket of BUCKETS) {
      for (const side of ['earned', 'spent'] as const) {
        const kind = `${side === 'earned'} ${bucket}`;
        const count = prng.between(0, waiting.filter((point) => point.kind === kind).length);
        wanted[side][bucket] = count;
        for (let nth = 0; nth < count; nth += 1) {
          const at = waiting.findIndex((point) => point.kind === kind);
          const [point] = waiting.splice(at, 1);
          if (point !== undefined) undone[point.move] = (undone[point.move] ?? 0) + 1;
        }
      }
    }
    const engine = undoByBucket(moves, already, wanted);
    const found = tell(seed, 'undo', { moves, already, wanted }, engine, undone);
    if (found !== null) return found;
    undone.forEach((points, move) => {
      already[move] = (already[move] ?? 0) + points;
    });
  }
  return null;
}

/** Each point owed is paid by a point of its category that can be spent, both in spending order, as far as there are any. */
function pays(prng: Prng, seed: number): LotsDisagreement | null {
  const lots = drawLots(prng);
  const left = new Map(lots.map((lot) => [lot, lot.points]));
  const pointsOf = (lot: PointsLot): number => left.get(lot) ?? 0;
  for (const bucket of BUCKETS) {
    const own = lots.filter((lot) => lot.bucket === bucket);
    for (;;) {
      const owed = firstOf(own.filter((lot) => pointsOf(lot) < 0));
      const payer = firstOf(
        own.filter(
          (lot) =>
            pointsOf(lot) > 0 &&
            (lot.expiresOn === undefined || TODAY <= lot.expiresOn) &&
            (lot.availableOn === undefined || lot.availableOn <= TODAY),
        ),
      );
      if (owed === undefined || payer === undefined) break;
      left.set(owed, pointsOf(owed) + 1);
      left.set(payer, pointsOf(payer) - 1);
    }
  }
  const moved = new Map<string, number>();
  for (const { lotId, delta } of payDebts(lots, TODAY))
    moved.set(lotId, (moved.get(lotId) ?? 0) + delta);
  const engine = lots.map(({ lotId, points }) => `${lotId}: ${points + (moved.get(lotId) ?? 0)}`);
  return tell(
    seed,
    'pay',
    lots,
    engine,
    lots.map((lot) => `${lot.lotId}: ${pointsOf(lot)}`),
  );
}

function drawLots(prng: Prng): PointsLot[] {
  return Array.from({ length: prng.between(0, 6) }, (_, nth) =>
    pointsLotSchema.parse({
      lotId: `L${prng.below(100)}x${nth}`,
      memberId: 'M1',
      points: prng.pick([-4, -1, 0, 1, 3, 9]),
      earnedAt: prng.pick(['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z']),
      expiresOn: prng.pick(DAYS),
      availableOn: prng.chance(3_000) ? prng.pick(DAYS) : undefined,
      bucket: prng.pick(BUCKETS),
      source: 'drawn',
    }),
  );
}

/** The lot that expires first, one that never does last; of equal ones the older, then the lower id. */
function firstOf(lots: readonly PointsLot[]): PointsLot | undefined {
  const key = (lot: PointsLot): string =>
    `${lot.expiresOn ?? 'never'} ${lot.earnedAt} ${lot.lotId}`;
  return lots.reduce<PointsLot | undefined>(
    (best, lot) => (best === undefined || key(lot) < key(best) ? lot : best),
    undefined,
  );
}
