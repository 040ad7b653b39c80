import type { Condition } from '../../contract/condition.ts';
import type { Selector } from '../../contract/effects.ts';
import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import type { Rule } from '../../contract/rules.ts';
import { conjuncts } from './condition/conjuncts.ts';
import { ownValue } from './own-value.ts';

const STRING_KEYS: Readonly<Record<string, string>> = {
  'member.tier': 'tier',
  'store.id': 'store',
  'store.tier': 'store-tier',
};
const LIST_KEYS: Readonly<Record<string, string>> = {
  codes: 'code',
  'member.tags': 'tag',
  'member.groups': 'group',
  'scene.tags': 'scene',
  'weather.tags': 'weather',
};

/** One value that must be present, e.g. the tag `student`. */
interface Key {
  readonly kind: string;
  readonly value: string;
}

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
  const name = ({ kind, value }: Key): string => `${kind}:${value}`;
  for (const key of options.flat(2)) shared.set(name(key), (shared.get(name(key)) ?? 0) + 1);
  const weight = (keys: readonly Key[]): number =>
    keys.reduce((total, key) => total + (shared.get(name(key)) ?? 0), 0);

  const always: number[] = [];
  const kinds = new Map<string, Map<string, number[]>>();
  options.forEach((terms, rank) => {
    let rarest: readonly Key[] | undefined;
    for (const keys of terms)
      if (rarest === undefined || weight(keys) < weight(rarest)) rarest = keys;
    if (rarest === undefined) always.push(rank);
    for (const { kind, value } of rarest ?? []) {
      const buckets = kinds.get(kind) ?? new Map<string, number[]>();
      kinds.set(kind, buckets.set(value, [...(buckets.get(value) ?? []), rank]));
    }
  });

  return {
    candidates: (input) => {
      const found: number[] = [...always];
      const add = (kind: string, values: readonly string[]): void => {
        const buckets = kinds.get(kind);
        if (buckets === undefined) return;
        for (const value of values) {
          const bucket = buckets.get(value);
          if (bucket !== undefined) for (const rank of bucket) found.push(rank);
        }
      };
      add('code', input.codes);
      add('tag', input.member?.tags ?? []);
      add('group', input.member?.groups ?? []);
      add('tier', [input.member?.tier ?? '']);
      add('scene', input.scene.tags);
      add('weather', input.weather?.tags ?? []);
      add('store', [input.store.storeId]);
      add('store-tier', [input.store.storeTier]);
      if (kinds.has('category'))
        add('category', [...new Set(input.lines.map((line) => line.category ?? ''))]);
      found.sort((a, b) => a - b);
      // A rule that waits for one of several categories, or a code presented twice, is found more than once.
      return found.filter((rank, position) => rank !== found[position - 1]);
    },
  };
}

/** The terms of a rule that can be looked up: for each the keys of which one must be present. */
function termsOf(rule: Rule): Key[][] {
  if (rule.condition === null) return [];
  return conjuncts(rule.condition).flatMap((term) => {
    const keys = keysOf(term, rule.select);
    return keys === null ? [] : [keys];
  });
}

function keysOf(term: Condition, select: Readonly<Record<string, Selector>>): Key[] | null {
  if (term.op === 'in' && term.left.op === 'string' && term.right.op === 'var') {
    const kind = LIST_KEYS[term.right.name];
    return kind === undefined ? null : [{ kind, value: term.left.value }];
  }
  if (term.op === 'in' && term.left.op === 'var' && term.right.op === 'list') {
    const kind = STRING_KEYS[term.left.name];
    const values = term.right.items.flatMap((item) => (item.op === 'string' ? item.value : []));
    if (kind === undefined || values.length !== term.right.items.length) return null;
    return [...new Set(values)].map((value) => ({ kind, value }));
  }
  if (term.op === 'eq') {
    const [name, value] =
      term.left.op === 'var' ? [term.left, term.right] : [term.right, term.left];
    const kind = name.op === 'var' ? STRING_KEYS[name.name] : undefined;
    return kind === undefined || value.op !== 'string' ? null : [{ kind, value: value.value }];
  }
  const selector = neededLines(term);
  const categories = selector === null ? undefined : ownValue(select, selector)?.category;
  return categories === undefined
    ? null
    : [...new Set(categories)].map((value) => ({ kind: 'category', value }));
}

/** The selector that must choose at least one line for the term to hold. */
function neededLines(term: Condition): string | null {
  if (term.op === 'call' && term.name === 'hasLines') return term.selector;
  const atLeastOne =
    (term.op === 'ge' || term.op === 'gt') && term.left.op === 'call' && term.right.op === 'int';
  if (!atLeastOne || term.left.op !== 'call' || term.right.op !== 'int') return null;
  return BigInt(term.right.value) >= (term.op === 'ge' ? 1n : 0n) ? term.left.selector : null;
}
