import { readCoupon8110 } from '../gs1/coupon-8110.ts';
import { readCoupon8112 } from '../gs1/coupon-8112.ts';
import { elementsIn } from './gcn.ts';

const PLAIN = /^(8110|8112)(\d+)$/;
/** Company of 6 to 12 digits and offer of 6, so that the length tells one from the other; serial of 6 to 15. */
const WITH_SERIAL = /^(811[02]\d{12,18})\/(\d{6,15})$/;

/** A way to name a coupon: what a rule asks for, and the name under which one that it takes is counted. */
interface CouponName {
  readonly asked: string;
  readonly name: string;
}

/**
 * The ways to name a North American coupon (AI 8110, 8112), the nearest first: by its whole plain text (`8110...`), and by
 * company and offer behind the AI, where its serial follows a slash if it has one (`8110614141123456/777777`), as the
 * serial of a coupon number (255) follows its 13 digits. None where `text` is no such coupon or a wrong one.
 */
function namesOf(text: string): readonly CouponName[] {
  const [, ai, value] = PLAIN.exec(text) ?? [];
  const found =
    ai === undefined
      ? elementsIn(text).find((element) => element.ai === '8110' || element.ai === '8112')
      : { ai, value: value ?? '' };
  if (found === undefined) return [];
  const read = offerIn(found.ai, found.value);
  if (read === undefined) return [];
  const { offer, serial } = read;
  const whole = `${found.ai}${found.value}`;
  return [
    { asked: whole, name: whole },
    { asked: offer, name: serial === undefined ? offer : `${offer}/${serial}` },
  ];
}

function offerIn(ai: string, value: string) {
  if (ai === '8112') {
    const read = readCoupon8112(value);
    if (!read.ok) return undefined;
    const { funder, offerCode, serial } = read.value;
    return { offer: `8112${funder}${offerCode}`, serial };
  }
  const read = readCoupon8110(value);
  if (!read.ok) return undefined;
  const { companyPrefix, offerCode, serial } = read.value;
  return { offer: `8110${companyPrefix}${offerCode}`, serial };
}

/**
 * One name for one North American coupon, however it was read: the nearest by which a rule asks for it, else its whole
 * text. Nothing where `text` is no such coupon.
 * @param isAsked whether some rule asks for a code
 */
export function northAmericanName(
  text: string,
  isAsked: (code: string) => boolean,
): string | undefined {
  const names = namesOf(text);
  return (names.find(({ asked }) => isAsked(asked)) ?? names[0])?.name;
}

/** Whether `text` is a North American coupon that some rule asks for. */
export function isAskedNorthAmerican(text: string, isAsked: (code: string) => boolean): boolean {
  return namesOf(text).some(({ asked }) => isAsked(asked));
}

/** Company and offer of a coupon that is named with its serial; nothing for any other code. */
export function offerOf(name: string): string | undefined {
  return WITH_SERIAL.exec(name)?.[1];
}
