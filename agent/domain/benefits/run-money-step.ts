import { sum } from './amounts/spread.ts';
import { spreadPoints } from './amounts/spread-points.ts';
import { take } from './basket-state.ts';
import type { CompiledRule } from './compile-rule-set.ts';
import type { EffectView, Proposal } from './effects/effect-view.ts';
import { ownValue } from './own-value.ts';
import { settleApplied, settleWithout, type Run } from './run-state.ts';

/** A rule whose gate is open and what it would take at the amounts its step started with. */
interface Bid {
  readonly compiled: CompiledRule;
  readonly lines: readonly number[];
  readonly view: EffectView;
  readonly proposal: Proposal;
}

/**
 * Runs one step of a lane that takes money: every rule bids on the same base, each group has one winner (larger
 * discount, then lower rank), and the winners of all groups apply one after another within what room is left.
 * @param rules of one step whose gates are open, in rank order
 */
export function runMoneyStep(run: Run, rules: readonly CompiledRule[]): void {
  const startRunning = [...run.state.running];
  const groups = new Map<string, Bid[]>();
  for (const compiled of rules) {
    const bid = makeBid(run, compiled, startRunning);
    if (bid === null) continue;
    const group = groups.get(compiled.rule.group);
    if (group === undefined) groups.set(compiled.rule.group, [bid]);
    else group.push(bid);
  }
  const winners: { bid: Bid; amounts: readonly number[] }[] = [];
  for (const bids of groups.values()) {
    const [first] = bids;
    if (first !== undefined && bids.length === 1) winners.push({ bid: first, amounts: first.proposal.amounts });
    else if (first?.compiled.perLine === true) winners.push(...winnersByLine(run, bids));
    else winners.push(...winnerOfBasket(run, bids));
  }
  winners.sort((a, b) => a.bid.compiled.rank - b.bid.compiled.rank);
  for (const { bid, amounts } of winners) apply(run, bid, amounts);
}

function makeBid(run: Run, compiled: CompiledRule, startRunning: readonly number[]): Bid | null {
  const lines = run.selected(compiled.target);
  const view = viewOf(run, compiled, lines, startRunning);
  const proposal = compiled.money?.(view);
  if (proposal === undefined) return null;
  if (proposal.totalMinor === 0) {
    settleEmpty(run, compiled, proposal);
    return null;
  }
  if (overBudget(run, compiled, proposal.totalMinor)) return null;
  return { compiled, lines, view, proposal };
}

/** Points that an earlier rule of the basket spent were requested; what is left of the request is then no reason. */
function settleEmpty(run: Run, compiled: CompiledRule, { failure }: Proposal): void {
  if (failure === undefined || (failure.code === 'points-not-requested' && run.pointsSpent > 0)) {
    settleWithout(run, compiled, 'refused', { code: 'no-effect' });
  } else settleWithout(run, compiled, failure.code === 'points-not-requested' ? 'not-applicable' : 'refused', failure);
}

function viewOf(run: Run, compiled: CompiledRule, lines: readonly number[], startRunning: readonly number[]): EffectView {
  const { state, input } = run;
  const running = lines.map((line) => startRunning[line] ?? 0);
  return {
    lines: lines.flatMap((line) => state.lines[line] ?? []),
    base: compiled.rule.base === 'list' ? lines.map((line) => state.list[line] ?? 0) : running,
    running,
    room: roomOf(run, lines),
    rounding: compiled.rule.rounding,
    member: input.member,
    ...pointsOf(run),
  };
}

/** What may still be spent; earlier rules of the basket may have spent some. */
function pointsOf({ input, pointsSpent }: Run): Pick<EffectView, 'pointsRequested' | 'pointsAvailable'> {
  const { points } = input.allowances;
  return {
    pointsRequested: input.pointsToSpend - pointsSpent,
    pointsAvailable: points.reachable ? points.available - pointsSpent : null,
  };
}

function roomOf(run: Run, lines: readonly number[]): number[] {
  const { running, floor } = run.state;
  return lines.map((line) => Math.max(0, (running[line] ?? 0) - (floor[line] ?? 0)));
}

/** Campaign money is granted whole or not at all. */
function overBudget(run: Run, compiled: CompiledRule, totalMinor: number): boolean {
  const { budget } = compiled.rule;
  if (budget === undefined) return false;
  const used = (ownValue(run.input.budgetsUsedMinor, budget.id) ?? 0) + (run.budgetsTaken.get(budget.id) ?? 0);
  if (used + totalMinor <= budget.limitMinor) return false;
  const left = Math.max(0, budget.limitMinor - used);
  settleWithout(run, compiled, 'refused', { code: 'budget', seen: String(left), needed: String(totalMinor), difference: totalMinor - left });
  return true;
}

