import type { Condition } from '../../../agent/contract/condition.ts';
import { conjuncts, reads } from '../../../agent/domain/benefits/condition/conjuncts.ts';

/** What must be known before a term that reads a fact may hold. */
const GUARDS: Readonly<Record<string, Condition>> = {
  'scene.tags': { op: 'var', name: 'scene.known' },
  'weather.tags': { op: 'has', name: 'weather.tags' },
};

/**
 * A term on a scene or the weather that is not known does not hold, negated or not: "not on weekends" says nothing of a
 * day that no calendar covers. Each such term gets what it needs to know beside it; other ways of an `or` stay open.
 */
export function guardUnknown(condition: Condition): Condition {
  if (!reads(condition, (name) => Object.hasOwn(GUARDS, name))) return condition;
  const terms = conjuncts(condition).flatMap(guarded);
  const written = new Set<string>();
  const once = terms.filter((term) => {
    const before = written.size;
    return written.add(JSON.stringify(term)).size > before;
  });
  const [only] = once;
  return once.length === 1 && only !== undefined ? only : { op: 'and', args: once };
}

/** A term, with its guards before it. */
function guarded(term: Condition): Condition[] {
  const needed = Object.keys(GUARDS).filter((name) => reads(term, (read) => read === name));
  if (needed.length === 0) return [term];
  if (term.op === 'or') return [{ op: 'or', args: term.args.map(guardUnknown) }];
  // Asking whether a fact is known is an answer in itself.
  const asks = term.op === 'has' || (term.op === 'not' && term.arg.op === 'has');
  return asks ? [term] : [...needed.flatMap((name) => GUARDS[name] ?? []), term];
}
