import { type Member, type PointsLot, pointsLotSchema } from '../agent/contract/member.ts';
import { toInstant } from '../agent/contract/time.ts';
import { DAY_MS, dayOf } from './calendar.ts';
import type { Prng } from './prng.ts';

/** Points live for two years, as on the receipts of the demo chain. */
export const LIFE_DAYS = 730;

const LOTS_MAX = 4;

/** Draws 0 to 4 points lots 积分批次 for each member; a merged member has none left. */
export function drawPointsLots(prng: Prng, members: readonly Member[], nowMs: number): PointsLot[] {
  const lots: PointsLot[] = [];
  for (const member of members) {
    if (member.status === 'merged') continue;
    const count = member.completedOrders === 0 ? prng.below(2) : prng.between(1, LOTS_MAX);
    for (let nth = 1; nth <= count; nth += 1) lots.push(drawLot(prng, member, nth, nowMs));
  }
  return lots;
}

function drawLot(prng: Prng, member: Member, nth: number, nowMs: number): PointsLot {
  // One point a yuan: a lot holds up to a quarter of what the year's spend earned.
  const most = Math.max(50, Math.floor(member.yearSpendMinor / 100 / LOTS_MAX));
  const earnedMs = nowMs - prng.between(1, LIFE_DAYS - 5) * DAY_MS;
  const welcome = member.completedOrders === 0;
  const green = !welcome && member.groups.includes('green-club') && nth === 1;
  return pointsLotSchema.parse({
    lotId: `${member.memberId}-lot-${nth}`,
    memberId: member.memberId,
    points: welcome ? 100 : prng.between(10, most),
    earnedAt: toInstant(earnedMs),
    expiresOn: dayOf(earnedMs + LIFE_DAYS * DAY_MS),
    channel: prng.weighted([
      ['store', 7],
      ['app', 2],
      ['online', 1],
    ] as const),
    bucket: green ? 'green' : 'base',
    source: welcome
      ? 'welcome'
      : prng.weighted([
          ['sale', 9],
          ['campaign', 1],
        ] as const),
  });
}
