import { FESTIVAL_TAG_PREFIX } from '../../../../agent/contract/calendar.ts';
import {
  bounds,
  FALSE,
  holds,
  type IntSet,
  intersect,
  ints,
  isEmpty,
  TRUE,
  type ValueSet,
} from './value-set.ts';
import type { World, Worlds } from './worlds.ts';

/** Days of a window that are looked at one by one; in a longer one every weekday and date occurs. */
export const WINDOW_DAYS_MAX = 400;
const DAY_MS = 86_400_000;
const CLOCK_FACTS = ['now.date', 'now.month', 'now.day', 'now.weekday'] as const;

/** The ways that can come about: a guest has no tier, and a weekday has to occur between two dates. */
export function possible({ worlds, exact }: Worlds): Worlds {
  const left = worlds.flatMap((world) => {
    if ([...world.values()].some(isEmpty)) return [];
    const known = withMember(world);
    return known !== null && amountsFit(known) && sceneFits(known) && someDayFits(known)
      ? [known]
      : [];
  });
  return { worlds: left, exact };
}

/** Facts that only a member has make the member known; null where the world asks for a guest as well. */
function withMember(world: World): World | null {
  if (![...world].some(([fact, values]) => needsMember(fact, values))) return world;
  const known = intersect(world.get('member.known') ?? TRUE, TRUE);
  return isEmpty(known) ? null : new Map(world).set('member.known', known);
}

function needsMember(fact: string, values: ValueSet): boolean {
  if (fact === 'member.tier') return !holds(values, '');
  if (
    /^member\.(completedOrders|(year|month|lastMonth)SpendMinor|birthday(Today|Month))$/.test(fact)
  )
    return !holds(values, 0);
  return / in member\.(groups|tags)$/.test(fact) && !holds(values, 0);
}

/** Nothing that is left to pay is more than the list price of the same lines. */
function amountsFit(world: World): boolean {
  for (const [fact, values] of world) {
    const list = fact.replace(/(^basket\.|^)runningMinor/, '$1listMinor');
    const whole = list === fact ? undefined : world.get(list);
    if (values.kind !== 'ints' || whole?.kind !== 'ints') continue;
    if ((bounds(values)?.[0] ?? 0) > (bounds(whole)?.[1] ?? 0)) return false;
  }
  return true;
}

/** A day is a workday or off, never both and never neither; a named festival is a festival. */
function sceneFits(world: World): boolean {
  const asks = (tag: string, wanted: boolean): boolean => {
    const values = world.get(`${JSON.stringify(tag)} in scene.tags`);
    return values !== undefined && !holds(values, wanted ? 0 : 1);
  };
  const off = ['weekend', 'holiday'];
  if (asks('workday', true) && off.some((tag) => asks(tag, true))) return false;
  if (['workday', ...off].every((tag) => asks(tag, false))) return false;
  return !(asks('festival', false) && [...world].some(asksFestival));
}

function asksFestival([fact, values]: [string, ValueSet]): boolean {
  return fact.startsWith(`"${FESTIVAL_TAG_PREFIX}`) && !holds(values, 0);
}

function someDayFits(world: World): boolean {
  const asked = CLOCK_FACTS.filter((fact) => world.has(fact));
  if (asked.length < 2) return true;
  const [from, to] = bounds((world.get('now.date') as IntSet | undefined) ?? ints()) ?? [
    0, 99991231,
  ];
  const first = epochOf(from);
  const days = Math.round((epochOf(to) - first) / DAY_MS) + 1;
  const long = days > WINDOW_DAYS_MAX;
  // In a long window any weekday may meet any date, so one leap year stands for all.
  const start = long ? Date.UTC(2028, 0, 1) : first;
  const facts = long ? asked.filter((fact) => fact === 'now.month' || fact === 'now.day') : asked;
  for (let day = 0; day < (long ? 366 : days); day += 1) {
    const at = new Date(start + day * DAY_MS);
    const [month, date] = [at.getUTCMonth() + 1, at.getUTCDate()];
    const seen = {
      'now.date': at.getUTCFullYear() * 10_000 + month * 100 + date,
      'now.month': month,
      'now.day': date,
      'now.weekday': at.getUTCDay() === 0 ? 7 : at.getUTCDay(),
    };
    if (facts.every((fact) => holds(world.get(fact) ?? FALSE, seen[fact]))) return true;
  }
  return false;
}

function epochOf(date: number): number {
  return Date.UTC(Math.floor(date / 10_000), (Math.floor(date / 100) % 100) - 1, date % 100);
}
