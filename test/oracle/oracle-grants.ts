import type { Evaluation } from '../../agent/contract/evaluation.ts';
import { type DrawnRule, linesOf } from './drawn-rule.ts';
import { total } from './fraction.ts';
import {
  admitted,
  allotmentEnd,
  type Books,
  groupOf,
  markApplied,
  stepsOf,
  targetOf,
} from './oracle-run.ts';

export interface Grants {
  readonly gifts: Evaluation['gifts'];
  readonly entitlements: Evaluation['entitlements'];
  readonly tierAfter?: string;
}

type Given = Partial<{
  gift: Grants['gifts'][number];
  right: Grants['entitlements'][number];
  tier: string;
}>;

/** The last lane: of each group the first rule in rank order that has something to give. */
export function grant(rules: readonly DrawnRule[], books: Books): Grants {
  const all: Given[] = [];
  for (const step of stepsOf(rules, ['entitlement'])) {
    const served = new Set<string>();
    for (const rule of admitted(step, books)) {
      const given = givenBy(rule, books);
      const lost = served.has(groupOf(rule))
        ? ({ status: 'lost-to', code: 'lost-to' } as const)
        : null;
      const guest =
        rule.effect.kind === 'spend-tier' && books.input.member === null
          ? ({ status: 'not-applicable', code: 'member-unknown' } as const)
          : null;
      const empty = given === null ? ({ status: 'refused', code: 'no-effect' } as const) : null;
      const end = lost ?? allotmentEnd(rule, books) ?? guest ?? empty;
      if (end !== null || given === null) {
        if (end !== null) books.ends.set(rule.id, end);
        continue;
      }
      served.add(groupOf(rule));
      markApplied(rule, books);
      all.push(given);
    }
  }
  const tierAfter = all.findLast(({ tier }) => tier !== undefined)?.tier;
  return {
    gifts: all.flatMap(({ gift }) => gift ?? []),
    entitlements: all.flatMap(({ right }) => right ?? []),
    ...(tierAfter === undefined ? {} : { tierAfter }),
  };
}

function givenBy(rule: DrawnRule, books: Books): Given | null {
  const { effect } = rule;
  const { input } = books;
  if (effect.kind === 'entitlement') {
    const { entitlement: kind, validDays } = effect;
    return {
      right:
        validDays === undefined ? { kind } : { kind, validUntil: later(input.now.date, validDays) },
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
    return { gift: { ruleId: rule.id, sku: effect.gift.sku, qty } };
  }
  if (effect.kind !== 'spend-tier') throw new Error(`the oracle knows no grant ${effect.kind}`);
  const spent = BigInt(input.member?.yearSpendMinor ?? 0) + total(books.runningMinor);
  const reached = effect.steps.filter((step) => spent >= BigInt(step.fromMinor)).at(-1);
  return reached === undefined ? null : { tier: reached.tier };
}

function later(date: number, days: number): string {
  const day = new Date(
    Date.UTC(Math.floor(date / 10_000), (Math.floor(date / 100) % 100) - 1, date % 100),
  );
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}
