import type { ComparisonNode, Condition } from '../../../contract/condition.ts';
import type { ReasonCode } from '../../../contract/evaluation.ts';
import { compileValue } from './compile-condition.ts';
import type { ConditionFacts } from './condition-facts.ts';
import { conditionText } from './condition-text.ts';
import { childrenOf, firstRead } from './conjuncts.ts';
import { aggregate, type ReasonRow, variable } from './environment.ts';

/** What a plain comparison with a fact asked for; the sentences are made of it. */
export interface Wanted {
  /** The fact, as the condition names it, e.g. `member.tier`. */
  readonly subject: string;
  readonly how: 'is' | 'not' | 'at-least' | 'at-most';
  readonly values: readonly string[];
}

/** Why a term does not hold. `difference` = needed - seen, in the unit of the code. */
export interface Failure {
  readonly code: ReasonCode;
  readonly term?: string;
  readonly seen?: string;
  readonly needed?: string;
  readonly difference?: number;
  /** Absent where the term is more than one fact beside its bound. */
  readonly wanted?: Wanted;
}
export type Explain = (facts: ConditionFacts) => Failure;

/**
 * Compiles the explanation of a term from its tree, so that it cannot disagree with the decision. A term that reads the
 * codes presented is explained by its reason alone: whatever else could be said would hand out a code that works.
 * @param term one conjunct, negations already moved inwards
 */
export function compileExplanation(term: Condition, selector: (name: string) => number): Explain {
  return readsCodes(term)
    ? constant({ code: reasonOf(term)?.other ?? 'condition' })
    : explanation(term, selector);
}

function readsCodes(node: Condition): boolean {
  return (node.op === 'var' && node.name === 'codes') || childrenOf(node).some(readsCodes);
}

function explanation(term: Condition, selector: (name: string) => number): Explain {
  const text = conditionText(term);
  switch (term.op) {
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
    case 'eq':
    case 'ne':
      return explainComparison(term, text, selector);
    case 'in':
      return explainMembership(term.left, term.right, text, selector, false);
    case 'not':
      if (term.arg.op === 'in')
        return explainMembership(term.arg.left, term.arg.right, text, selector, true);
      return constant({
        code: reasonOf(term)?.other ?? 'condition',
        term: text,
        seen: 'true',
        needed: 'false',
      });
    case 'var':
    case 'call':
    case 'has':
      return constant({
        code: reasonOf(term)?.other ?? 'condition',
        term: text,
        seen: 'false',
        needed: 'true',
      });
    case 'or':
      return explainChoice(term.args, text, selector);
    default:
      return constant({ code: reasonOf(term)?.other ?? 'condition', term: text });
  }
}

function constant(failure: Failure): Explain {
  return () => failure;
}

function reasonOf(node: Condition): ReasonRow | undefined {
  const read = firstRead(node);
  if (read === undefined) return undefined;
  return read.op === 'call' ? aggregate(read.name).reason : variable(read.name).reason;
}

const MIRROR = { lt: 'gt', le: 'ge', gt: 'lt', ge: 'le', eq: 'eq', ne: 'ne', in: 'in' } as const;

const HOW = {
  eq: 'is',
  in: 'is',
  ne: 'not',
  ge: 'at-least',
  gt: 'at-least',
  le: 'at-most',
  lt: 'at-most',
} as const;

function explainComparison(
  node: ComparisonNode,
  text: string,
  selector: (name: string) => number,
): Explain {
  const swap = firstRead(node.left) === undefined;
  const op = swap ? MIRROR[node.op] : node.op;
  const subject = swap ? node.right : node.left;
  const other = swap ? node.left : node.right;
  const seenOf = compileValue(subject, selector);
  const otherOf = compileValue(other, selector);
  const reason = reasonOf(subject);
  const code =
    (op === 'ge' || op === 'gt'
      ? reason?.atLeast
      : op === 'le' || op === 'lt'
        ? reason?.atMost
        : reason?.other) ?? 'condition';
  const boundOf = (value: Value): Bound => {
    const least = op === 'ne' ? null : boundary(value, op === 'gt' ? 1 : op === 'lt' ? -1 : 0);
    const shown = String(least ?? value);
    const needed = op === 'ne' ? `!= ${shown}` : shown;
    return subject.op === 'var'
      ? { least, needed, wanted: { subject: subject.name, how: HOW[op], values: [shown] } }
      : { least, needed };
  };
  const fixed =
    other.op === 'string' || (other.op === 'int' && typeof other.value === 'number')
      ? boundOf(other.value)
      : null;
  return (facts) => {
    const seen = seenOf(facts);
    const { least, needed, wanted } = fixed ?? boundOf(otherOf(facts));
    const failure: Changeable<Failure> = { code, term: text, seen: String(seen), needed };
    if (wanted !== undefined) failure.wanted = wanted;
    const difference = least === null ? Number.NaN : differenceOf(least, seen);
    if (Number.isSafeInteger(difference)) failure.difference = difference;
    return failure;
  };
}

