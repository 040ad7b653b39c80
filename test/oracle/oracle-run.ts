import {
  LANES,
  type Lane,
  type ReasonCode,
  type RuleStatus,
} from '../../agent/contract/evaluation.ts';
import type { EvaluationInput } from '../../agent/contract/evaluation-input.ts';
import { type DrawnRule, linesOf, selectorOf } from './drawn-rule.ts';
import { least, total } from './fraction.ts';
import { isLineEffect, isOrderEffect, takingOf } from './money-effects.ts';
import { allotmentRefusal, refusalOf } from './oracle-gate.ts';
import type { Taking } from './purse.ts';
import type { Seen } from './wish.ts';

/** How one rule ends. */
export interface End {
  readonly status: RuleStatus;
  readonly code?: ReasonCode;
}

/** The basket while the lanes run. */
export interface Books {
  readonly input: EvaluationInput;
  readonly listMinor: readonly bigint[];
  readonly floorMinor: readonly bigint[];
  runningMinor: bigint[];
  readonly ends: Map<string, End>;
  /** What each applied rule took from each line. */
  readonly taken: Map<string, bigint[]>;
  /** Points that each applied rule spent. */
  readonly pointsSpent: Map<string, bigint>;
  /** The same by category of points. */
  readonly bucketSpent: Map<string, bigint>;
  readonly budgetTaken: Map<string, bigint>;
  readonly allotmentTaken: Map<string, bigint>;
}

export function openBooks(input: EvaluationInput): Books {
  const listMinor = input.lines.map((line) => BigInt(line.qty) * BigInt(line.unitPriceMinor));
  return {
    input,
    listMinor,
    // A floor above the shelf price leaves no room and raises nothing.
    floorMinor: input.lines.map(
      (line) =>
        BigInt(line.qty) * BigInt(Math.min(line.minUnitPriceMinor ?? 0, line.unitPriceMinor)),
    ),
    runningMinor: [...listMinor],
    ends: new Map(),
    taken: new Map(),
    pointsSpent: new Map(),
    bucketSpent: new Map(),
    budgetTaken: new Map(),
    allotmentTaken: new Map(),
  };
}

/** Lane, step, priority number, id. */
export function inRank(rules: readonly DrawnRule[]): DrawnRule[] {
  const place = (lane: Lane): number => LANES.indexOf(lane);
  return [...rules].sort(
    (a, b) =>
      place(a.lane) - place(b.lane) ||
      a.step - b.step ||
      a.priority - b.priority ||
      (a.id < b.id ? -1 : 1),
  );
}

/** The steps of some lanes in order, each with its rules in rank order. */
export function stepsOf(rules: readonly DrawnRule[], lanes: readonly Lane[]): DrawnRule[][] {
  const steps = new Map<string, DrawnRule[]>();
  for (const rule of inRank(rules.filter(({ lane }) => lanes.includes(lane)))) {
    const key = `${rule.lane} ${rule.step}`;
    steps.set(key, [...(steps.get(key) ?? []), rule]);
  }
  return [...steps.values()];
}

/** The rules of a step whose gates hold; the others end here. All are tested before any takes effect. */
export function admitted(step: readonly DrawnRule[], books: Books): DrawnRule[] {
  const before = { ...books, runningMinor: [...books.runningMinor] };
  return step.filter((rule) => {
    const refusal = refusalOf(rule, seenBy(rule, before));
    if (refusal !== null) books.ends.set(rule.id, refusal);
    return refusal === null;
  });
}

function seenBy(rule: DrawnRule, { input, listMinor, runningMinor }: Books): Seen {
  return {
    input,
    listMinor,
    runningMinor,
    selected: (name) => linesOf(rule.select[name] ?? {}, input.lines),
  };
}

