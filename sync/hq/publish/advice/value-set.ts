/** Integers (and truth values as 0 and 1) as rising, disjoint, inclusive spans. */
export interface IntSet {
  readonly kind: 'ints';
  readonly spans: readonly (readonly [number, number])[];
}
/** Texts: `only` these where given, and none of `not`. */
export interface TextSet {
  readonly kind: 'texts';
  readonly only: ReadonlySet<string> | null;
  readonly not: ReadonlySet<string>;
}
/** What a fact may be for a condition to hold. */
export type ValueSet = IntSet | TextSet;

const NONE: ReadonlySet<string> = new Set();

/** The integers of these inclusive spans. */
export function ints(...spans: readonly (readonly [number, number])[]): IntSet {
  return { kind: 'ints', spans: spans.filter(([least, most]) => least <= most) };
}

export const TRUE = ints([1, 1]);
export const FALSE = ints([0, 0]);

/** One of these texts. */
export function textIn(values: readonly string[]): TextSet {
  return { kind: 'texts', only: new Set(values), not: NONE };
}

/** Any text but these. */
export function textNotIn(values: readonly string[]): TextSet {
  return { kind: 'texts', only: null, not: new Set(values) };
}

/** The integers of `whole` outside the given ones. */
export function without(whole: readonly [number, number], taken: readonly number[]): IntSet {
  const spans: [number, number][] = [];
  let [next] = whole;
  for (const value of [...new Set(taken)].sort((a, b) => a - b)) {
    if (value < next || value > whole[1]) continue;
    if (value > next) spans.push([next, value - 1]);
    next = value + 1;
  }
  if (next <= whole[1]) spans.push([next, whole[1]]);
  return ints(...spans);
}

/** What lies in both. Sets of one fact are of one kind; the conditions were type-checked. */
export function intersect(a: ValueSet, b: ValueSet): ValueSet {
  if (a.kind === 'texts' && b.kind === 'texts') {
    const not = new Set([...a.not, ...b.not]);
    const some = a.only ?? b.only;
    if (some === null) return { kind: 'texts', only: null, not };
    const only = [...some].filter((value) => holds(a, value) && holds(b, value));
    return textIn(only);
  }
  if (a.kind === 'ints' && b.kind === 'ints') {
    const spans = a.spans.flatMap(([from, to]) =>
      b.spans.map(([least, most]) => [Math.max(from, least), Math.min(to, most)] as const),
    );
    return ints(...spans);
  }
  throw new Error('broken invariant: a fact is either a number or a text');
}

/** Whether a value lies in the set. */
export function holds(set: ValueSet, value: string | number): boolean {
  if (set.kind === 'texts') {
    const text = String(value);
    return !set.not.has(text) && (set.only === null || set.only.has(text));
  }
  return set.spans.some(([least, most]) => Number(value) >= least && Number(value) <= most);
}

/** Whether no value is left. */
export function isEmpty(set: ValueSet): boolean {
  return set.kind === 'ints' ? set.spans.length === 0 : set.only?.size === 0;
}

/** Whether every value of `a` is one of `b`. */
export function isWithin(a: ValueSet, b: ValueSet): boolean {
  if (a.kind === 'texts' && b.kind === 'texts') {
    if (a.only !== null) return [...a.only].every((value) => holds(b, value));
    return b.only === null && [...b.not].every((value) => a.not.has(value));
  }
  if (a.kind === 'ints' && b.kind === 'ints') {
    return a.spans.every(([from, to]) =>
      b.spans.some(([least, most]) => from >= least && to <= most),
    );
  }
  return false;
}

/** Smallest and largest integer of the set; undefined where it is empty. */
export function bounds({ spans }: IntSet): readonly [number, number] | undefined {
  const least = Math.min(...spans.map(([from]) => from));
  return spans.length === 0 ? undefined : [least, Math.max(...spans.map(([, to]) => to))];
}
