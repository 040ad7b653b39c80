import type { Calendar, Scene } from '../../contract/calendar.ts';
import type { LocalTime } from '../../contract/evaluation-input.ts';
import { businessDate } from '../benefits/local-time.ts';
import { dayText } from './day.ts';

export const SCENE_UNKNOWN: Scene = { tags: [], known: false };

/** What a calendar says of the business day of a moment; without a calendar nothing is known. */
export function sceneOf(calendar: Calendar | undefined, now: LocalTime): Scene {
  const day = dayText(businessDate(now).date);
  const days = calendar?.days ?? {};
  const tags = Object.hasOwn(days, day) ? days[day] : undefined;
  return tags === undefined ? SCENE_UNKNOWN : { tags: [...tags], known: true };
}
