import { SCAN_TEXT_MAX } from '../../contract/identification.ts';
import type { Result } from '../../contract/result.ts';
import { parseVoucher } from '../vouchers/voucher-text.ts';
import { hasLuhnCheckDigit, hasMod10CheckDigit } from './check-digit.ts';
import { readGcn } from './gcn.ts';
import {
  checkElements,
  cutBracketed,
  cutDigitalLink,
  cutElementString,
  type Gs1Element,
  type Gs1Error,
} from './gs1-8018.ts';
import { type CardPattern, type CodeRouteConfig, defaultCodeRouteConfig } from './route-config.ts';
import { toAscii } from './to-ascii.ts';

/** A code as a reader or a keyboard gives it. `text` may still begin with its AIM identifier. */
export type CodeInput = {
  readonly text: string;
  readonly aim?: string | undefined;
  readonly symbology?: string | undefined;
};

/** What names the member: a GS1 service relation number (AI 8018), or a card number of the chain. */
export type MemberKey =
  | { readonly scheme: 'gsrn'; readonly number: string; readonly serviceInstance?: string }
  | { readonly scheme: 'card'; readonly number: string };

export type UnknownCode = 'empty' | 'over-long' | 'unreadable-gs1' | 'unrecognised';

/**
 * Whose code it is. A payment code is answered without its digits: they must not reach a
 * log, a store or the wire, and what is not here cannot get there.
 */
export type RoutedCode =
  | { readonly class: 'member'; readonly member: MemberKey }
  /**
   * `code` as it is put into the basket; of a GS1 coupon number (AI 255) its 13 digits, the serial apart; of a partner
   * voucher its whole text.
   */
  | { readonly class: 'coupon'; readonly code: string; readonly serial?: string }
  /** `gtin` has 14 digits, padded with zeros. */
  | { readonly class: 'article'; readonly gtin: string }
  | { readonly class: 'payment'; readonly wallet: string }
  | { readonly class: 'unknown'; readonly code: UnknownCode };

/** Whether some rule asks for a GS1 coupon number, by its 13 digits. */
export type KnownGcn = (gcn: string) => boolean;

/** AIM identifiers that say: the data is GS1 application identifiers (GS1 General Specifications 5.1.3). */
const AI_DATA_AIMS: ReadonlySet<string> = new Set([']C1', ']e0', ']d2', ']Q3', ']J1']);
/** Plain QR and Data Matrix, where a Digital Link URI may stand. */
const LINK_AIMS: ReadonlySet<string> = new Set([']Q1', ']d1']);
/** EAN-13 with the 2 or 5 digit add-on of magazines and books behind it. */
const ADD_ON_AIM = ']E3';
const EAN13_LENGTH = 13;
const GTIN_LENGTHS: ReadonlySet<number> = new Set([8, 12, 13, 14]);

const unknown = (code: UnknownCode): RoutedCode => ({ class: 'unknown', code });

const gtinOf = (digits: string): string | null =>
  GTIN_LENGTHS.has(digits.length) && /^\d+$/.test(digits) && hasMod10CheckDigit(digits)
    ? digits.padStart(14, '0')
    : null;

const routePayment = (text: string, config: CodeRouteConfig): RoutedCode | null => {
  if (!/^\d+$/.test(text)) return null;
  const pattern = config.payments.find(
    ({ prefixes, minLength, maxLength }) =>
      text.length >= minLength &&
      text.length <= maxLength &&
      prefixes.some((prefix) => text.startsWith(prefix)),
  );
  return pattern === undefined ? null : { class: 'payment', wallet: pattern.wallet };
};

const fitsCard = (text: string, { prefix, length, check }: CardPattern): boolean => {
  if (text.length !== length || !text.startsWith(prefix) || !/^\d+$/.test(text)) return false;
  switch (check) {
    case 'mod10':
      return hasMod10CheckDigit(text);
    case 'luhn':
      return hasLuhnCheckDigit(text);
    case 'none':
      return true;
  }
};

const valueFor = (elements: readonly Gs1Element[], ai: string): string | undefined =>
  elements.find((element) => element.ai === ai)?.value;

const COUPON_NUMBER_LENGTH = 13;

/**
 * Strict for what gives rights: a member number stands alone or with its service instance,
 * a coupon must be right to its end. Lenient for articles: the POS decides about them.
 */