function winnerOfBasket(run: Run, bids: readonly Bid[]): { bid: Bid; amounts: readonly number[] }[] {
  let best: Bid | undefined;
  for (const bid of bids) {
    if (best === undefined || bid.proposal.totalMinor > best.proposal.totalMinor) best = bid;
  }
  if (best === undefined) return [];
  for (const bid of bids) if (bid !== best) lose(run, bid, best.compiled, best.proposal.totalMinor);
  return [{ bid: best, amounts: best.proposal.amounts }];
}

/** Each line goes to the rule that takes most off it; a rule that gets no line lost to the winner of its first one. */
function winnersByLine(run: Run, bids: readonly Bid[]): { bid: Bid; amounts: readonly number[] }[] {
  const best = new Map<number, { bid: Bid; amount: number }>();
  for (const bid of bids) {
    bid.lines.forEach((line, position) => {
      const amount = bid.proposal.amounts[position] ?? 0;
      if (amount > (best.get(line)?.amount ?? 0)) best.set(line, { bid, amount });
    });
  }
  return bids.flatMap((bid) => {
    const amounts = bid.lines.map((line, position) => (best.get(line)?.bid === bid ? (bid.proposal.amounts[position] ?? 0) : 0));
    if (sum(amounts) > 0) return [{ bid, amounts }];
    const lost = bid.lines.find((_, position) => (bid.proposal.amounts[position] ?? 0) > 0);
    const winner = lost === undefined ? undefined : best.get(lost);
    if (winner !== undefined) lose(run, bid, winner.bid.compiled, winner.amount);
    return [];
  });
}

function lose(run: Run, bid: Bid, winner: CompiledRule, winnerMinor: number): void {
  const seen = bid.proposal.totalMinor;
  settleWithout(run, bid.compiled, 'lost-to', { code: 'lost-to', seen: String(seen), needed: String(winnerMinor) }, winner);
}

/** Takes a winner's amounts; where another group of the step left too little room or points, the effect is computed within them. */
function apply(run: Run, bid: Bid, amounts: readonly number[]): void {
  const room = roomOf(run, bid.lines);
  const points = pointsOf(run);
  const enoughPoints = bid.proposal.pointsSpent <= Math.min(points.pointsRequested, points.pointsAvailable ?? 0);
  const fits = amounts.every((amount, position) => amount <= (room[position] ?? 0)) && (bid.proposal.pointsSpent === 0 || enoughPoints);
  let taken: Proposal = { ...bid.proposal, amounts, totalMinor: sum(amounts) };
  if (!fits) {
    const limit = room.map((left, position) => (amounts[position] === 0 && bid.compiled.perLine ? 0 : left));
    taken = bid.compiled.money?.({ ...bid.view, ...points, room: limit }) ?? taken;
  }
  if (taken.totalMinor === 0) {
    settleEmpty(run, bid.compiled, taken);
    return;
  }
  if (overBudget(run, bid.compiled, taken.totalMinor)) return;
  book(run, bid, taken);
}

function book(run: Run, bid: Bid, taken: Proposal): void {
  const { rule } = bid.compiled;
  bid.lines.forEach((line, position) => {
    const discountMinor = taken.amounts[position] ?? 0;
    if (discountMinor === 0) return;
    take(run.state, line, discountMinor);
    run.discounts[line]?.push({ ruleId: rule.id, discountMinor });
  });
  if (rule.budget !== undefined) {
    run.budgetsTaken.set(rule.budget.id, (run.budgetsTaken.get(rule.budget.id) ?? 0) + taken.totalMinor);
  }
  if (taken.pointsSpent > 0) bookPointsSpent(run, bid, taken);
  settleApplied(run, bid.compiled, taken.totalMinor, -taken.pointsSpent);
}

/** Each line keeps its part of the points, so that a return of the line gives exactly that part back. */
function bookPointsSpent(run: Run, bid: Bid, taken: Proposal): void {
  run.pointsSpent += taken.pointsSpent;
  run.pointsSpentMinor += taken.totalMinor;
  const parts = spreadPoints(taken.pointsSpent, taken.amounts);
  bid.lines.forEach((line, position) => {
    run.pointsSpentByLine[line] = (run.pointsSpentByLine[line] ?? 0) + (parts[position] ?? 0);
  });
}
