import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import { assert } from '../../contract/result.ts';
import { BASE_BUCKET } from '../points/lots.ts';
import { overAllotment } from './allowance-gate.ts';
import { spread, sum } from './amounts/spread.ts';
import { spreadPoints } from './amounts/spread-points.ts';
import { take } from './basket-state.ts';
import type { CompiledRule } from './compile-rule-set.ts';
import type { EffectView, Proposal } from './effects/effect-view.ts';
import { addToLine } from './line-buckets.ts';
import { ownValue } from './own-value.ts';
import { takenCode } from './presented-codes.ts';
import { type Run, settleApplied, settleWithout } from './run-state.ts';

/** A rule whose gate is open and what it would take at the amounts its step started with. */
interface Bid {
  readonly compiled: CompiledRule;
  readonly lines: readonly number[];
  readonly view: EffectView;
  readonly proposal: Proposal;
}
/** A bid that won its group; `amounts` where it won only some lines, null for all it proposed. */
interface Winner {
  readonly bid: Bid;
  readonly amounts: readonly number[] | null;
}
/** Amounts of every line when the step starts. */
interface StepStart {
  readonly running: readonly number[];
  readonly room: readonly number[];
}

/**
 * Runs one step of a lane that takes money: every rule bids on the same base, each group has one winner (larger
 * discount, then lower rank), and the winners of all groups apply one after another within what room is left.
 * @param rules of one step whose gates are open, in rank order
 */
export function runMoneyStep(run: Run, rules: readonly CompiledRule[]): void {
  if (rules.length === 0) return;
  const start = { running: run.state.running.slice(), room: run.state.room.slice() };
  const groups = new Map<string, Bid[]>();
  for (const compiled of rules) {
    const bid = makeBid(run, compiled, start);
    if (bid === null) continue;
    const group = groups.get(compiled.rule.group);
    if (group === undefined) groups.set(compiled.rule.group, [bid]);
    else group.push(bid);
  }
  const winners: Winner[] = [];
  for (const bids of groups.values()) {
    const [first] = bids;
    if (first !== undefined && bids.length === 1) winners.push({ bid: first, amounts: null });
    else if (first?.compiled.perLine === true) winners.push(...winnersByLine(run, bids));
    else winners.push(...winnerOfBasket(run, bids));
  }
  winners.sort((a, b) => a.bid.compiled.rank - b.bid.compiled.rank);
  for (const winner of winners) apply(run, winner);
}

function makeBid(run: Run, compiled: CompiledRule, start: StepStart): Bid | null {
  if (compiled.money === null)
    throw new Error(`broken invariant: ${compiled.rule.effect.kind} takes no money`);
  const lines = run.selected(compiled.target);
  const view = viewOf(run, compiled, lines, start);
  const proposal = compiled.money(view);
  if (proposal.totalMinor === 0) {
    settleEmpty(run, compiled, proposal);
    return null;
  }
  if (overBudget(run, compiled, proposal.totalMinor) || overAllotment(run, compiled)) return null;
  return { compiled, lines, view, proposal };
}

/** Points that an earlier rule of the basket spent were requested; what is left of the request is then no reason. */
function settleEmpty(run: Run, compiled: CompiledRule, { failure }: Proposal): void {
  if (failure === undefined || (failure.code === 'points-not-requested' && run.pointsSpent > 0)) {
    settleWithout(run, compiled, 'refused', { code: 'no-effect' });
  } else
    settleWithout(
      run,
      compiled,
      failure.code === 'points-not-requested' ? 'not-applicable' : 'refused',
      failure,
    );
}

function viewOf(
  run: Run,
  compiled: CompiledRule,
  lines: readonly number[],
  start: StepStart,
): EffectView {
  const { state, input } = run;
  const running = gather(start.running, lines);
  return {
    lines: gather(state.lines, lines),
    base: compiled.rule.base === 'list' ? gather(state.list, lines) : running,
    running,
    room: gather(start.room, lines),
    rounding: compiled.rule.rounding,
    member: input.member,
    ...faceOf(run, compiled),
    ...pointsOf(run, compiled),
  };
}

