import type { ComparisonNode, Condition } from '../../../contract/condition.ts';
import type { ReasonCode } from '../../../contract/evaluation.ts';
import { compileValue } from './compile-condition.ts';
import type { ConditionFacts } from './condition-facts.ts';
import { conditionText } from './condition-text.ts';
import { firstRead } from './conjuncts.ts';
import { aggregate, type ReasonRow, variable } from './environment.ts';

/** Why a term does not hold. `difference` = needed - seen, in the unit of the code. */
export interface Failure {
  readonly code: ReasonCode;
  readonly term?: string;
  readonly seen?: string;
  readonly needed?: string;
  readonly difference?: number;
}
export type Explain = (facts: ConditionFacts) => Failure;

/**
 * Compiles the explanation of a term from its tree, so that it cannot disagree with the decision.
 * @param term one conjunct, negations already moved inwards
 */
export function compileExplanation(term: Condition, selector: (name: string) => number): Explain {
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

function explainComparison(
  node: ComparisonNode,
  text: string,
  selector: (name: string) => number,
): Explain {
  const swap = firstRead(node.left) === undefined;
  const op = swap ? MIRROR[node.op] : node.op;
  const subject = swap ? node.right : node.left;
  const seenOf = compileValue(subject, selector);
  const boundOf = compileValue(swap ? node.left : node.right, selector);
  const reason = reasonOf(subject);
  const code =
    op === 'ge' || op === 'gt'
      ? reason?.atLeast
      : op === 'le' || op === 'lt'
        ? reason?.atMost
        : reason?.other;
  return (facts) => {
    const seen = seenOf(facts);
    const bound = boundOf(facts);
    const failure = { code: code ?? 'condition', term: text, seen: String(seen) };
    if (op === 'ne') return { ...failure, needed: `!= ${String(bound)}` };
    if (typeof seen === 'string' || typeof seen === 'boolean')
      return { ...failure, needed: String(bound) };
    const needed = BigInt(bound as number) + (op === 'gt' ? 1n : op === 'lt' ? -1n : 0n);
    const difference = Number(needed - BigInt(seen as number));
    return Number.isSafeInteger(difference)
      ? { ...failure, needed: String(needed), difference }
      : { ...failure, needed: String(needed) };
  };
}

function explainMembership(
  item: Condition,
  list: Condition,
  text: string,
  selector: (name: string) => number,
  inverted: boolean,
): Explain {
  const mark = inverted ? '!= ' : '';
  if (list.op === 'list') {
    const seenOf = compileValue(item, selector);
    const valuesOf = compileValue(list, selector);
    const code = reasonOf(item)?.other ?? 'condition';
    return (facts) => ({
      code,
      term: text,
      seen: String(seenOf(facts)),
      needed: `${mark}${(valuesOf(facts) as readonly unknown[]).join(' | ')}`,
    });
  }
  const neededOf = compileValue(item, selector);
  const code = reasonOf(list)?.other ?? 'condition';
  // What a member's tag and group lists hold beside the wanted one is nobody's business at the till.
  return (facts) => ({ code, term: text, needed: `${mark}${String(neededOf(facts))}` });
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
    return { ...best, term: text };
  };
}