/** One step of the lanes that move money. */
export function runMoneyStep(
  step: readonly DrawnRule[],
  all: readonly DrawnRule[],
  books: Books,
): void {
  const atStart = [...books.runningMinor];
  const open = admitted(step, books);
  const groups = new Map<string, DrawnRule[]>();
  for (const rule of open) groups.set(groupOf(rule), [...(groups.get(groupOf(rule)) ?? []), rule]);
  const fullRoom = atStart.map((left, line) => left - (books.floorMinor[line] ?? 0n));
  const wins: { rule: DrawnRule; offer: Taking; only: Set<number> | null }[] = [];
  for (const members of groups.values()) {
    const offers = members.flatMap((rule) => {
      const offer = takingWithin(rule, books, atStart, fullRoom);
      return endsBefore(rule, offer, books) ? [] : [{ rule, offer }];
    });
    const staticMembers = all.filter(
      (rule) =>
        rule.lane === members[0]?.lane &&
        rule.step === members[0].step &&
        groupOf(rule) === groupOf(members[0]),
    );
    const perLine =
      ['price', 'multi-buy'].includes(members[0]?.lane ?? '') && staticMembers.every(isLineEffect);
    const won = new Map<DrawnRule, Set<number> | null>();
    // Alone in its group, a rule takes what it can from all its lines.
    if (perLine && offers.length > 1) {
      books.input.lines.forEach((_, line) => {
        const winner = largest(offers, ({ offer }) => offer.lines[line] ?? 0n);
        if (winner === undefined) return;
        won.set(winner.rule, (won.get(winner.rule) ?? new Set()).add(line));
      });
    } else {
      const winner = largest(offers, ({ offer }) => total(offer.lines));
      if (winner !== undefined) won.set(winner.rule, null);
    }
    for (const { rule, offer } of offers) {
      const only = won.get(rule);
      if (only === undefined) books.ends.set(rule.id, { status: 'lost-to', code: 'lost-to' });
      else wins.push({ rule, offer, only });
    }
  }
  const rank = inRank(wins.map(({ rule }) => rule));
  wins.sort((a, b) => rank.indexOf(a.rule) - rank.indexOf(b.rule));
  for (const { rule, offer, only } of wins) {
    const own = (list: readonly bigint[]): bigint[] =>
      list.map((value, line) => (only === null || only.has(line) ? value : 0n));
    const room = own(books.runningMinor.map((left, line) => left - (books.floorMinor[line] ?? 0n)));
    // What it won, as it was offered; where another group left too little for that, offered again within the rest.
    const won = { ...offer, lines: own(offer.lines) };
    const fits =
      !isOrderEffect(rule) && won.lines.every((minor, line) => minor <= (room[line] ?? 0n));
    const taking = fits ? won : takingWithin(rule, books, atStart, room);
    if (!endsBefore(rule, taking, books)) apply(rule, taking, books);
  }
}

export function groupOf(rule: DrawnRule): string {
  return rule.group ?? rule.id;
}

/** The first of the largest above zero; offers stand in rank order. */
function largest<T>(offers: readonly T[], amount: (offer: T) => bigint): T | undefined {
  let best: T | undefined;
  for (const offer of offers)
    if (amount(offer) > (best === undefined ? 0n : amount(best))) best = offer;
  return best;
}

function takingWithin(
  rule: DrawnRule,
  books: Books,
  atStart: readonly bigint[],
  room: readonly bigint[],
): Taking {
  const { input } = books;
  const spent = total([...books.pointsSpent.values()]);
  const wanted = least(BigInt(input.pointsToSpend) - spent, purseOf(rule, books));
  return takingOf(rule, {
    input,
    base: rule.base === 'list' ? books.listMinor : atStart,
    running: atStart,
    room,
    points: wanted > 0n ? wanted : 0n,
  });
}

