import type { Condition } from '../../contract/condition.ts';
import type { Selector } from '../../contract/effects.ts';
import type { EvaluationInput } from '../../contract/evaluation-input.ts';
import type { Rule } from '../../contract/rules.ts';
import { conjuncts } from './condition/conjuncts.ts';
import { ownValue } from './own-value.ts';
import { presentedCodes } from './presented-codes.ts';

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

/** Numbers that one filed rule takes: its rank, and two more terms that must be met. */
const FILED = 3;

/**
 * Files each rule under the term of its condition that the fewest rules share; a rule without such a term is always
 * a candidate. A rule found there must meet its two next rarest terms of this kind too, so that the rules for other
 * members cost a glance and not a test of their gate.
 * @param rules in rank order
 */
export function candidateIndex(rules: readonly Rule[]): CandidateIndex {
  const numbers = termNumbers();
  const ofRules = rules.map((rule) => termsOf(rule).map(numbers.numberOf));
  const filed: number[][] = Array.from({ length: numbers.count() }, () => []);
  const weight = numbers.weights();
  ofRules.forEach((terms, rank) => {
    // Stable, so of terms that as many rules share the first one written counts.
    const [rarest = ALWAYS, second = ALWAYS, third = ALWAYS] = terms.toSorted(
      (a, b) => (weight[a] ?? 0) - (weight[b] ?? 0),
    );
    // Why an exclusive rule does not apply is told by its own trial, which it gets wherever it is found.
    const alone = rules[rank]?.exclusive.length !== 0;
    filed[rarest]?.push(rank, ...(alone ? [ALWAYS, ALWAYS] : [second, third]));
  });
  const shelves = filed.map((ranks) => Int32Array.from(ranks));

  return {
    candidates: (input) => {
      const met = new Uint8Array(shelves.length);
      const found: number[] = [];
      const known = numbers.metBy(input, met);
      for (let nth = 0; nth < known.length; nth += 1) {
        const shelf = shelves[known[nth] ?? ALWAYS];
        if (shelf === undefined) continue;
        for (let at = 0; at < shelf.length; at += FILED)
          if (met[shelf[at + 1] ?? ALWAYS] === 1 && met[shelf[at + 2] ?? ALWAYS] === 1)
            found.push(shelf[at] ?? 0);
      }
      return found.sort((a, b) => a - b);
    },
  };
}

/** The number of a term that every input meets. */
const ALWAYS = 0;

/** Numbers for the terms of a set: one for each key, and one for each choice of several keys. */
function termNumbers(): {
  readonly numberOf: (term: readonly Key[]) => number;
  readonly count: () => number;
  /** By number: how many terms ask for its keys. */
  readonly weights: () => number[];
  /** Marks every term that an input meets with 1, and lists them, each once. */
  readonly metBy: (input: EvaluationInput, met: Uint8Array) => number[];
} {
  const kinds = new Map<string, Map<string, number>>();
  const choices = new Map<string, number>();
  /** By number: the choices that a key is one of; and of a choice its keys. */
  const choicesOf: number[][] = [[]];
  const keysOfChoice: number[][] = [[]];
  const shared: number[] = [0];
  const fresh = (keys: number[]): number => {
    choicesOf.push([]);
    shared.push(0);
    return keysOfChoice.push(keys) - 1;
  };
  const keyNumber = ({ kind, value }: Key): number => {
    const values = kinds.get(kind) ?? new Map<string, number>();
    kinds.set(kind, values);
    const number = values.get(value) ?? fresh([]);
    values.set(value, number);
    shared[number] = (shared[number] ?? 0) + 1;
    return number;
  };
  return {
    numberOf: (term) => {
      const keys = term.map(keyNumber);
      const [only] = keys;
      if (only !== undefined && keys.length === 1) return only;
      const name = keys.join();
      const known = choices.get(name);
      if (known !== undefined) return known;
      const number = fresh(keys);
      choices.set(name, number);
      for (const key of keys) choicesOf[key]?.push(number);
      return number;
    },
    count: () => shared.length,
    weights: () =>
      shared.map((count, number) =>
        (keysOfChoice[number] ?? []).reduce((total, key) => total + (shared[key] ?? 0), count),
      ),
    metBy: (input, met) => {
      const found = [ALWAYS];
      met[ALWAYS] = 1;
      const meet = (number: number): void => {
        if (met[number] === 1) return;
        met[number] = 1;
        found.push(number);
        for (const choice of choicesOf[number] ?? []) meet(choice);
      };
      readKeys(input, (kind, values) => {
        const numbers = kinds.get(kind);
        if (numbers === undefined) return;
        for (const value of values) {
          const number = numbers.get(value);
          if (number !== undefined) meet(number);
        }
      });
      return found;
    },
  };
}

/** Says the values that an input has of each kind of key; some more than once. */
function readKeys(
  input: EvaluationInput,
  say: (kind: string, values: readonly string[]) => void,
): void {
  const { member, store, lines } = input;
  say('code', presentedCodes(input));
  say('tag', member?.tags ?? []);
  say('group', member?.groups ?? []);
  say('tier', [member?.tier ?? '']);
  say('scene', input.scene.tags);
  say('weather', input.weather?.tags ?? []);
  say('store', [store.storeId]);
  say('store-tier', [store.storeTier]);
  say(
    'category',
    lines.map((line) => line.category ?? ''),
  );
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
