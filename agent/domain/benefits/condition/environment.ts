import { BASKET_MAX_LINES, LINE_MAX_QUANTITY } from '../../../contract/basket.ts';
import type { ReasonCode } from '../../../contract/evaluation.ts';
import { DAYS_SINCE_NEVER } from '../../../contract/evaluation-input.ts';
import type { Channel } from '../../../contract/member.ts';
import { MONEY_MAX_MINOR, POINTS_MAX } from '../../../contract/money.ts';
import { ownValue } from '../own-value.ts';
import type { ConditionFacts } from './condition-facts.ts';

export type ProfileType = 'bool' | 'int' | 'string' | 'list<string>' | 'list<int>';

/** Which reason a failing comparison of this value gives: `atLeast` for > and >=, `atMost` for < and <=. */
export interface ReasonRow {
  readonly atLeast: ReasonCode;
  readonly atMost: ReasonCode;
  readonly other: ReasonCode;
}

interface Row {
  readonly type: ProfileType;
  /** Smallest and largest value; the proof that integers stay exact rests on them. */
  readonly range?: readonly [number, number];
  readonly reason: ReasonRow;
  /** Changes while the lanes run; such terms are tested when the rule's step starts. */
  readonly dynamic?: true;
  /** What the value means, for the authoring reference. */
  readonly note: string;
}

export interface Variable extends Row {
  readonly read: (facts: ConditionFacts) => boolean | number | string | readonly string[];
  /** Lists that have a set beside them for membership tests. */
  readonly readSet?: (facts: ConditionFacts) => ReadonlySet<string>;
  /** Whether the fact is there at all, for `has()`. */
  readonly given: (facts: ConditionFacts) => boolean;
}

export interface Aggregate extends Row {
  readonly read: (facts: ConditionFacts, selector: number) => number | boolean;
}

const UNITS_MAX = BASKET_MAX_LINES * LINE_MAX_QUANTITY;
const MONEY = [0, MONEY_MAX_MINOR] as const;
const always = (): boolean => true;
const known = (facts: ConditionFacts): boolean => facts.member !== null;
const NOBODY: readonly string[] = [];

function one(code: ReasonCode): ReasonRow {
  return { atLeast: code, atMost: code, other: code };
}
function bounds(atLeast: ReasonCode, atMost: ReasonCode): ReasonRow {
  return { atLeast, atMost, other: atLeast };
}

/**
 * Every name a condition may use. A guest has the empty tier, no groups, no tags and no orders, so that each
 * variable always has a value and a condition can never fail to answer; `has(member.x)` tells the difference.
 */
