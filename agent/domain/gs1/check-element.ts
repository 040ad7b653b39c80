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

/** Whether a value is shorter or longer than any of its AI. */
export function lengthError(element: CutElement): Gs1Error | null {
  const { length } = element.value;
  const { minLength, maxLength } = element.entry;
  if (length < minLength) return errorAt(element, { code: 'wrong-length', at: length });
  return length > maxLength ? errorAt(element, { code: 'too-long', at: maxLength }) : null;
}

function errorAt(element: CutElement, { code, at, part }: PartError): Gs1Error {
  const { ai, valueAt, isVerbatim } = element;
  const position = isVerbatim ? valueAt + at : valueAt;
  return { code, ai, position, ...(part === undefined ? {} : { part }) };
}
