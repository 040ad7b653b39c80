import { err, ok, type Result } from '../../contract/result.ts';
import { hasMod10CheckDigit } from './check-digit.ts';

/** One application identifier (AI) and its value. */
export type Gs1Element = { readonly ai: string; readonly value: string };

export type Gs1Error = {
  readonly code: 'unknown-ai' | 'wrong-value' | 'wrong-check-digit' | 'contradiction' | 'not-gs1';
};

type AiForm = {
  readonly pattern: RegExp;
  /** Length of a value that needs no separator after it (GS1 General Specifications, figure 7.8.5-2). */
  readonly fixedLength?: number;
  /** Digits at the start that end in a check digit. */
  readonly checkedLength?: number;
};

/**
 * The AIs of member, coupon and article codes, forms from the GS1 syntax dictionary of
 * 2026-01-27. Data with any other AI is answered `unknown-ai`: what follows an unknown AI
 * cannot be cut.
 */
const forms: Readonly<Record<string, AiForm>> = {
  '01': { pattern: /^\d{14}$/, fixedLength: 14, checkedLength: 14 },
  '10': { pattern: /^[!-z]{1,20}$/ },
  '11': { pattern: /^\d{6}$/, fixedLength: 6 },
  '13': { pattern: /^\d{6}$/, fixedLength: 6 },
  '15': { pattern: /^\d{6}$/, fixedLength: 6 },
  '17': { pattern: /^\d{6}$/, fixedLength: 6 },
  '21': { pattern: /^[!-z]{1,20}$/ },
  '30': { pattern: /^\d{1,8}$/ },
  '255': { pattern: /^\d{13,25}$/, checkedLength: 13 },
  '8017': { pattern: /^\d{18}$/, checkedLength: 18 },
  '8018': { pattern: /^\d{18}$/, checkedLength: 18 },
  '8019': { pattern: /^\d{1,10}$/ },
  '8111': { pattern: /^\d{4}$/ },
  ...Object.fromEntries(
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'].flatMap((n) => [
      [`390${n}`, { pattern: /^\d{1,15}$/ }],
      [`392${n}`, { pattern: /^\d{1,15}$/ }],
    ]),
  ),
  ...Object.fromEntries(['0', '1', '2', '3'].map((n) => [`394${n}`, { pattern: /^\d{4}$/ }])),
  ...Object.fromEntries(
    ['0', '1', '2', '3', '4', '5'].map((n) => [`310${n}`, { pattern: /^\d{6}$/, fixedLength: 6 }]),
  ),
};

/** AIs that stand for different keys; GS1 forbids them together. */
const exclusive: readonly (readonly [string, string])[] = [
  ['8017', '8018'],
  ['255', '01'],
];

const GS = '\u001d';
const AI_LENGTHS = [2, 3, 4] as const;

const checkElement = (element: Gs1Element): Gs1Error | null => {
  const form = forms[element.ai];
  if (form === undefined) return { code: 'unknown-ai' };
  if (!form.pattern.test(element.value)) return { code: 'wrong-value' };
  const checked = form.checkedLength;
  return checked === undefined || hasMod10CheckDigit(element.value.slice(0, checked))
    ? null
    : { code: 'wrong-check-digit' };
};

/** Each element by itself, then together: no AI twice with another value, no exclusive pair. */
export const checkElements = (
  elements: readonly Gs1Element[],
): Result<readonly Gs1Element[], Gs1Error> => {
  if (elements.length === 0) return err({ code: 'not-gs1' });
  for (const element of elements) {
    const wrong = checkElement(element);
    if (wrong !== null) return err(wrong);
  }
  const values = new Map<string, string>();
  for (const { ai, value } of elements) {
    if ((values.get(ai) ?? value) !== value) return err({ code: 'contradiction' });
    values.set(ai, value);
  }
  const clash = exclusive.some(([one, other]) => values.has(one) && values.has(other));
  return clash ? err({ code: 'contradiction' }) : ok(elements);
};

const formAt = (text: string, position: number): { ai: string; form: AiForm } | null => {
  for (const length of AI_LENGTHS) {
    const ai = text.slice(position, position + length);
    const form = forms[ai];
    if (ai.length === length && form !== undefined) return { ai, form };
  }
  return null;
};

/**
 * Cuts scanned AI data (after an AIM identifier that says so) into elements, unchecked.
 * One separator too many after a value of fixed length or at the end is tolerated.
 */
export const cutElementString = (text: string): Result<readonly Gs1Element[], Gs1Error> => {
  const elements: Gs1Element[] = [];
  let position = 0;
  while (position < text.length) {
    const found = formAt(text, position);
    if (found === null)
      return elements.length === 0 ? err({ code: 'not-gs1' }) : err({ code: 'unknown-ai' });
    const start = position + found.ai.length;
    const separator = text.indexOf(GS, start);
    const end = separator === -1 ? text.length : separator;
    const stop =
      found.form.fixedLength === undefined ? end : Math.min(end, start + found.form.fixedLength);
    elements.push({ ai: found.ai, value: text.slice(start, stop) });
    position = text.charAt(stop) === GS ? stop + 1 : stop;
  }
  return ok(elements);
};

/** Cuts the form people read and type, `(8018)401234523435439653(8019)7`, into elements, unchecked. */
export const cutBracketed = (text: string): Result<readonly Gs1Element[], Gs1Error> => {
  if (!/^(?:\(\d{2,4}\)[^()]+)+$/.test(text)) return err({ code: 'not-gs1' });
  return ok(
    [...text.matchAll(/\((\d{2,4})\)([^()]+)/g)].map(([, ai = '', value = '']) => ({ ai, value })),
  );
};

const LINK =
  /^(?:https?|HTTPS?):\/\/[A-Za-z0-9.-]+(?::\d{1,5})?(\/[^?#\s]*)(?:\?([^#\s]*))?(?:#\S*)?$/;
/** The key of a Digital Link and its qualifiers, which must end the path. */
const KEY_PATH = /\/(01|255|8017|8018)\/([^/]+)((?:\/(?:22|10|21|235|8019)\/[^/]+)*)$/;

/** GTINs of 8, 12 and 13 digits also appear in links; AI (01) has 14. */
const asGtin14 = (value: string): string =>
  /^(?:\d{8}|\d{12,13})$/.test(value) ? value.padStart(14, '0') : value;

/**
 * Takes key, service instance and numeric attributes from a GS1 Digital Link URI, unchecked.
 * The link is read and never fetched, and its domain proves nothing. Qualifiers of articles
 * are passed over. A small reader: member, coupon and article keys only.
 */
export const cutDigitalLink = (text: string): Result<readonly Gs1Element[], Gs1Error> => {
  const [, path, query = ''] = LINK.exec(text) ?? [];
  const [, ai, value, qualifiers = ''] = KEY_PATH.exec(path ?? '') ?? [];
  if (ai === undefined || value === undefined) return err({ code: 'not-gs1' });
  const service = /\/8019\/([^/]+)/.exec(qualifiers)?.[1];
  const attributes = query
    .split(/[&;]/)
    .map((pair) => /^(\d+)=(.*)$/.exec(pair))
    .flatMap((match) => (match === null ? [] : [{ ai: match[1] ?? '', value: match[2] ?? '' }]));
  return ok([
    { ai, value: ai === '01' ? asGtin14(value) : value },
    ...(service === undefined ? [] : [{ ai: '8019', value: service }]),
    ...attributes,
  ]);
};