export const VARIABLES: Readonly<Record<string, Variable>> = {
  'member.known': {
    type: 'bool',
    reason: one('member-unknown'),
    note: 'a member is identified',
    read: known,
    given: always,
  },
  'member.tier': {
    type: 'string',
    reason: one('member-tier'),
    note: 'member tier; empty for a guest',
    read: (facts) => facts.member?.tier ?? '',
    given: (facts) => (facts.member?.tier ?? '') !== '',
  },
  'member.groups': {
    type: 'list<string>',
    reason: one('member-group'),
    note: 'customer groups',
    read: (facts) => facts.member?.groups ?? NOBODY,
    readSet: (facts) => facts.groups,
    given: known,
  },
  'member.tags': {
    type: 'list<string>',
    reason: one('member-tag'),
    note: 'tags',
    read: (facts) => facts.member?.tags ?? NOBODY,
    readSet: (facts) => facts.tags,
    given: known,
  },
  'member.completedOrders': {
    type: 'int',
    range: [0, POINTS_MAX],
    reason: one('order-number'),
    note: 'sales completed before this one',
    read: (facts) => facts.member?.completedOrders ?? 0,
    given: known,
  },
  'member.yearSpendMinor': {
    type: 'int',
    range: MONEY,
    reason: bounds('min-year-spend', 'max-year-spend'),
    note: 'spend of the running year before this sale, minor units',
    read: (facts) => facts.member?.yearSpendMinor ?? 0,
    given: known,
  },
  'member.monthSpendMinor': {
    type: 'int',
    range: MONEY,
    reason: bounds('min-month-spend', 'max-month-spend'),
    note: 'spend of the running month before this sale, minor units',
    read: (facts) => facts.member?.monthSpendMinor ?? 0,
    given: known,
  },
  'member.lastMonthSpendMinor': {
    type: 'int',
    range: MONEY,
    reason: bounds('min-last-month-spend', 'max-last-month-spend'),
    note: 'spend of the month before, minor units',
    read: (facts) => facts.member?.earlierMonthsMinor?.[0] ?? 0,
    given: known,
  },
  'member.daysSinceStore': daysSince('store', 'in a store'),
  'member.daysSinceOnline': daysSince('online', 'in the web shop'),
  'member.daysSinceApp': daysSince('app', 'in the app'),
  'member.birthdayToday': {
    type: 'bool',
    reason: one('birthday'),
    note: 'today is the birthday',
    read: (facts) => facts.member?.birthdayToday ?? false,
    given: known,
  },
  'member.birthdayMonth': {
    type: 'bool',
    reason: one('birthday'),
    note: 'the birthday is in this month',
    read: (facts) => facts.member?.birthdayMonth ?? false,
    given: known,
  },
  'basket.listMinor': {
    type: 'int',
    range: MONEY,
    reason: bounds('min-subtotal', 'max-subtotal'),
    note: 'basket at list price, minor units',
    read: (facts) => facts.listMinor,
    given: always,
  },
  'basket.runningMinor': {
    type: 'int',
    range: MONEY,
    dynamic: true,
    reason: bounds('min-running-subtotal', 'max-running-subtotal'),
    note: 'basket after earlier steps, minor units',
    read: (facts) => facts.runningMinor,
    given: always,
  },
  'basket.qty': {
    type: 'int',
    range: [0, UNITS_MAX],
    reason: bounds('min-qty', 'max-qty'),
    note: 'units in the basket',
    read: (facts) => facts.qty,
    given: always,
  },
  'basket.channel': {
    type: 'string',
    reason: one('channel'),
    note: 'store, online or app',
    read: (facts) => facts.channel,
    given: always,
  },
  'basket.isReturn': {
    type: 'bool',
    reason: one('return-sale'),
    note: 'the document takes goods back',
    read: (facts) => facts.isReturn,
    given: always,
  },
  codes: {
    type: 'list<string>',
    reason: one('code-missing'),
    note: 'coupon codes presented',
    read: (facts) => facts.codes,
    readSet: (facts) => facts.codeSet,
    given: always,
  },
  'store.id': {
    type: 'string',
    reason: one('store'),
    note: 'store id',
    read: (facts) => facts.storeId,
    given: always,
  },
  'store.tier': {
    type: 'string',
    reason: one('store-tier'),
    note: 'store tier',
    read: (facts) => facts.storeTier,
    given: always,
  },
  'now.date': clock('wrong-date', 101, 9999_12_31, 'yyyymmdd', (facts) => facts.businessDay.date),
  'now.month': clock('wrong-date', 1, 12, 'month 1-12', (facts) => facts.businessDay.month),
  'now.day': clock('wrong-date', 1, 31, 'day of the month', (facts) => facts.businessDay.day),
  'now.weekday': clock(
    'wrong-weekday',
    1,
    7,
    '1 = Monday ... 7 = Sunday',
    (facts) => facts.businessDay.weekday,
  ),
  'now.minuteOfDay': clock(
    'wrong-time',
    0,
    1_439,
    'minute of the store-local day, by the wall clock',
    (facts) => facts.now.minuteOfDay,
  ),
  'scene.known': {
    type: 'bool',
    reason: one('scene-unknown'),
    note: 'the calendar covers the business day',
    read: (facts) => facts.scene.known,
    given: always,
  },
  'scene.tags': {
    type: 'list<string>',
    reason: one('scene'),
    note: 'workday, weekend, holiday, member-day, festival, festival:ID; not in the calendar = the term does not hold',
    read: (facts) => facts.scene.tags,
    given: (facts) => facts.scene.known,
  },
  'weather.tags': {
    type: 'list<string>',
    reason: one('weather'),
    note: "the weather as headquarters feeds it, the chain's own words; unknown = the term does not hold",
    read: (facts) => facts.weather?.tags ?? NOBODY,
    given: (facts) => facts.weather !== null,
  },
};

/** Functions over a named selector of the rule. */
export const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  qty: {
    type: 'int',
    range: [0, UNITS_MAX],
    reason: bounds('min-qty', 'max-qty'),
    note: 'units of the selected lines',
    read: (facts, selector) => facts.sumOf('qty', selector),
  },
  listMinor: {
    type: 'int',
    range: MONEY,
    reason: bounds('min-amount-of', 'max-amount-of'),
    note: 'selected lines at list price, minor units',
    read: (facts, selector) => facts.sumOf('list', selector),
  },
  runningMinor: {
    type: 'int',
    range: MONEY,
    dynamic: true,
    reason: bounds('min-running-amount-of', 'max-running-amount-of'),
    note: 'selected lines after earlier steps, minor units',
    read: (facts, selector) => facts.sumOf('running', selector),
  },
  hasLines: {
    type: 'bool',
    reason: one('contains'),
    note: 'at least one line is selected',
    read: (facts, selector) => facts.selected(selector).length > 0,
  },
};

function daysSince(channel: Channel, where: string): Variable {
  return {
    type: 'int',
    range: [0, DAYS_SINCE_NEVER],
    reason: bounds('min-days-since', 'max-days-since'),
    note: `days since the last purchase ${where}; ${DAYS_SINCE_NEVER} where none is known`,
    read: (facts) => facts.member?.daysSince?.[channel] ?? DAYS_SINCE_NEVER,
    given: (facts) => facts.member?.daysSince?.[channel] !== undefined,
  };
}

function clock(
  code: ReasonCode,
  least: number,
  most: number,
  note: string,
  read: (facts: ConditionFacts) => number,
): Variable {
  return { type: 'int', range: [least, most], reason: one(code), note, read, given: always };
}

/** The row of a variable; conditions are checked before they are compiled, so a missing one is a broken invariant. */
export function variable(name: string): Variable {
  const row = ownValue(VARIABLES, name);
  if (row === undefined)
    throw new Error(`broken invariant: condition names the unknown variable ${name}`);
  return row;
}

/** The row of an aggregate function. */
export function aggregate(name: string): Aggregate {
  const row = ownValue(AGGREGATES, name);
  if (row === undefined)
    throw new Error(`broken invariant: condition names the unknown function ${name}`);
  return row;
}
