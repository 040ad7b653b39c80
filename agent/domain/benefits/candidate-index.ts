import type { Condition } from '../../contract/condition.ts';
import type { Selector } from '../../contract/effects.ts';
import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import type { Rule } from '../../contract/rules.ts';
import { conjuncts } from './condition/conjuncts.ts';
import { ownValue } from './own-value.ts';

const STRING_KEYS: Readonly<Record<string, string>> = { 'member.tier': 'tier', 'store.id': 'store', 'store.tier': 'store-tier' };
const LIST_KEYS: Readonly<Record<string, string>> = { codes: 'code', 'member.tags': 'tag', 'member.groups': 'group' };

/** Finds the rules that a basket can possibly meet without testing all of them. */
export interface CandidateIndex {
  /** Ranks in ascending order; every rule left out fails a fixed term of its condition. */
  readonly candidates: (input: EvaluationInput) => number[];
}

/**
 * Files each rule under the term of its condition that the fewest rules share; a rule without such a term is always
 * a candidate.
 * @param rules in rank order
 */
export function candidateIndex(rules: readonly Rule[]): CandidateIndex {
  const options = rules.map(termsOf);
  const shared = new Map<string, number>();
  for (const key of options.flat(2)) shared.set(key, (shared.get(key) ?? 0) + 1);
  const weight = (keys: readonly string[]): number => keys.reduce((total, key) => total + (shared.get(key) ?? 0), 0);

  const always: number[] = [];
  const buckets = new Map<string, number[]>();
  options.forEach((terms, rank) => {
    let rarest: readonly string[] | undefined;
    for (const keys of terms) if (rarest === undefined || weight(keys) < weight(rarest)) rarest = keys;
    if (rarest === undefined) always.push(rank);
    for (const key of new Set(rarest)) {
      const bucket = buckets.get(key);
      if (bucket === undefined) buckets.set(key, [rank]);
      else bucket.push(rank);
    }
  });

  return {
    candidates: (input) => {
      const found = new Set(always);
      const add = (key: string): void => {
        for (const rank of buckets.get(key) ?? []) found.add(rank);
      };
      for (const code of input.codes) add(`code:${code}`);
      for (const tag of input.member?.tags ?? []) add(`tag:${tag}`);
      for (const group of input.member?.groups ?? []) add(`group:${group}`);
      add(`tier:${input.member?.tier ?? ''}`);
      add(`store:${input.store.storeId}`);
      add(`store-tier:${input.store.storeTier}`);
      for (const category of new Set(input.lines.map((line) => line.category))) add(`category:${category ?? ''}`);
      return [...found].sort((a, b) => a - b);
    },
  };
}

/** The terms of a rule that can be looked up: for each the keys of which one must be present. */
function termsOf(rule: Rule): string[][] {
  if (rule.condition === null) return [];
  return conjuncts(rule.condition).flatMap((term) => {
    const keys = keysOf(term, rule.select);
    return keys === null ? [] : [keys];
  });
}

function keysOf(term: Condition, select: Readonly<Record<string, Selector>>): string[] | null {
  if (term.op === 'in' && term.left.op === 'string' && term.right.op === 'var') {
    const kind = LIST_KEYS[term.right.name];
    return kind === undefined ? null : [`${kind}:${term.left.value}`];
  }
  if (term.op === 'in' && term.left.op === 'var' && term.right.op === 'list') {
    const kind = STRING_KEYS[term.left.name];
    const values = term.right.items.map((item) => (item.op === 'string' ? item.value : null));
    return kind === undefined || values.includes(null) ? null : values.map((value) => `${kind}:${String(value)}`);
  }
  if (term.op === 'eq') {
    const [name, value] = term.left.op === 'var' ? [term.left, term.right] : [term.right, term.left];
    const kind = name.op === 'var' ? STRING_KEYS[name.name] : undefined;
    return kind === undefined || value.op !== 'string' ? null : [`${kind}:${value.value}`];
  }
  const selector = neededLines(term);
  const categories = selector === null ? undefined : ownValue(select, selector)?.category;
  return categories === undefined ? null : categories.map((category) => `category:${category}`);
}

/** The selector that must choose at least one line for the term to hold. */
function neededLines(term: Condition): string | null {
  if (term.op === 'call' && term.name === 'hasLines') return term.selector;
  const atLeastOne = (term.op === 'ge' || term.op === 'gt') && term.left.op === 'call' && term.right.op === 'int';
  if (!atLeastOne || term.left.op !== 'call' || term.right.op !== 'int') return null;
  return BigInt(term.right.value) >= (term.op === 'ge' ? 1n : 0n) ? term.left.selector : null;
}
