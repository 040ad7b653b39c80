import type { LaneBoard } from '../contract/index.ts';
import { laneBoard } from '../domain/lane/lane-board.ts';
import type { TillContext } from './context.ts';
import { memberNow } from './member-now.ts';

/** Today's members with a right to the priority lane, from the visits that this till knows. */
export function showLaneBoard(context: TillContext): LaneBoard {
  const { store } = context;
  const visits = store.visits.ofDay(context.businessDay());
  return laneBoard({
    visits: visits.flatMap(({ memberId, firstSeenMs, lastSeenMs, servedMs }) => {
      const member = store.members.byId(memberId);
      if (member === undefined) return [];
      return [{ member: memberNow(context, member), firstSeenMs, lastSeenMs, servedMs }];
    }),
    identifiedToday: visits.length,
    storeId: context.deps.place.store.storeId,
    now: context.local(),
    nowMs: context.nowMs(),
  });
}
