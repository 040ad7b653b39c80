import { outsideSet } from './character-sets.ts';
import { componentChecks } from './component-checks.ts';
import type { CutElement } from './element.ts';
import type { Gs1Error, PartError } from './gs1-error.ts';

/**
 * What is wrong with one value: part by part its length, its characters, and what the dictionary has checked of it. The
 * first thing wrong is told.
 */
export function checkElement(element: CutElement): Gs1Error | null {
  const { entry, value } = element;
  if (value === '') return errorAt(element, { code: 'empty-value', at: 0 });
  let at = 0;
  for (const { set, min, max, optional, checks } of entry.components) {
    const length = Math.min(max, value.length - at);
    if (optional && length === 0) continue;
    if (length < min) return errorAt(element, { code: 'wrong-length', at: value.length });
    const part = value.slice(at, at + length);
    let wrong = outsideSet(part, set);
    for (let nth = 0; wrong === null && nth < checks.length; nth += 1) {
      const check = checks[nth];
      if (check !== undefined) wrong = componentChecks[check](part);
    }
    if (wrong !== null) return errorAt(element, { ...wrong, at: wrong.at + at });
    at += length;
  }
  return at < value.length ? errorAt(element, { code: 'too-long', at }) : null;
}

const FNC1_SIGN = '^';

/**
 * What is wrong with a value before any part of it is looked at: it is shorter or longer than any of its AI, or it holds
 * a `^`, which stands for FNC1 where GS1's reference keeps its elements.
 */
export function cutError(element: CutElement): Gs1Error | null {
  const { length } = element.value;
  const { minLength, maxLength } = element.entry;
  if (length < minLength) return errorAt(element, { code: 'wrong-length', at: length });
  if (length > maxLength) return errorAt(element, { code: 'too-long', at: maxLength });
  const sign = element.value.indexOf(FNC1_SIGN);
  return sign === -1 ? null : errorAt(element, { code: 'wrong-character', at: sign });
}

function errorAt(element: CutElement, { code, at, part }: PartError): Gs1Error {
  const { ai, valueAt, isVerbatim } = element;
  const position = isVerbatim ? valueAt + at : valueAt;
  return { code, ai, position, ...(part === undefined ? {} : { part }) };
}
