import type { CutElement } from './element.ts';
import type { Gs1Error, Gs1ErrorCode } from './gs1-error.ts';

const SIGNATURE = '8030';
/** Keys whose serial may be left out, save where a signature stands beside them. */
const SERIAL_KEYS: readonly string[] = ['253', '255', '8003'];

/**
 * What is wrong with elements that are right one by one: pairs that exclude each other, partners that are missing, one AI
 * with two values, a signature over a key without its serial (GS1 General Specifications, section 4.13). The order is by
 * kind of fault and then by AI, so that one message has one first fault whatever the order of its elements.
 */
export function relationErrors(elements: readonly CutElement[]): readonly Gs1Error[] {
  const sorted = elements.length < 2 ? elements : elements.toSorted(byAi);
  const errors: Gs1Error[] = [];
  // Loops, because most messages hold two or three elements and this is what they cost most.
  for (const element of sorted) {
    const other = excludedBy(element, sorted);
    if (other !== undefined) errors.push(faultOf(element, 'excluded-pair', other));
  }
  for (const element of sorted) {
    const missing = missingBeside(element, sorted);
    if (missing !== undefined) errors.push(faultOf(element, 'missing-partner', missing));
  }
  for (let nth = 1; nth < sorted.length; nth += 1) {
    const [element, before] = [sorted[nth], sorted[nth - 1]];
    if (element !== undefined && element.ai === before?.ai && element.value !== before.value)
      errors.push(faultOf(element, 'different-values'));
  }
  errors.push(...missingSerial(sorted));
  return errors;
}

/** Another AI that may not stand beside an element. */
function excludedBy(element: CutElement, all: readonly CutElement[]): string | undefined {
  for (const pattern of element.entry.excludes) {
    const other = find(pattern, element, all);
    if (other !== undefined) return other.ai;
  }
  return undefined;
}

/** The AIs of which an element asks for one beside it, where none is there. */
function missingBeside(element: CutElement, all: readonly CutElement[]): string | undefined {
  const missing = element.entry.requires.find(
    (groups) =>
      !groups.some((group) => group.every((one) => find(one, element, all) !== undefined)),
  );
  return missing?.map((group) => group.join('+')).join(',');
}

function faultOf({ ai, position }: CutElement, code: Gs1ErrorCode, other?: string): Gs1Error {
  return { code, ai, position, ...(other === undefined ? {} : { other }) };
}

function missingSerial(all: readonly CutElement[]): readonly Gs1Error[] {
  if (all.every(({ ai }) => ai !== SIGNATURE)) return [];
  return all
    .filter(({ ai, value, entry }) => SERIAL_KEYS.includes(ai) && value.length === entry.minLength)
    .map(({ ai, position }) => ({ code: 'missing-serial', ai, position }));
}

/** Another element that a pattern such as `31nn` means; an AI is never its own partner. */
function find(
  pattern: string,
  self: CutElement,
  all: readonly CutElement[],
): CutElement | undefined {
  return all.find(({ ai }) => ai !== self.ai && fits(ai, pattern));
}

function fits(ai: string, pattern: string): boolean {
  if (ai.length !== pattern.length) return false;
  const digits = pattern.indexOf('n');
  return digits === -1 ? ai === pattern : ai.startsWith(pattern.slice(0, digits));
}

function byAi(one: CutElement, other: CutElement): number {
  return one.ai < other.ai ? -1 : one.ai > other.ai ? 1 : 0;
}
