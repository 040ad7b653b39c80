import { aiNamed } from './ai-table.ts';
import { cutError } from './check-element.ts';
import { type Cut, type CutElement, ELEMENTS_MAX, type Gs1Element } from './element.ts';
import type { Gs1Error } from './gs1-error.ts';

/** Stands between the linear part and the composite part. */
const COMPOSITE = '|';
const ESCAPE = '\\';

/**
 * Cuts the form that people read and type: `(01)09521234543213(10)ABC`. An opening bracket that belongs to a value is
 * written `\(`. A `|` between a linear and a composite part is passed over.
 */
export function cutBracketed(text: string): Cut {
  const parts = cutBracketedParts(text);
  return {
    elements: parts.flatMap(({ elements }) => elements),
    errors: parts.flatMap(({ errors }) => errors),
  };
}

/** The linear part and, where that could be cut, the composite part: each is a message that is checked by itself. */
export function cutBracketedParts(text: string): readonly Cut[] {
  const composite = text.indexOf(COMPOSITE);
  if (composite === -1) return [cutPart(text, 0, text.length, 0)];
  const linear = cutPart(text, 0, composite, 0);
  if (linear.errors.length > 0) return [linear];
  return [linear, cutPart(text, composite + 1, text.length, linear.elements.length)];
}

/** Elements in brackets; what {@link cutBracketed} reads back. */
export function toBracketed(elements: readonly Gs1Element[]): string {
  return elements.map(({ ai, value }) => `(${ai})${value.replaceAll('(', `${ESCAPE}(`)}`).join('');
}

function cutPart(text: string, from: number, to: number, already: number): Cut {
  const elements: CutElement[] = [];
  const failed = (error: Gs1Error): Cut => ({ elements, errors: [error] });
  let position = from;
  while (position < to) {
    const close = text.indexOf(')', position);
    if (text[position] !== '(' || close === -1 || close >= to)
      return failed({ code: 'not-bracketed', position });
    const ai = text.slice(position + 1, close);
    const entry = aiNamed(ai);
    if (entry === undefined) return failed({ code: 'unknown-ai', ai, position });
    const valueAt = close + 1;
    const end = endOfValue(text, valueAt, to);
    const raw = text.slice(valueAt, end);
    if (raw === '') return failed({ code: 'empty-value', ai, position: valueAt });
    const value = raw.replaceAll(`${ESCAPE}(`, '(');
    const element = { ai, value, entry, position, valueAt, isVerbatim: value === raw };
    const wrong = cutError(element);
    if (wrong !== null) return failed(wrong);
    if (already + elements.length === ELEMENTS_MAX) return failed({ code: 'too-many', position });
    elements.push(element);
    position = end;
  }
  return elements.length === 0
    ? failed({ code: 'empty', position: from })
    : { elements, errors: [] };
}

/** The next bracket that opens an AI, or the end. */
function endOfValue(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && (text[at] !== '(' || text[at - 1] === ESCAPE)) at += 1;
  return at;
}
