import { type Ai, aiNamed } from './ai-table.ts';
import { cutError } from './check-element.ts';
import { holdsCompressed } from './compressed-link.ts';
import { type Cut, type CutElement, ELEMENTS_MAX } from './element.ts';
import type { Gs1Error } from './gs1-error.ts';
import { linkOrderErrors } from './link-order.ts';
import { unescapeUri } from './uri-escapes.ts';

/** Whether a text is to be read as a Digital Link: the scheme in small letters or in capitals, never mixed. */
export function looksLikeLink(text: string): boolean {
  return /^(?:https?|HTTPS?):\/\//.test(text);
}

const NOT_IN_URI = /[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]/;
const NOT_IN_DOMAIN = /[_~?#@!$&'()*+,;=%]/;

const GTIN = '01';
const GTIN_LENGTH = 14;
/** Lengths that older links gave a GTIN; the standard has asked for 14 digits since its version 1.2. */
const SHORT_GTIN_LENGTHS: readonly number[] = [8, 12, 13];

/**
 * Cuts a GS1 Digital Link URI: the last primary key of its path, the qualifiers behind it, and the numeric parameters of
 * its query. The link is read and never fetched, and its domain proves nothing (GS1 Digital Link Standard: URI Syntax).
 * Names of parameters that are not numeric are passed over, as is what stands before the key.
 * @param from where the link begins in `text`
 * @param isLenient whether a GTIN of 8, 12 or 13 digits is filled up to 14, and the rest is cut beside a wrong qualifier
 */
export function cutDigitalLink(text: string, from: number, isLenient: boolean): Cut {
  const nothing = (error: Gs1Error): Cut => ({ elements: [], errors: [error] });
  const uri = text.slice(from);
  const illegal = uri.search(NOT_IN_URI);
  if (illegal !== -1) return nothing({ code: 'wrong-character', position: from + illegal });
  if (!looksLikeLink(uri)) return nothing({ code: 'not-a-link', position: from });
  const domainAt = uri.indexOf('//') + 2;
  const slash = uri.indexOf('/', domainAt);
  const domain = uri.slice(domainAt, slash === -1 ? uri.length : slash);
  const wrongInDomain = domain.search(NOT_IN_DOMAIN);
  if (wrongInDomain !== -1)
    return nothing({ code: 'wrong-domain', position: from + domainAt + wrongInDomain });
  if (slash === -1 || domain === '')
    return nothing({ code: 'not-a-link', position: from + domainAt });

  const fragment = uri.indexOf('#', slash);
  const whole = fragment === -1 ? uri : uri.slice(0, fragment);
  const mark = whole.indexOf('?', slash);
  const context = { uri: whole, from, isLenient };
  const path = cutPath(context, slash, mark === -1 ? whole.length : mark);
  const isWhole = path.errors.length === 0;
  // Without its key a link says nothing.
  if (!isWhole && (!isLenient || path.elements.length === 0)) return path;
  const query =
    mark === -1 ? NOTHING : cutQuery(context, mark + 1, path.elements.length + path.errors.length);
  const elements = [...path.elements, ...query.elements];
  // The order of a path is not judged by a part of it.
  const order = isWhole ? linkOrderErrors(elements) : [];
  return { elements, errors: [...path.errors, ...query.errors, ...order] };
}

const NOTHING: Cut = { elements: [], errors: [] };

interface Link {
  /** The link up to its fragment. */
  readonly uri: string;
  /** Where the link begins in the whole text. */
  readonly from: number;
  readonly isLenient: boolean;
}

interface Pair {
  readonly entry: Ai;
  readonly aiAt: number;
  readonly valueAt: number;
  readonly end: number;
}

/** Pairs of AI and value, looked for from the end: the last primary key of the path is the one that counts. */
function cutPath(link: Link, slash: number, pathEnd: number): Cut {
  const { uri, from } = link;
  const pairs: Pair[] = [];
  let end = pathEnd;
  for (;;) {
    const valueAt = uri.lastIndexOf('/', end - 1) + 1;
    const aiAt = valueAt - 1 > slash ? uri.lastIndexOf('/', valueAt - 2) + 1 : 0;
    const entry = aiAt === 0 ? undefined : aiNamed(uri.slice(aiAt, valueAt - 1));
    if (entry === undefined) {
      const code = holdsCompressed(uri.slice(slash, pathEnd)) ? 'compressed-link' : 'no-key';
      return { elements: [], errors: [{ code, position: from + slash }] };
    }
    if (pairs.length === ELEMENTS_MAX)
      return { elements: [], errors: [{ code: 'too-many', position: from + aiAt }] };
    pairs.unshift({ entry, aiAt, valueAt, end });
    if (entry.qualifiers !== undefined) break;
    end = aiAt - 1;
  }
  const elements: CutElement[] = [];
  const errors: Gs1Error[] = [];
  for (const pair of pairs) {
    const element = elementOf(link, pair, false);
    if (!('code' in element)) elements.push(element);
    else if (elements.length === 0) return { elements, errors: [element] };
    else errors.push(element);
  }
  return { elements, errors };
}

/** Each numeric parameter of the query; every parameter counts for the most that a message may hold. */
function cutQuery(link: Link, start: number, inPath: number): Cut {
  const { uri, from } = link;
  const elements: CutElement[] = [];
  const errors: Gs1Error[] = [];
  let parameters = inPath;
  let end = start;
  for (let at = start; at < uri.length; at = end + 1) {
    const next = uri.indexOf('&', at);
    end = next === -1 ? uri.length : next;
    if (end === at) continue;
    const equals = uri.slice(at, end).indexOf('=');
    const name = equals === -1 ? undefined : uri.slice(at, at + equals);
    if (name !== undefined && /^\d*$/.test(name)) {
      const entry = aiNamed(name);
      const element: CutElement | Gs1Error =
        entry === undefined
          ? { code: 'unknown-ai', ai: name, position: from + at }
          : elementOf(link, { entry, aiAt: at, valueAt: at + equals + 1, end }, true);
      if ('code' in element) errors.push(element);
      else elements.push(element);
    }
    if (parameters === ELEMENTS_MAX) {
      errors.push({ code: 'too-many', position: from + at });
      break;
    }
    parameters += 1;
  }
  return { elements, errors };
}

function elementOf(link: Link, pair: Pair, isAttribute: boolean): CutElement | Gs1Error {
  const { entry, aiAt, end } = pair;
  const { ai } = entry;
  const position = link.from + aiAt;
  const valueAt = link.from + pair.valueAt;
  const raw = link.uri.slice(pair.valueAt, end);
  if (raw === '') return { code: 'empty-value', ai, position: valueAt };
  const read = unescapeUri(raw, isAttribute);
  if (read.includes('\0')) return { code: 'wrong-escape', ai, position: valueAt };
  const isShort =
    link.isLenient && ai === GTIN && SHORT_GTIN_LENGTHS.includes(read.length) && /^\d+$/.test(read);
  const value = isShort ? read.padStart(GTIN_LENGTH, '0') : read;
  const isVerbatim = value === raw;
  const element = { ai, value, entry, position, valueAt, isVerbatim, isAttribute };
  return cutError(element) ?? element;
}