const routeElements = (cut: Result<readonly Gs1Element[], Gs1Error>): RoutedCode => {
  if (!cut.ok) return unknown('unreadable-gs1');
  const first = cut.value[0];
  if (first?.ai === '01') {
    const gtin = gtinOf(first.value);
    return gtin === null ? unknown('unreadable-gs1') : { class: 'article', gtin };
  }
  const checked = checkElements(cut.value);
  if (!checked.ok) return unknown('unreadable-gs1');
  const number = valueFor(checked.value, '8018');
  if (number !== undefined) {
    if (checked.value.some(({ ai }) => ai !== '8018' && ai !== '8019'))
      return unknown('unreadable-gs1');
    const serviceInstance = valueFor(checked.value, '8019');
    return {
      class: 'member',
      member: {
        scheme: 'gsrn',
        number,
        ...(serviceInstance === undefined ? {} : { serviceInstance }),
      },
    };
  }
  const coupon = valueFor(checked.value, '255');
  if (coupon === undefined) return unknown('unrecognised');
  const serial = coupon.slice(COUPON_NUMBER_LENGTH);
  return {
    class: 'coupon',
    code: coupon.slice(0, COUPON_NUMBER_LENGTH),
    ...(serial === '' ? {} : { serial }),
  };
};

/** An article whose element string goes on with AIs that are not known here is still that article. */
const routeAiData = (text: string, config: CodeRouteConfig): RoutedCode => {
  const routed = routeElements(cutElementString(text));
  if (routed.class !== 'unknown') return routed;
  const gtin = /^01(\d{14})/.exec(text)?.[1];
  if (gtin !== undefined && gtinOf(gtin) !== null) return { class: 'article', gtin };
  // Data that is no GS1 after all may be a payment code, and then its digits must be kept back.
  return routePayment(text, config) ?? routed;
};

/**
 * A coupon number that was typed with its AI and without brackets. Up to 24 digits it may be a payment code as well, so
 * only a number that some rule asks for is one.
 */
const routePlainGcn = (text: string, known: KnownGcn): RoutedCode | null => {
  const read = text.startsWith('255') ? readGcn(text) : undefined;
  if (read?.isRight !== true || text === read.gcn || !known(read.gcn)) return null;
  return {
    class: 'coupon',
    code: read.gcn,
    ...(read.serial === '' ? {} : { serial: read.serial }),
  };
};

const routePlain = (
  text: string,
  aim: string | undefined,
  config: CodeRouteConfig,
  known: KnownGcn,
): RoutedCode => {
  const coupon = routePlainGcn(text, known);
  if (coupon !== null) return coupon;
  const payment = routePayment(text, config);
  if (payment !== null) return payment;
  if (/^https?:\/\//i.test(text)) {
    return aim === undefined || LINK_AIMS.has(aim)
      ? routeElements(cutDigitalLink(text))
      : unknown('unrecognised');
  }
  if (aim === undefined && /^\(\d{2,4}\)/.test(text)) return routeElements(cutBracketed(text));
  if (parseVoucher(text) !== undefined) return { class: 'coupon', code: text };
  if (config.coupons.some(({ prefix }) => text.length > prefix.length && text.startsWith(prefix))) {
    return { class: 'coupon', code: text };
  }
  if (config.cards.some((card) => fitsCard(text, card))) {
    return { class: 'member', member: { scheme: 'card', number: text } };
  }
  const gtin = gtinOf(text);
  return gtin === null ? unknown('unrecognised') : { class: 'article', gtin };
};

/**
 * Sorts a code into member, coupon, article, payment or unknown; looks nobody up. Never
 * throws, whatever the text. What the AIM identifier says goes before length and prefix: a
 * GS1 member number has 18 digits, as a payment code has. Without that identifier a code
 * that could be a payment code is one, because taking one for anything else leaks money.
 * @param known coupon numbers that rules ask for; absent = none
 */
export const routeCode = (
  input: CodeInput,
  config: CodeRouteConfig = defaultCodeRouteConfig,
  known: KnownGcn = () => false,
): RoutedCode => {
  if (input.text.length > SCAN_TEXT_MAX) return unknown('over-long');
  const trimmed = toAscii(input.text).trim();
  const split = input.aim === undefined ? /^(\][A-Za-z][0-9A-Za-z])([\s\S]*)$/.exec(trimmed) : null;
  const aim = input.aim ?? split?.[1];
  const text = split?.[2] ?? trimmed;
  if (text === '') return unknown('empty');
  if (aim !== undefined && AI_DATA_AIMS.has(aim)) return routeAiData(text, config);
  if (aim === ADD_ON_AIM) return routePlain(text.slice(0, EAN13_LENGTH), aim, config, known);
  return routePlain(text, aim, config, known);
};
