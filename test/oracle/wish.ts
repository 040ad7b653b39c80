import type { EvaluationInput } from '../../agent/contract/evaluation-input.ts';

/** Whole-number terms of a condition. */
export type IntTerm =
  | { readonly var: string }
  | { readonly of: 'qty' | 'listMinor' | 'runningMinor'; readonly select: string }
  | { readonly int: number }
  | { readonly left: IntTerm; readonly sign: '+' | '-' | '*'; readonly right: IntTerm };

/** The oracle's own condition tree; the CEL text that the publisher reads is printed from it. */
export type Wish =
  | {
      readonly is: 'compare';
      readonly left: IntTerm;
      readonly sign: '==' | '!=' | '<' | '<=' | '>' | '>=';
      readonly right: IntTerm;
    }
  | { readonly is: 'word'; readonly var: string; readonly sign: '==' | '!='; readonly word: string }
  | { readonly is: 'one-of'; readonly var: string; readonly words: readonly string[] }
  | { readonly is: 'listed'; readonly word: string; readonly list: string }
  | { readonly is: 'flag' | 'given'; readonly var: string }
  | { readonly is: 'has-lines'; readonly select: string }
  | {
      readonly is: 'exists' | 'all';
      readonly words: readonly string[];
      readonly list: string;
    }
  | { readonly is: 'not'; readonly wish: Wish }
  | { readonly is: 'and' | 'or'; readonly wishes: readonly Wish[] };

/** What a condition may look at, beside the input itself. */
export interface Seen {
  readonly input: EvaluationInput;
  readonly listMinor: readonly bigint[];
  readonly runningMinor: readonly bigint[];
  /** Indices of the lines of a named selector. */
  readonly selected: (name: string) => readonly number[];
}

export function print(wish: Wish): string {
  switch (wish.is) {
    case 'compare':
      return `${printInt(wish.left)} ${wish.sign} ${printInt(wish.right)}`;
    case 'word':
      return `${wish.var} ${wish.sign} "${wish.word}"`;
    case 'one-of':
      return `${wish.var} in [${words(wish.words)}]`;
    case 'listed':
      return `"${wish.word}" in ${wish.list}`;
    case 'flag':
      return wish.var;
    case 'given':
      return `has(${wish.var})`;
    case 'has-lines':
      return `hasLines("${wish.select}")`;
    case 'exists':
    case 'all':
      return `[${words(wish.words)}].${wish.is}(w, w in ${wish.list})`;
    case 'not':
      return `!(${print(wish.wish)})`;
    case 'and':
    case 'or':
      return wish.wishes.map((one) => `(${print(one)})`).join(wish.is === 'and' ? ' && ' : ' || ');
  }
}

/** What is not known holds nothing, denied or not (decision 0015). */
export function holds(wish: Wish, seen: Seen): boolean {
  return answer(wish, seen) === true;
}

/** Of three values, as Kleene reads them; null = the scene or the weather that it asks for is not known. */
function answer(wish: Wish, seen: Seen): boolean | null {
  switch (wish.is) {
    case 'compare':
      return compareInts(intOf(wish.left, seen), wish.sign, intOf(wish.right, seen));
    case 'word':
      return (wordOf(wish.var, seen) === wish.word) === (wish.sign === '==');
    case 'one-of':
      return wish.words.includes(wordOf(wish.var, seen));
    case 'listed':
      return listOf(wish.list, seen)?.includes(wish.word) ?? null;
    case 'flag':
      return flagOf(wish.var, seen);
    case 'given':
      return givenOf(wish.var, seen);
    case 'has-lines':
      return seen.selected(wish.select).length > 0;
    case 'exists':
    case 'all': {
      const list = listOf(wish.list, seen);
      if (list === null) return null;
      const found = wish.words.filter((word) => list.includes(word)).length;
      return wish.is === 'all' ? found === wish.words.length : found > 0;
    }
    case 'not':
      return denied(answer(wish.wish, seen));
    case 'and':
      return every(wish.wishes.map((one) => answer(one, seen)));
    case 'or':
      return denied(every(wish.wishes.map((one) => denied(answer(one, seen)))));
  }
}

function denied(answered: boolean | null): boolean | null {
  return answered === null ? null : !answered;
}

function every(answers: readonly (boolean | null)[]): boolean | null {
  if (answers.includes(false)) return false;
  return answers.includes(null) ? null : true;
}

/** Names of the selectors that a condition uses. */
export function selectorsOf(wish: Wish): string[] {
  const found = new Set<string>();
  JSON.stringify(wish, (key, value: unknown) => {
    if (key === 'select') found.add(String(value));
    return value;
  });
  return [...found];
}

