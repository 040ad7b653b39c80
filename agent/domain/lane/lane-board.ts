import type { LocalTime } from '../../contract/evaluation-input.ts';
import { type LaneBoard, PRIORITY_LANE } from '../../contract/lane.ts';
import type { Entitlement, Member } from '../../contract/member.ts';
import { toInstant } from '../../contract/time.ts';
import { memberFacts } from '../benefits/member-facts.ts';
import { dayText } from '../calendar/day.ts';
import { memberStanding } from '../identify/member-standing.ts';
import { maskName } from '../privacy/mask-name.ts';

/** Members on the board; the longest-waiting are kept. */
export const LANE_BOARD_MAX = 1_000;

/** A member identified at this store today, in epoch milliseconds. */
export interface LaneVisit {
  readonly member: Member;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly servedMs: number | null;
}

export interface LaneBoardInput {
  readonly visits: readonly LaneVisit[];
  /** Everybody identified today, members since erased included. */
  readonly identifiedToday: number;
  readonly storeId: string;
  readonly now: LocalTime;
  readonly nowMs: number;
}

/** Today's members who may use the priority lane at this store: those still waiting first, longest wait on top. */
export function laneBoard(input: LaneBoardInput): LaneBoard {
  const today = dayText(input.now.date);
  const entitled = input.visits
    .filter(({ member }) => memberStanding(member, today) === 'identified')
    .filter(({ member }) =>
      member.entitlements.some((right) => opensLane(right, input.storeId, today)),
    )
    .sort(waitingFirst);
  return {
    asOf: toInstant(input.nowMs),
    identifiedToday: input.identifiedToday,
    members: entitled
      .slice(0, LANE_BOARD_MAX)
      .map(({ member, firstSeenMs, lastSeenMs, servedMs }) => ({
        memberId: member.memberId,
        maskedName: maskName(member.name),
        tier: member.tier,
        firstSeenAt: toInstant(firstSeenMs),
        lastSeenAt: toInstant(lastSeenMs),
        ...(servedMs === null ? {} : { servedAt: toInstant(servedMs) }),
        birthdayToday: memberFacts(member, input.now).birthdayToday,
      })),
  };
}

function opensLane(right: Entitlement, storeId: string, today: string): boolean {
  if (right.kind !== PRIORITY_LANE) return false;
  if (right.validUntil !== undefined && right.validUntil < today) return false;
  return right.storeIds === undefined || right.storeIds.some((id) => id === storeId);
}

function waitingFirst(a: LaneVisit, b: LaneVisit): number {
  const served = Number(a.servedMs !== null) - Number(b.servedMs !== null);
  return served !== 0
    ? served
    : a.firstSeenMs - b.firstSeenMs || (a.member.memberId < b.member.memberId ? -1 : 1);
}