/** Points of the rule's own category that are left; one holder keeps those of every category. */
function purseOf({ effect }: DrawnRule, { input, bucketSpent }: Books): bigint {
  const { points } = input.allowances;
  if (effect.kind !== 'points-redeem' || !points.reachable) return 0n;
  const held =
    effect.bucket === 'base'
      ? points.available
      : (input.member?.pointsByBucket[effect.bucket] ?? 0);
  return BigInt(held) - (bucketSpent.get(effect.bucket) ?? 0n);
}

/** Ends a rule whose gates hold but which takes nothing or may not take it. */
function endsBefore(rule: DrawnRule, { lines, points }: Taking, books: Books): boolean {
  const end =
    redeemEnd(rule, points, books) ??
    noEffect(lines) ??
    budgetEnd(rule, lines, books) ??
    allotmentEnd(rule, books);
  if (end !== null) books.ends.set(rule.id, end);
  return end !== null;
}

function noEffect(lines: readonly bigint[]): End | null {
  return total(lines) === 0n ? { status: 'refused', code: 'no-effect' } : null;
}

function redeemEnd({ effect }: DrawnRule, points: bigint, { input }: Books): End | null {
  if (effect.kind !== 'points-redeem') return null;
  if (input.pointsToSpend === 0) return { status: 'not-applicable', code: 'points-not-requested' };
  if (!input.allowances.points.reachable)
    return { status: 'refused', code: 'allowance-unreachable' };
  return points < BigInt(effect.minPoints) ? { status: 'refused', code: 'min-points' } : null;
}

/** Campaign money is granted whole or not at all. */
export function budgetEnd(
  { budget }: DrawnRule,
  lines: readonly bigint[],
  books: Books,
): End | null {
  if (budget === undefined) return null;
  const used =
    BigInt(books.input.budgetsUsedMinor[budget.id] ?? 0) + (books.budgetTaken.get(budget.id) ?? 0n);
  return used + total(lines) > BigInt(budget.limitMinor)
    ? { status: 'refused', code: 'budget' }
    : null;
}

/** One use of the store's allotment, those of this basket counted. */
export function allotmentEnd(rule: DrawnRule, { input, allotmentTaken }: Books): End | null {
  return allotmentRefusal(rule, input, allotmentTaken.get(rule.allotment?.id ?? '') ?? 0n);
}

function apply(rule: DrawnRule, { lines, points }: Taking, books: Books): void {
  books.runningMinor = books.runningMinor.map((left, line) => left - (lines[line] ?? 0n));
  books.taken.set(rule.id, [...lines]);
  if (points > 0n && rule.effect.kind === 'points-redeem') {
    const { bucket } = rule.effect;
    books.pointsSpent.set(rule.id, points);
    books.bucketSpent.set(bucket, (books.bucketSpent.get(bucket) ?? 0n) + points);
  }
  takeBudget(rule, lines, books);
  markApplied(rule, books);
}

export function takeBudget(
  { budget }: DrawnRule,
  lines: readonly bigint[],
  { budgetTaken }: Books,
): void {
  if (budget !== undefined && total(lines) > 0n)
    budgetTaken.set(budget.id, (budgetTaken.get(budget.id) ?? 0n) + total(lines));
}

export function markApplied(rule: DrawnRule, books: Books): void {
  if (rule.allotment !== undefined) {
    const { id } = rule.allotment;
    books.allotmentTaken.set(id, (books.allotmentTaken.get(id) ?? 0n) + 1n);
  }
  books.ends.set(rule.id, { status: 'applied', code: 'applied' });
}

/** Adds points of one category to those of each line. */
export function addByLine(
  byBucket: Map<string, bigint[]>,
  bucket: string,
  parts: readonly bigint[],
): void {
  const before = byBucket.get(bucket) ?? [];
  byBucket.set(
    bucket,
    parts.map((part, line) => (before[line] ?? 0n) + part),
  );
}

/** Lines of a rule's target. */
export function targetOf(rule: DrawnRule, { input }: Books): number[] {
  return linesOf(selectorOf(rule), input.lines);
}
