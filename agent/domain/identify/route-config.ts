/** Cards that a chain issues: digits that start with `prefix`, `length` of them in all. */
export type CardPattern = {
  readonly prefix: string;
  readonly length: number;
  readonly check: 'mod10' | 'luhn' | 'none';
};

/** Payment codes of a wallet: only digits, one of the prefixes, a length within the bounds. */
export type PaymentPattern = {
  readonly wallet: string;
  readonly prefixes: readonly string[];
  readonly minLength: number;
  readonly maxLength: number;
};

export type CodeRouteConfig = {
  readonly cards: readonly CardPattern[];
  readonly coupons: readonly { readonly prefix: string }[];
  readonly payments: readonly PaymentPattern[];
};

/**
 * Payment codes that customers show in Chinese stores. WeChat Pay and Alipay publish their
 * forms with their bar code payment APIs (`micropay`: 18 digits from 10 to 15;
 * `alipay.trade.pay`: 16 to 24 digits from 25 to 30); UnionPay's QR code specification has
 * 62 and 19 digits in all; e-CNY codes are 19 digits from 01.
 */
export const defaultPaymentPatterns: readonly PaymentPattern[] = [
  {
    wallet: 'wechat',
    prefixes: ['10', '11', '12', '13', '14', '15'],
    minLength: 18,
    maxLength: 18,
  },
  {
    wallet: 'alipay',
    prefixes: ['25', '26', '27', '28', '29', '30'],
    minLength: 16,
    maxLength: 24,
  },
  { wallet: 'unionpay', prefixes: ['62'], minLength: 19, maxLength: 19 },
  { wallet: 'e-cny', prefixes: ['01'], minLength: 19, maxLength: 19 },
];

export const defaultCodeRouteConfig: CodeRouteConfig = {
  cards: [
    { prefix: '29', length: 13, check: 'mod10' },
    { prefix: '88', length: 12, check: 'luhn' },
  ],
  coupons: [{ prefix: 'CP-' }],
  payments: defaultPaymentPatterns,
};

/**
 * Card patterns that some payment code also fits. Such a card would never be recognised,
 * because a payment code must not be taken for anything else; refuse the configuration.
 */
export const cardsHiddenByPayments = (config: CodeRouteConfig): readonly CardPattern[] =>
  config.cards.filter((card) =>
    config.payments.some(
      (payment) =>
        card.length >= payment.minLength &&
        card.length <= payment.maxLength &&
        payment.prefixes.some(
          (prefix) => prefix.startsWith(card.prefix) || card.prefix.startsWith(prefix),
        ),
    ),
  );
