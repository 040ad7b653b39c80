import type { Evaluation } from '../../agent/contract/evaluation.ts';
import { type DrawnRule, linesOf } from './drawn-rule.ts';
import { fraction, total } from './fraction.ts';
import { statusWithout } from './oracle-gate.ts';
import {
  admitted,
  allotmentEnd,
  type Books,
  budgetEnd,
  type End,
  groupOf,
  markApplied,
  stepsOf,
  takeBudget,
  targetOf,
} from './oracle-run.ts';
import { limited } from './purse.ts';
import { shareOut } from './share-out.ts';

export interface Grants {
  readonly gifts: Evaluation['gifts'];
  readonly entitlements: Evaluation['entitlements'];
  readonly donations: NonNullable<Evaluation['donations']>;
  readonly donatedByLine: readonly bigint[];
  readonly tierAfter?: string;
}

type Given = Partial<{
  gift: Grants['gifts'][number];
  rights: Grants['entitlements'];
  tier: string;
  donation: Grants['donations'][number];
  /** By line. */
  donated: bigint[];
}>;

/**
 * The last lane: of each group the first rule in rank order that has something to give.
 * @param all the whole set, whose spend tiers say which of two tiers is the higher one
 */
export function grant(
  heard: readonly DrawnRule[],
  all: readonly DrawnRule[],
  books: Books,
): Grants {
  const grants: Given[] = [];
  for (const step of stepsOf(heard, ['entitlement'])) {
    const served = new Set<string>();
    for (const rule of admitted(step, books)) {
      const given = givenBy(rule, books);
      const end =
        (served.has(groupOf(rule)) ? ({ status: 'lost-to', code: 'lost-to' } as const) : null) ??
        allotmentEnd(rule, books) ??
        guestEnd(rule, books) ??
        (given === null ? ({ status: 'refused', code: 'no-effect' } as const) : null) ??
        (given?.donated === undefined ? null : budgetEnd(rule, given.donated, books));
      if (end !== null || given === null) {
        if (end !== null) books.ends.set(rule.id, end);
        continue;
      }
      served.add(groupOf(rule));
      takeBudget(rule, given.donated ?? [], books);
      markApplied(rule, books);
      grants.push(given);
    }
  }
  const tierAfter = grants.reduce<string | undefined>(
    (before, { tier }) => (tier === undefined ? before : higherTier(all, before, tier)),
    undefined,
  );
  return {
    gifts: grants.flatMap(({ gift }) => gift ?? []),
    entitlements: grants.flatMap(({ rights }) => rights ?? []),
    donations: grants.flatMap(({ donation }) => donation ?? []),
    donatedByLine: books.input.lines.map((_, line) =>
      total(grants.map(({ donated }) => donated?.[line] ?? 0n)),
    ),
    ...(tierAfter === undefined ? {} : { tierAfter }),
  };
}

/** A tier presupposes a member. */
function guestEnd(rule: DrawnRule, { input }: Books): End | null {
  const isTier = rule.effect.kind === 'spend-tier' || rule.effect.kind === 'month-ladder';
  return isTier && input.member === null
    ? { status: statusWithout(rule), code: 'member-unknown' }
    : null;
}

/** The one of two tiers that takes more spend to reach; where the set does not say of both, the later one. */
function higherTier(all: readonly DrawnRule[], before: string | undefined, later: string): string {
  const least = (tier: string | undefined): number | undefined =>
    all
      .flatMap(({ effect }) => (effect.kind === 'spend-tier' ? effect.steps : []))
      .filter((step) => step.tier === tier)
      .map(({ fromMinor }) => fromMinor)
      .sort((a, b) => a - b)[0];
  const [a, b] = [least(before), least(later)];
  return before !== undefined && a !== undefined && b !== undefined && a > b ? before : later;
}

function givenBy(rule: DrawnRule, books: Books): Given | null {
  const { effect } = rule;
  const { input } = books;
  if (effect.kind === 'entitlement') {
    const { entitlement: kind, validDays } = effect;
    return { rights: [rightFor(kind, validDays, books)] };
  }
  if (effect.kind === 'month-ladder') {
    const { months, fromMinor, tier, entitlements } = effect;
    const running = BigInt(input.member?.monthSpendMinor ?? 0) + total(books.runningMinor);
    const earlier = Array.from({ length: months - 1 }, (_, ago) =>
      BigInt(input.member?.earlierMonthsMinor?.[ago] ?? 0),
    );
    if (![running, ...earlier].every((spent) => spent >= BigInt(fromMinor))) return null;
    const rights = entitlements.map((one) => rightFor(one.entitlement, one.validDays, books));
    return { tier, rights };
  }
  if (effect.kind === 'donation') {
    const target = targetOf(rule, books);
    const paid = books.runningMinor.map((minor, line) => (target.includes(line) ? minor : 0n));
    const due = (total(paid) / BigInt(effect.perMinor)) * BigInt(effect.amountMinor);
    if (due === 0n) return null;
    const amount = limited(due, rule.caps.discountMinor);
    return {
      donation: { ruleId: rule.id, cause: effect.cause, amountMinor: Number(amount) },
      donated: shareOut(
        amount,
        paid.map((minor) => fraction(minor)),
      ),
    };
  }
  if (effect.kind === 'gift-item') {
    const target = targetOf(rule, books);
    const units = linesOf(effect.buy.target, input.lines)
      .filter((line) => target.includes(line))
      .reduce((sum, line) => sum + (input.lines[line]?.qty ?? 0), 0);
    const times = Math.floor(units / effect.buy.qty);
    if (times === 0) return null;
    const qty = effect.gift.qty * (effect.repeat ? times : 1);
    const { sku, valueMinor } = effect.gift;
    const value = valueMinor === undefined ? {} : { valueMinor };
    return { gift: { ruleId: rule.id, sku, qty, ...value } };
  }
  if (effect.kind !== 'spend-tier') throw new Error(`the oracle knows no grant ${effect.kind}`);
  const spent = BigInt(input.member?.yearSpendMinor ?? 0) + total(books.runningMinor);
  const reached = effect.steps.filter((step) => spent >= BigInt(step.fromMinor)).at(-1);
  return reached === undefined ? null : { tier: reached.tier };
}

function rightFor(
  kind: string,
  validDays: number | undefined,
  { input }: Books,
): Grants['entitlements'][number] {
  return validDays === undefined
    ? { kind }
    : { kind, validUntil: later(input.now.date, validDays) };
}

function later(date: number, days: number): string {
  const day = new Date(
    Date.UTC(Math.floor(date / 10_000), (Math.floor(date / 100) % 100) - 1, date % 100),
  );
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}
