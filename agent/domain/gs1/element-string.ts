import { aiAt } from './ai-table.ts';
import { type Cut, type CutElement, ELEMENTS_MAX } from './element.ts';
import type { Gs1Error } from './gs1-error.ts';

/** FNC1 as readers send it between elements: group separator, U+001D. */
export const SEPARATOR = '\u001d';

/**
 * Cuts an element string, as it comes behind an AIM identifier that says so (GS1 General Specifications, section 7.8). A
 * value of fixed length ends there; any other ends at a separator or with the text. One separator too many after a value
 * of fixed length, or at the end, is passed over. Behind an AI that is not known nothing can be cut.
 * @param from where the element string begins in `text`
 */
export function cutElementString(text: string, from: number): Cut {
  const elements: CutElement[] = [];
  const failed = (error: Gs1Error): Cut => ({ elements, errors: [error] });
  if (from >= text.length) return failed({ code: 'empty', position: from });
  let position = from;
  while (position < text.length) {
    const entry = aiAt(text, position);
    if (entry === undefined) return failed({ code: 'unknown-ai', position });
    if (elements.length === ELEMENTS_MAX) return failed({ code: 'too-many', position });
    const valueAt = position + entry.ai.length;
    const separator = text.indexOf(SEPARATOR, valueAt);
    const end = separator === -1 ? text.length : separator;
    const stop = entry.fixed ? Math.min(end, valueAt + entry.maxLength) : end;
    const value = text.slice(valueAt, stop);
    elements.push({ ai: entry.ai, value, entry, position, valueAt, isVerbatim: true });
    position = stop === separator ? stop + 1 : stop;
  }
  return { elements, errors: [] };
}
