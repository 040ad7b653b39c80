import { type Coupon8110, readCoupon8110 } from './coupon-8110.ts';
import { type Coupon8112, readCoupon8112 } from './coupon-8112.ts';
import type { Gs1Element } from './element.ts';
import type { Scaled, ScaledPrice } from './measures.ts';

/** What a coupon code says of itself. The rules decide what it is worth; this is for people and for comparing. */
export interface CouponTerms {
  /** Of AI 255: the 13 digits and what follows them. */
  readonly gcn?: string;
  readonly serial?: string;
  /** Face value (AI 390n, 391n). */
  readonly amount?: ScaledPrice;
  /** Percent off (AI 394n): 8503 with an exponent of -1 is 850.3. */
  readonly percentOff?: Scaled;
  /** Last day, `YYMMDD`; a day of 00 means the end of the month (AI 17). */
  readonly expires?: string;
  /** Loyalty points (AI 8111). */
  readonly points?: number;
  readonly northAmerican?: Coupon8110 | Coupon8112;
}

const GCN_LENGTH = 13;
const CURRENCY_LENGTH = 3;

/** The terms of a coupon's elements that were read strictly; nothing where they hold no coupon. */
export function couponTermsOf(elements: readonly Gs1Element[]): CouponTerms | undefined {
  const isCoupon = elements.some(({ ai }) => ai === '255' || ai === '8110' || ai === '8112');
  return isCoupon ? Object.assign({}, ...elements.map(termOf)) : undefined;
}

function termOf({ ai, value }: Gs1Element): CouponTerms {
  switch (ai) {
    case '255': {
      const serial = value.slice(GCN_LENGTH);
      return { gcn: value.slice(0, GCN_LENGTH), ...(serial === '' ? {} : { serial }) };
    }
    case '17':
      return { expires: value };
    case '8111':
      return { points: Number(value) };
    case '8110': {
      const read = readCoupon8110(value);
      return read.ok ? { northAmerican: read.value } : {};
    }
    case '8112': {
      const read = readCoupon8112(value);
      return read.ok ? { northAmerican: read.value } : {};
    }
    default:
      return amountOf(ai, value);
  }
}

function amountOf(ai: string, value: string): CouponTerms {
  const decimals = Number(ai[3]);
  const exponent = decimals === 0 ? 0 : -decimals;
  switch (ai.slice(0, 3)) {
    case '390':
      return { amount: { digits: Number(value), exponent } };
    case '391': {
      const digits = Number(value.slice(CURRENCY_LENGTH));
      return { amount: { digits, exponent, currency: value.slice(0, CURRENCY_LENGTH) } };
    }
    case '394':
      return { percentOff: { digits: Number(value), exponent } };
    default:
      return {};
  }
}
