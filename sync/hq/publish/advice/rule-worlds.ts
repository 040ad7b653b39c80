import type { Condition } from '../../../../agent/contract/condition.ts';
import type { Rule, Window } from '../../../../agent/contract/rules.ts';
import { possible } from './possible.ts';
import { ints, TRUE, type ValueSet } from './value-set.ts';
import { both, EVERYWHERE, type Worlds, where, worldsOf } from './worlds.ts';

/** Later than every moment of a day that can be written. */
const LAST_MOMENT = 99_991_231 * 100_000 + 86_400;

/** All ways in which the gate of a rule can be open: its condition, its window and, where it needs one, a member. */
export function ruleWorlds(rule: Rule): Worlds {
  const condition =
    rule.condition === null ? EVERYWHERE : worldsOf(withSelectors(rule.condition, rule));
  const member = needsMember(rule) ? where({ 'member.known': TRUE }) : EVERYWHERE;
  return possible([condition, windowWorlds(rule.window), member].reduce(both));
}

/** Points, tiers and uses counted by member presuppose one. */
function needsMember({ lane, effect, limits }: Rule): boolean {
  return (
    lane === 'points-earn' ||
    effect.kind === 'points-redeem' ||
    effect.kind === 'spend-tier' ||
    effect.kind === 'month-ladder' ||
    limits.some(({ scope }) => scope.startsWith('member'))
  );
}

/** When a window is open. */
export function windowWorlds({ from, to, weekdays, daily }: Window = {}): Worlds {
  const facts: Record<string, ValueSet> = {};
  if (from !== undefined || to !== undefined) {
    const [first, last] = [from ?? '0001-01-01', to ?? '9999-12-31'];
    // After midnight a business day may still be the one before.
    const earliest = isDay(first) ? dateOf(first) : dateOf(dayBefore(first));
    facts['now.date'] = ints([earliest, dateOf(last)]);
    if (!isDay(first) || !isDay(last))
      facts['now.moment'] = ints([momentOf(first, 0), momentOf(last, LAST_MOMENT)]);
  }
  if (weekdays !== undefined)
    facts['now.weekday'] = ints(...weekdays.map((day) => [day, day] as const));
  if (daily !== undefined) {
    const [start, end] = [minuteOf(daily.from), minuteOf(daily.to) - 1];
    facts['now.minuteOfDay'] = start <= end ? ints([start, end]) : ints([0, end], [start, 1_439]);
  }
  return where(facts);
}

/** Selectors are known by what they choose: two rules may call the same lines by different names. */
function withSelectors(node: Condition, rule: Rule): Condition {
  switch (node.op) {
    case 'call':
      return { ...node, selector: JSON.stringify(rule.select[node.selector] ?? node.selector) };
    case 'not':
    case 'neg':
      return { ...node, arg: withSelectors(node.arg, rule) };
    case 'and':
    case 'or':
      return { ...node, args: node.args.map((arg) => withSelectors(arg, rule)) };
    case 'list':
      return { ...node, items: node.items.map((item) => withSelectors(item, rule)) };
    case 'exists':
    case 'all':
      return {
        ...node,
        over: withSelectors(node.over, rule),
        body: withSelectors(node.body, rule),
      };
    case 'bool':
    case 'int':
    case 'string':
    case 'var':
    case 'local':
    case 'has':
      return node;
    default:
      return {
        ...node,
        left: withSelectors(node.left, rule),
        right: withSelectors(node.right, rule),
      };
  }
}

/** Day and second of the day in one integer, as the engine compares them; `dayAlone` where the text has no time. */
function momentOf(text: string, dayAlone: number): number {
  if (isDay(text)) return dayAlone;
  const [hour = 0, minute = 0, second = 0] = text.slice(11).split(':').map(Number);
  return dateOf(text) * 100_000 + hour * 3_600 + minute * 60 + second;
}

function isDay(text: string): boolean {
  return text.length === 10;
}

function dateOf(text: string): number {
  return Number(text.slice(0, 10).replaceAll('-', ''));
}

function dayBefore(text: string): string {
  return new Date(Date.parse(`${text.slice(0, 10)}T00:00:00Z`) - 86_400_000).toISOString();
}

function minuteOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
}
