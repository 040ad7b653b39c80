import { CREDENTIAL_PREFIX, WALLET_PREFIX } from '../../contract/credential.ts';
import { SCAN_TEXT_MAX } from '../../contract/identification.ts';
import { readCoupon8110 } from '../gs1/coupon-8110.ts';
import { readCoupon8112 } from '../gs1/coupon-8112.ts';
import { type ArticleMeasure, measureOf } from '../gs1/measures.ts';
import { type Gs1Input, type LenientMessage, parseLenient, parseStrict } from '../gs1/parse-gs1.ts';
import { COMPOSITE_AIM, carrierOf } from '../gs1/symbology.ts';
import { parseVoucher } from '../vouchers/voucher-text.ts';
import { hasLuhnCheckDigit, hasMod10CheckDigit } from './check-digit.ts';
import { readGcn } from './gcn.ts';
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
  | { readonly scheme: 'card'; readonly number: string }
  /** The rotating credential of a phone, or the one-time password of a wallet card: `number` is the whole text. */
  | { readonly scheme: 'pass' | 'wallet'; readonly number: string };

export type UnknownCode = 'empty' | 'over-long' | 'unreadable-gs1' | 'unrecognised';

/**
 * Whose code it is. A payment code is answered without its digits: they must not reach a
 * log, a store or the wire, and what is not here cannot get there.
 */
export type RoutedCode =
  | { readonly class: 'member'; readonly member: MemberKey }
  /**
   * `code` as it is put into the basket; of a GS1 coupon number (AI 255) its 13 digits, the serial apart; of a North
   * American coupon (AI 8110, 8112) its company and offer behind the AI, the serial apart; of a partner voucher its whole
   * text.
   */
  | { readonly class: 'coupon'; readonly code: string; readonly serial?: string }
  /** `gtin` has 14 digits, padded with zeros; `measure` where the code tells a weight, a price or a count. */
  | { readonly class: 'article'; readonly gtin: string; readonly measure?: ArticleMeasure }
  | { readonly class: 'payment'; readonly wallet: string }
  | { readonly class: 'unknown'; readonly code: UnknownCode };

/** Whether some rule asks for a GS1 coupon number, by its 13 digits. */
export type KnownGcn = (gcn: string) => boolean;

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

const COUPON_NUMBER_LENGTH = 13;

/** What gives rights when it stands in a code: it is read strictly then, whatever else the code holds. */
const CREDENTIALS: ReadonlySet<string> = new Set(['255', '8017', '8018', '8110', '8112']);

/**
 * Strict for what gives rights: a member number stands alone or with its service instance,
 * a coupon must be right to its end. Lenient for articles: the POS decides about them.
 */
const routeGs1 = (input: Gs1Input): RoutedCode => {
  const lenient = parseLenient(input);
  const article = articleOf(lenient);
  if (article !== null) return article;
  const strict = parseStrict(input);
  if (!strict.ok) return unknown('unreadable-gs1');
  const { elements } = strict.value;
  const valueFor = (ai: string): string | undefined =>
    elements.find((element) => element.ai === ai)?.value;
  const number = valueFor('8018');
  if (number !== undefined) {
    if (elements.some(({ ai }) => ai !== '8018' && ai !== '8019')) return unknown('unreadable-gs1');
    const serviceInstance = valueFor('8019');
    return {
      class: 'member',
      member: {
        scheme: 'gsrn',
        number,
        ...(serviceInstance === undefined ? {} : { serviceInstance }),
      },
    };
  }
  const coupon = valueFor('255');
  if (coupon !== undefined)
    return couponOf(coupon.slice(0, COUPON_NUMBER_LENGTH), coupon.slice(COUPON_NUMBER_LENGTH));
  return northAmericanCoupon(valueFor('8110'), valueFor('8112')) ?? unknown('unrecognised');
};

const couponOf = (code: string, serial: string): RoutedCode => ({
  class: 'coupon',
  code,
  ...(serial === '' ? {} : { serial }),
});

const northAmericanCoupon = (
  value8110: string | undefined,
  value8112: string | undefined,
): RoutedCode | null => {
  if (value8110 !== undefined) {
    const read = readCoupon8110(value8110);
    if (!read.ok) return null;
    const { companyPrefix, offerCode, serial = '' } = read.value;
    return couponOf(`8110${companyPrefix}${offerCode}`, serial);
  }
  if (value8112 === undefined) return null;
  const read = readCoupon8112(value8112);
  return read.ok
    ? couponOf(`8112${read.value.funder}${read.value.offerCode}`, read.value.serial)
    : null;
};

/** An article whose code goes on with what is wrong or not known is still that article. */
const articleOf = ({ elements, errors }: LenientMessage): RoutedCode | null => {
  const gtin = elements.find(({ ai }) => ai === '01');
  if (gtin === undefined) return null;
  // Wrong ones count too: they are among the errors.
  const isBehindCredential = [...elements, ...errors].some(
    ({ ai, position }) => ai !== undefined && CREDENTIALS.has(ai) && position < gtin.position,
  );
  if (isBehindCredential) return null;
  const measure = measureOf(elements);
  return { class: 'article', gtin: gtin.value, ...(measure === undefined ? {} : { measure }) };
};

const routeAiData = (text: string, aim: string, config: CodeRouteConfig): RoutedCode => {
  const routed = routeGs1({ text, aim });
  // What is right and of no use here, as a document number (AI 253) is, is no payment code although its digits fit one.
  if (routed.class !== 'unknown' || routed.code !== 'unreadable-gs1') return routed;
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
    return aim === undefined || carrierOf(aim).kind === 'link'
      ? routeGs1({ text, form: 'link' })
      : unknown('unrecognised');
  }
  if (aim === undefined && /^\(\d{2,4}\)/.test(text)) return routeGs1({ text, form: 'bracketed' });
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
  const carrier = aim === undefined ? undefined : carrierOf(aim).kind;
  if (aim !== undefined && carrier === 'elements') return routeAiData(text, aim, config);
  if (text.startsWith(CREDENTIAL_PREFIX))
    return { class: 'member', member: { scheme: 'pass', number: text } };
  if (text.startsWith(WALLET_PREFIX))
    return { class: 'member', member: { scheme: 'wallet', number: text } };
  const composite = carrier === 'number' ? text.indexOf(`|${COMPOSITE_AIM}`) : -1;
  if (composite !== -1) return routePlain(text.slice(0, composite), aim, config, known);
  if (aim === ADD_ON_AIM) return routePlain(text.slice(0, EAN13_LENGTH), aim, config, known);
  return routePlain(text, aim, config, known);
};