function words(list: readonly string[]): string {
  return list.map((word) => `"${word}"`).join(', ');
}

function printInt(term: IntTerm): string {
  if ('var' in term) return term.var;
  if ('of' in term) return `${term.of}("${term.select}")`;
  if ('int' in term) return term.int < 0 ? `(${term.int})` : String(term.int);
  return `(${printInt(term.left)} ${term.sign} ${printInt(term.right)})`;
}

function intOf(term: IntTerm, seen: Seen): bigint {
  if ('int' in term) return BigInt(term.int);
  if ('of' in term) return sumOf(term.of, seen.selected(term.select), seen);
  if ('left' in term) {
    const left = intOf(term.left, seen);
    const right = intOf(term.right, seen);
    return term.sign === '+' ? left + right : term.sign === '-' ? left - right : left * right;
  }
  const { member, now, lines } = seen.input;
  const day = now.businessDay ?? now;
  const all = lines.map((_, index) => index);
  const values: Record<string, bigint | number> = {
    'member.completedOrders': member?.completedOrders ?? 0,
    'member.yearSpendMinor': member?.yearSpendMinor ?? 0,
    'member.monthSpendMinor': member?.monthSpendMinor ?? 0,
    'member.lastMonthSpendMinor': member?.earlierMonthsMinor?.[0] ?? 0,
    // Never is longer ago than any purchase.
    'member.daysSinceStore': member?.daysSince?.store ?? 36_500,
    'member.daysSinceOnline': member?.daysSince?.online ?? 36_500,
    'basket.listMinor': sumOf('listMinor', all, seen),
    'basket.runningMinor': sumOf('runningMinor', all, seen),
    'basket.qty': sumOf('qty', all, seen),
    'now.date': day.date,
    'now.month': day.month,
    'now.day': day.day,
    'now.weekday': day.weekday,
    'now.minuteOfDay': now.minuteOfDay,
  };
  return BigInt(known(values[term.var], term.var));
}

function sumOf(
  what: 'qty' | 'listMinor' | 'runningMinor',
  lines: readonly number[],
  seen: Seen,
): bigint {
  return lines.reduce((sum, index) => {
    const amounts = {
      qty: BigInt(seen.input.lines[index]?.qty ?? 0),
      listMinor: seen.listMinor[index] ?? 0n,
      runningMinor: seen.runningMinor[index] ?? 0n,
    };
    return sum + amounts[what];
  }, 0n);
}

function compareInts(left: bigint, sign: string, right: bigint): boolean {
  const answers: Record<string, boolean> = {
    '==': left === right,
    '!=': left !== right,
    '<': left < right,
    '<=': left <= right,
    '>': left > right,
    '>=': left >= right,
  };
  return known(answers[sign], sign);
}

/** A guest has the empty tier (decision 0003: every variable always has a value). */
function wordOf(name: string, { input }: Seen): string {
  const values: Record<string, string> = {
    'member.tier': input.member?.tier ?? '',
    'basket.channel': input.channel,
    'store.id': input.store.storeId,
    'store.tier': input.store.storeTier,
  };
  return known(values[name], name);
}

/** null = nobody knows. */
function listOf(name: string, { input }: Seen): readonly string[] | null {
  const values: Record<string, readonly string[] | null> = {
    'member.groups': input.member?.groups ?? [],
    'member.tags': input.member?.tags ?? [],
    codes: input.codes,
    'scene.tags': input.scene.known ? input.scene.tags : null,
    'weather.tags': input.weather?.tags ?? null,
  };
  return known(values[name], name);
}

function flagOf(name: string, { input }: Seen): boolean {
  const values: Record<string, boolean> = {
    'member.known': input.member !== null,
    'member.birthdayToday': input.member?.birthdayToday ?? false,
    'member.birthdayMonth': input.member?.birthdayMonth ?? false,
    'basket.isReturn': input.isReturn,
    'scene.known': input.scene.known,
  };
  return known(values[name], name);
}

function givenOf(name: string, { input }: Seen): boolean {
  const values: Record<string, boolean> = {
    'member.tier': (input.member?.tier ?? '') !== '',
    'member.tags': input.member !== null,
    'member.daysSinceOnline': input.member?.daysSince?.online !== undefined,
    'scene.tags': input.scene.known,
    'weather.tags': input.weather !== null,
  };
  return known(values[name], name);
}

function known<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`the oracle knows no ${name}`);
  return value;
}
