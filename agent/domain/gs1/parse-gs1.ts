import { SCAN_TEXT_MAX } from '../../contract/identification.ts';
import { err, ok, type Result } from '../../contract/result.ts';
import { hasMod10CheckDigit } from '../identify/check-digit.ts';
import { cutBracketedParts } from './bracketed.ts';
import { canonicalLink } from './canonical-link.ts';
import { checkElement } from './check-element.ts';
import { cutDigitalLink, looksLikeLink } from './digital-link.ts';
import type { Cut, CutElement } from './element.ts';
import { cutElementString } from './element-string.ts';
import type { Gs1Error } from './gs1-error.ts';
import { relationErrors } from './relations.ts';
import { aimOf, COMPOSITE_AIM, carrierOf } from './symbology.ts';

/** How a text is written. */
export type Gs1Form = 'elements' | 'bracketed' | 'link' | 'number' | 'plain';

export interface Gs1Input {
  readonly text: string;
  /** AIM identifier, where the reader gives it apart; else the text may begin with it. */
  readonly aim?: string | undefined;
  /**
   * How the text is known to be written. Absent: the AIM identifier tells; without one the text is plain, save that
   * `typed` text may be a link or bracketed.
   */
  readonly form?: 'bracketed' | 'link' | 'typed' | undefined;
}

export interface Gs1Message {
  readonly form: Gs1Form;
  readonly aim?: string;
  /** In the order of the text; `entry` is the dictionary's line. */
  readonly elements: readonly CutElement[];
  /** Digits of an EAN or UPC symbol, which has no AI. */
  readonly number?: string;
}

/** What a lenient reading gives: the elements that are right by themselves, and everything that is wrong. */
export interface LenientMessage extends Gs1Message {
  readonly errors: readonly Gs1Error[];
}

/**
 * Reads a GS1 message for a credential: anything wrong in it refuses the whole. Text that is not GS1 is no error: it has
 * the form `plain` and no elements, because no AI is guessed without a symbology that says so. Never throws; at most
 * {@link SCAN_TEXT_MAX} characters behind the AIM identifier.
 */
export function parseStrict(input: Gs1Input): Result<Gs1Message, Gs1Error> {
  const { errors, ...message } = read(input, false);
  const [first] = errors;
  return first === undefined ? ok(message) : err(first);
}

/**
 * Reads a GS1 message for a line of a basket: what is right is taken and the rest is told. A link may give its GTIN with
 * 8, 12 or 13 digits.
 */
export function parseLenient(input: Gs1Input): LenientMessage {
  return read(input, true);
}

/** The canonical Digital Link of a message that was read strictly; null where it has none. */
export function linkOf({ elements }: Gs1Message): string | null {
  return canonicalLink(elements);
}

function read({ text, aim: given, form }: Gs1Input, isLenient: boolean): LenientMessage {
  const aim = form === 'bracketed' || form === 'link' ? undefined : (given ?? aimOf(text));
  const from = given === undefined && aim !== undefined ? aim.length : 0;
  const named = aim === undefined ? {} : { aim };
  if (text.length - from > SCAN_TEXT_MAX)
    return {
      form: 'plain',
      ...named,
      elements: [],
      errors: [{ code: 'over-long', position: from + SCAN_TEXT_MAX }],
    };
  const carrier = aim === undefined ? carrierWithout(text, form) : carrierOf(aim);
  switch (carrier.kind) {
    case 'elements':
      return {
        form: 'elements',
        ...named,
        ...checkCuts([cutElementString(text, from)], isLenient),
      };
    case 'link': {
      if (form !== 'link' && !looksLikeLink(text.slice(from))) break;
      const cut = cutDigitalLink(text, from, isLenient);
      return { form: 'link', ...named, ...checkCuts([cut], isLenient, true) };
    }
    case 'bracketed':
      return { form: 'bracketed', ...checkCuts(cutBracketedParts(text), isLenient, true) };
    case 'number':
      return { form: 'number', ...named, ...readNumber(text, from, carrier.length, isLenient) };
    case 'plain':
      break;
  }
  return { form: 'plain', ...named, elements: [], errors: [] };
}

function carrierWithout(
  text: string,
  form: Gs1Input['form'],
): { readonly kind: 'bracketed' | 'link' | 'plain' } {
  if (form === 'bracketed' || form === 'link') return { kind: form };
  if (form !== 'typed') return { kind: 'plain' };
  if (looksLikeLink(text)) return { kind: 'link' };
  return { kind: /^\(\d{2,4}\)/.test(text) ? 'bracketed' : 'plain' };
}

/**
 * Checks what was cut, part by part. Strict reading stops at the first fault. What cannot be cut stands behind what could
 * in an element string, and before it where all lengths of a part are looked at first.
 */
function checkCuts(
  parts: readonly Cut[],
  isLenient: boolean,
  cutFirst = false,
): { readonly elements: readonly CutElement[]; readonly errors: readonly Gs1Error[] } {
  const right: CutElement[] = [];
  const found: Gs1Error[] = [];
  for (const { elements, errors } of parts) {
    if (cutFirst) found.push(...errors);
    for (const element of elements) {
      if (!isLenient && found.length > 0) break;
      const error = checkElement(element);
      if (error === null) right.push(element);
      else found.push(error);
    }
    if (!cutFirst) found.push(...errors);
    if (!isLenient && found.length > 0) return { elements: [], errors: found };
  }
  return { elements: right, errors: [...found, ...relationErrors(right)] };
}

/** An EAN or UPC number, and the composite part that may follow as `|]e0` and its elements. */
function readNumber(
  text: string,
  from: number,
  length: number,
  isLenient: boolean,
): Omit<LenientMessage, 'form' | 'aim'> {
  const end = from + length;
  const digits = text.slice(from, end);
  const composite = `|${COMPOSITE_AIM}`;
  const hasComposite = text.startsWith(composite, end);
  const isWhole = digits.length === length && /^\d+$/.test(digits) && hasMod10CheckDigit(digits);
  if (!isWhole || (text.length > end && !hasComposite))
    return { elements: [], errors: [{ code: 'wrong-number', position: isWhole ? end : from }] };
  if (!hasComposite) return { number: digits, elements: [], errors: [] };
  return {
    number: digits,
    ...checkCuts([cutElementString(text, end + composite.length)], isLenient),
  };
}
