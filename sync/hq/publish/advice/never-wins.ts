import type { Rule } from '../../../../agent/contract/rules.ts';
import { text } from '../../../../agent/contract/text.ts';
import { EFFECTS } from '../../../../agent/domain/benefits/effects/effect-table.ts';
import { type Advice, type AdvisedRule, type AdvisedSet, advise } from './advised-set.ts';
import { effectWorth } from './effect-worth.ts';
import { possible } from './possible.ts';
import { both, implies } from './worlds.ts';

/** Rules that lose their group wherever they hold, and rules that win it by the order of ids alone. */
export function adviseNeverWins({ groups }: AdvisedSet): Advice[] {
  return groups.flatMap((group) =>
    group.flatMap((loser) => {
      if (loser.worlds.worlds.length === 0) return [];
      const winner = group.find((other) => other !== loser && alwaysBeats(other, loser));
      if (winner !== undefined) return [neverWins(loser, winner)];
      const equal = group.find((other) => other.index < loser.index && isTie(other, loser));
      return equal === undefined ? [] : [tie(loser, equal)];
    }),
  );
}

function neverWins(loser: AdvisedRule, winner: AdvisedRule): Advice {
  const { id, group } = loser.rule;
  const better = winner.rule.id;
  if (isGrant(loser.rule)) {
    const message = text(
      `${id} 成立时 ${better} 也成立且排在它前面，因此在组 ${group} 中永远不会胜出`,
      `wherever ${id} holds, ${better} holds too and goes first: ${id} never wins the group ${group}`,
    );
    return advise(loser, 'never-wins', ['priority'], message);
  }
  return advise(
    loser,
    'never-wins',
    ['effect'],
    text(
      `${id} 成立时 ${better} 也成立且优惠不低于它，因此在组 ${group} 中永远不会胜出`,
      `wherever ${id} holds, ${better} holds too and gives at least as much: ${id} never wins the group ${group}`,
    ),
  );
}

function tie(later: AdvisedRule, earlier: AdvisedRule): Advice {
  const [first, second] = [earlier.rule.id, later.rule.id];
  return advise(
    later,
    'tie-by-id',
    ['priority'],
    text(
      `${first} 与 ${second} 优惠和优先级相同且可同时成立，只由编号决定谁胜出`,
      `${first} and ${second} give the same with the same priority and may hold together: only their ids decide which wins`,
    ),
  );
}

/** What is granted is not compared: the first rule of a group that grants anything wins it. */
function isGrant({ effect }: Rule): boolean {
  return EFFECTS[effect.kind].family === 'grant';
}

function alwaysBeats(winner: AdvisedRule, loser: AdvisedRule): boolean {
  if (isGrant(loser.rule)) {
    const first = goesFirst(winner.rule, loser.rule) && !isScarce(winner.rule);
    return first && grantsToo(winner.rule, loser.rule) && implies(loser.worlds, winner.worlds);
  }
  const more = compare(winner.rule, loser.rule);
  if (more === null || more < 0 || isScarce(winner.rule)) return false;
  if (more === 0 && !goesFirst(winner.rule, loser.rule)) return false;
  const cap = winner.rule.caps.discountMinor ?? Number.POSITIVE_INFINITY;
  if (cap < (loser.rule.caps.discountMinor ?? Number.POSITIVE_INFINITY)) return false;
  return implies(loser.worlds, winner.worlds);
}

/** Whether a rule whose gate is open grants something wherever the other does. */
function grantsToo(one: Rule, other: Rule): boolean {
  if (one.effect.kind === 'entitlement') return true;
  if (one.effect.kind !== 'gift-item' || other.effect.kind !== 'gift-item') return false;
  const asks = (rule: Rule, { buy }: { readonly buy: unknown }): string =>
    JSON.stringify([rule.target, buy]);
  return asks(one, one.effect) === asks(other, other.effect);
}

/** Above 0 where `a` gives more than `b` in every basket, 0 where both give the same; null where that cannot be told. */
function compare(a: Rule, b: Rule): number | null {
  const [one, other] = [effectWorth(a.effect), effectWorth(b.effect)];
  if (one === null || other === null || one.shape !== other.shape) return null;
  const same =
    JSON.stringify(a.target) === JSON.stringify(b.target) &&
    a.base === b.base &&
    a.rounding === b.rounding &&
    a.caps.points === b.caps.points;
  return same ? one.worth - other.worth : null;
}

/** A rule that can run out, or be silent for another reason than its gate, leaves room for others. */
function isScarce({ budget, allotment, limits, coupon, voucher, exclusive }: Rule): boolean {
  return (
    budget !== undefined ||
    allotment !== undefined ||
    limits.length > 0 ||
    (coupon !== undefined && coupon.uses !== 'unlimited') ||
    voucher !== undefined ||
    exclusive.length > 0
  );
}

function goesFirst(a: Rule, b: Rule): boolean {
  return a.priority < b.priority;
}

function isTie(a: AdvisedRule, b: AdvisedRule): boolean {
  return (
    (isGrant(a.rule) || compare(a.rule, b.rule) === 0) &&
    a.rule.priority === b.rule.priority &&
    a.rule.caps.discountMinor === b.rule.caps.discountMinor &&
    possible(both(a.worlds, b.worlds)).worlds.length > 0
  );
}