type Changeable<T> = { -readonly [K in keyof T]: T[K] };
type Value = ReturnType<ReturnType<typeof compileValue>>;

/** What a comparison asks for; `least` is the number nearest to what was seen that would do, null where it is none. */
interface Bound {
  readonly least: number | bigint | null;
  readonly needed: string;
  readonly wanted?: Wanted;
}

function boundary(value: Value, step: number): number | bigint | null {
  if (typeof value === 'bigint') return value + BigInt(step);
  if (typeof value !== 'number') return null;
  return Number.isSafeInteger(value + step) ? value + step : BigInt(value) + BigInt(step);
}

function differenceOf(least: number | bigint, seen: Value): number {
  if (typeof least === 'number' && typeof seen === 'number') return least - seen;
  return Number(BigInt(least) - BigInt(seen as number | bigint));
}

function explainMembership(
  item: Condition,
  list: Condition,
  text: string,
  selector: (name: string) => number,
  inverted: boolean,
): Explain {
  const mark = inverted ? '!= ' : '';
  const how = inverted ? 'not' : 'is';
  if (list.op === 'list') {
    const seenOf = compileValue(item, selector);
    const valuesOf = compileValue(list, selector);
    const code = reasonOf(item)?.other ?? 'condition';
    return (facts) => {
      const values = (valuesOf(facts) as readonly unknown[]).map(String);
      return {
        code,
        term: text,
        seen: String(seenOf(facts)),
        needed: `${mark}${values.join(' | ')}`,
        ...(item.op === 'var' ? { wanted: { subject: item.name, how, values } } : {}),
      };
    };
  }
  const code = reasonOf(list)?.other ?? 'condition';
  // What a member's tag and group lists hold beside the wanted one is nobody's business at the till.
  const failureOf = (value: string): Failure => ({
    code,
    term: text,
    needed: `${mark}${value}`,
    ...(list.op === 'var' ? { wanted: { subject: list.name, how, values: [value] } } : {}),
  });
  if (item.op === 'string') return constant(failureOf(item.value));
  const neededOf = compileValue(item, selector);
  return (facts) => failureOf(String(neededOf(facts)));
}

/** Of several ways the one that lacks least in its own unit is shown; without figures, the first. */
function explainChoice(
  args: readonly Condition[],
  text: string,
  selector: (name: string) => number,
): Explain {
  const ways = args.map((arg) => compileExplanation(arg, selector));
  return (facts) => {
    const failures = ways.map((way) => way(facts));
    const [first] = failures;
    let best = first;
    for (const failure of failures) {
      if (
        failure.code !== first?.code ||
        failure.difference === undefined ||
        best?.difference === undefined
      )
        continue;
      if (Math.abs(failure.difference) < Math.abs(best.difference)) best = failure;
    }
    const shared = failures.every((failure) => failure.code === first?.code);
    if (!shared || best === undefined) return { code: first?.code ?? 'condition', term: text };
    const { wanted: _ofOneWay, ...chosen } = best;
    const wanted = wantedOfAny(failures);
    return { ...chosen, term: text, ...(wanted === undefined ? {} : { wanted }) };
  };
}

/** Several values of one fact, any of which will do, are wanted together. */
function wantedOfAny(failures: readonly Failure[]): Wanted | undefined {
  const [first, ...others] = failures.map(({ wanted }) => wanted);
  if (first?.how !== 'is') return undefined;
  const values = [...first.values];
  for (const other of others) {
    if (other?.how !== 'is' || other.subject !== first.subject) return undefined;
    values.push(...other.values);
  }
  return { ...first, values };
}
