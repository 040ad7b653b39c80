import { err, ok, type Result } from '../../../agent/contract/result.ts';
import type { TillDetail } from '../../protocol/fleet.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import type { HqDeps } from '../deps.ts';
import { readAlarms } from './alarms.ts';
import { type FeedDistance, listTills } from './list-tills.ts';

/** Alarms of one till that are shown, the newest first. */
export const TILL_ALARMS_SHOWN = 50;

/** One till with the alarms that name it; `not-found` = HQ has none of this id. */
export async function showTill(
  deps: Pick<HqDeps, 'db' | 'nowMs'>,
  feed: FeedDistance,
  tillId: string,
): Promise<Result<TillDetail, HqFailure>> {
  const { at, head, tills } = await listTills(deps, feed, tillId);
  const [till] = tills;
  if (till === undefined) return err(hqFailure('not-found', 'tillId'));
  return ok({ at, head, till, alarms: await readAlarms(deps.db, TILL_ALARMS_SHOWN, tillId) });
}