/** What the voucher of a `voucher-value` rule is worth. */
function faceOf({ input }: Run, { rule }: CompiledRule): Pick<EffectView, 'voucherMinor'> {
  if (rule.effect.kind !== 'voucher-value') return {};
  const code = takenCode(rule, input)?.code ?? '';
  const voucherMinor = ownValue(input.allowances.vouchers ?? {}, code)?.faceMinor;
  return voucherMinor === undefined ? {} : { voucherMinor };
}

/** The values of the chosen lines; all lines share one list. */
function gather<T>(values: readonly T[], lines: readonly number[]): readonly T[] {
  if (lines.length === values.length) return values;
  const chosen: T[] = [];
  for (const line of lines) chosen.push(values[line] as T);
  return chosen;
}

/** What may still be spent on a rule; earlier rules of the basket may have spent some. */
function pointsOf(
  run: Run,
  { rule: { effect } }: CompiledRule,
): Pick<EffectView, 'pointsRequested' | 'pointsAvailable'> {
  const { input, pointsSpent } = run;
  const bucket = effect.kind === 'points-redeem' ? effect.bucket : BASE_BUCKET;
  const held = pointsHeld(input, bucket);
  return {
    pointsRequested: input.pointsToSpend - pointsSpent,
    pointsAvailable: held === null ? null : held - (run.pointsSpentByBucket.get(bucket) ?? 0),
  };
}

/** Points of one category; null where their holder, who keeps those of every category, cannot be asked. */
function pointsHeld(
  { allowances: { points }, member }: EvaluationInput,
  bucket: string,
): number | null {
  if (!points.reachable) return null;
  return bucket === BASE_BUCKET
    ? points.available
    : (ownValue(member?.pointsByBucket ?? {}, bucket) ?? 0);
}

/** Campaign money is granted whole or not at all. */
export function overBudget(run: Run, compiled: CompiledRule, totalMinor: number): boolean {
  const { budget } = compiled.rule;
  if (budget === undefined) return false;
  const used =
    (ownValue(run.input.budgetsUsedMinor, budget.id) ?? 0) + (run.budgetsTaken.get(budget.id) ?? 0);
  if (used + totalMinor <= budget.limitMinor) return false;
  const left = Math.max(0, budget.limitMinor - used);
  settleWithout(run, compiled, 'refused', {
    code: 'budget',
    seen: String(left),
    needed: String(totalMinor),
    difference: totalMinor - left,
  });
  return true;
}

function winnerOfBasket(run: Run, bids: readonly Bid[]): Winner[] {
  let best: Bid | undefined;
  for (const bid of bids) {
    if (best === undefined || bid.proposal.totalMinor > best.proposal.totalMinor) best = bid;
  }
  if (best === undefined) return [];
  for (const bid of bids) if (bid !== best) lose(run, bid, best.compiled, best.proposal.totalMinor);
  return [{ bid: best, amounts: null }];
}

/** Each line goes to the rule that takes most off it; a rule that gets no line lost to the winner of its first one. */
function winnersByLine(run: Run, bids: readonly Bid[]): Winner[] {
  const best = new Map<number, { bid: Bid; amount: number }>();
  for (const bid of bids) {
    bid.lines.forEach((line, position) => {
      const amount = bid.proposal.amounts?.[position] ?? 0;
      if (amount > (best.get(line)?.amount ?? 0)) best.set(line, { bid, amount });
    });
  }
  return bids.flatMap((bid) => {
    const proposed = bid.proposal.amounts ?? [];
    const amounts = bid.lines.map((line, position) =>
      best.get(line)?.bid === bid ? (proposed[position] ?? 0) : 0,
    );
    if (sum(amounts) > 0) return [{ bid, amounts }];
    const lost = bid.lines.find((_, position) => (proposed[position] ?? 0) > 0);
    const winner = lost === undefined ? undefined : best.get(lost);
    if (winner !== undefined) lose(run, bid, winner.bid.compiled, winner.amount);
    return [];
  });
}

