import type { Selector } from '../../agent/contract/effects.ts';
import type { EvaluationLine } from '../../agent/contract/evaluation-input.ts';
import type { RuleSourceRule } from '../../agent/contract/rules.ts';
import type { Wish } from './wish.ts';

/** A rule as the oracle reads it: every field filled in, its condition as the oracle's own tree. */
export type DrawnRule = Omit<RuleSourceRule, 'when'> & { readonly wish: Wish | null };

/** What every drawn rule file says of points: days that they wait unless their rule says otherwise. */
export const SET_PENDING_DAYS = 5;

/** A selector in place or by its name. */
export function selectorOf(rule: DrawnRule): Selector {
  const { target } = rule;
  return typeof target === 'string' ? (rule.select[target] ?? {}) : target;
}

/** Indices of the lines that a selector chooses: every given key must hold. */
export function linesOf(selector: Selector, lines: readonly EvaluationLine[]): number[] {
  return lines.flatMap((line, index) => (chooses(selector, line) ? [index] : []));
}

function chooses(selector: Selector, line: EvaluationLine): boolean {
  if (selector.sku !== undefined && !selector.sku.includes(line.sku)) return false;
  if (
    selector.category !== undefined &&
    (line.category === undefined || !selector.category.includes(line.category))
  )
    return false;
  if (
    selector.attributes !== undefined &&
    !(line.attributes ?? []).some((attribute) => selector.attributes?.includes(attribute))
  )
    return false;
  if (selector.unitPriceMin !== undefined && line.unitPriceMinor < selector.unitPriceMin)
    return false;
  if (selector.unitPriceMax !== undefined && line.unitPriceMinor > selector.unitPriceMax)
    return false;
  return !(selector.notAlreadyDiscounted === true && line.alreadyDiscounted === true);
}
