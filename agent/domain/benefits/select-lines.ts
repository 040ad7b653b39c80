import type { Selector } from '../../contract/effects.ts';
import type { EvaluationLine } from '../../contract/evaluation-input.ts';

export type LineMatcher = (line: EvaluationLine) => boolean;

/** Compiles a selector; null = every line. */
export function compileSelector(selector: Selector): LineMatcher | null {
  const tests: LineMatcher[] = [];
  const { sku, category, attributes, unitPriceMin, unitPriceMax } = selector;
  if (sku !== undefined) {
    const skus = new Set<string>(sku);
    tests.push((line) => skus.has(line.sku));
  }
  if (category !== undefined) {
    const categories = new Set<string>(category);
    tests.push((line) => line.category !== undefined && categories.has(line.category));
  }
  if (attributes !== undefined) {
    const wanted = new Set<string>(attributes);
    tests.push((line) => line.attributes?.some((attribute) => wanted.has(attribute)) ?? false);
  }
  if (unitPriceMin !== undefined) tests.push((line) => line.unitPriceMinor >= unitPriceMin);
  if (unitPriceMax !== undefined) tests.push((line) => line.unitPriceMinor <= unitPriceMax);
  if (selector.notAlreadyDiscounted === true) tests.push((line) => line.alreadyDiscounted !== true);
  const [first, second] = tests;
  if (first === undefined) return null;
  if (second === undefined) return first;
  return (line) => tests.every((test) => test(line));
}