function lose(run: Run, bid: Bid, winner: CompiledRule, winnerMinor: number): void {
  const seen = bid.proposal.totalMinor;
  settleWithout(
    run,
    bid.compiled,
    'lost-to',
    { code: 'lost-to', seen: String(seen), needed: String(winnerMinor) },
    winner,
  );
}

/** Takes a winner's amounts; where another group of the step left too little room or points, computed within them. */
function apply(run: Run, { bid, amounts: won }: Winner): void {
  const { compiled, lines, view } = bid;
  const room = gather(run.state.room, lines);
  let taken: Proposal =
    won === null ? bid.proposal : { ...bid.proposal, amounts: won, totalMinor: sum(won) };
  if (!fits(run, compiled, taken, room)) {
    const limit =
      won === null ? room : room.map((left, position) => (won[position] === 0 ? 0 : left));
    taken = compiled.money?.({ ...view, ...pointsOf(run, compiled), room: limit }) ?? taken;
  }
  if (taken.totalMinor === 0) return settleEmpty(run, compiled, taken);
  if (overBudget(run, compiled, taken.totalMinor) || overAllotment(run, compiled)) return;
  book(run, bid, taken, taken.amounts ?? spread(taken.totalMinor, view.running, room));
}

function fits(
  run: Run,
  compiled: CompiledRule,
  { amounts, totalMinor, pointsSpent }: Proposal,
  room: readonly number[],
): boolean {
  if (pointsSpent > 0) {
    const { pointsRequested, pointsAvailable } = pointsOf(run, compiled);
    if (pointsSpent > Math.min(pointsRequested, pointsAvailable ?? 0)) return false;
  }
  if (amounts === null) return totalMinor <= sum(room);
  return amounts.every((amount, position) => amount <= (room[position] ?? 0));
}

function book(run: Run, bid: Bid, taken: Proposal, amounts: readonly number[]): void {
  const { compiled, lines } = bid;
  const { id, budget } = compiled.rule;
  for (let position = 0; position < lines.length; position += 1) {
    const discountMinor = amounts[position] ?? 0;
    const line = lines[position];
    if (discountMinor === 0 || line === undefined) continue;
    take(run.state, line, discountMinor);
    run.discounts[line]?.push({ ruleId: id, discountMinor });
  }
  if (budget !== undefined)
    run.budgetsTaken.set(budget.id, (run.budgetsTaken.get(budget.id) ?? 0) + taken.totalMinor);
  if (taken.pointsSpent > 0) bookPointsSpent(run, bid, taken, amounts);
  settleApplied(run, compiled, taken.totalMinor, taken.pointsSpent === 0 ? 0 : -taken.pointsSpent);
}

/** Each line keeps its part of the points, so that a return of the line gives exactly that part back. */
function bookPointsSpent(
  run: Run,
  { compiled, lines }: Bid,
  taken: Proposal,
  amounts: readonly number[],
): void {
  const { effect } = compiled.rule;
  assert(effect.kind === 'points-redeem', 'only one effect pays with points');
  const spent = run.pointsSpentByBucket;
  spent.set(effect.bucket, (spent.get(effect.bucket) ?? 0) + taken.pointsSpent);
  run.pointsSpent += taken.pointsSpent;
  run.pointsSpentMinor += taken.totalMinor;
  const parts = spreadPoints(taken.pointsSpent, amounts);
  lines.forEach((line, position) => {
    run.pointsSpentByLine[line] = (run.pointsSpentByLine[line] ?? 0) + (parts[position] ?? 0);
    addToLine(run.bucketsSpent, effect.bucket, line, parts[position] ?? 0);
  });
}
