import type { CodeClass, Identification, ScannedArticle } from '../../../agent/contract/index.ts';

/** What a scanner brought, sorted by the till. */
export interface Scanned {
  readonly codeClass?: CodeClass | undefined;
  /** Without its AIM identifier. */
  readonly text?: string | undefined;
  readonly aim?: string | undefined;
  readonly article?: ScannedArticle | undefined;
}

/** AIM identifiers of GS1 codes. */
const GS1_AIM = /^\](?:C1|e0|d2|Q3|J1)$/;

/** A code that this register's own scanner read, with what the till said of it. */
export function ownScan(
  code: string,
  { codeClass, article }: Pick<Identification, 'codeClass' | 'article'>,
): Scanned {
  const [, aim, text = code] = /^(\][A-Za-z][0-9A-Za-z])([\s\S]+)$/.exec(code) ?? [];
  return { codeClass, article, aim, text };
}

/** A coupon number (AI 255) and nothing else: so it is known and shown without its identifier. */
const COUPON_NUMBER = /^255\d{13,25}$/;

/** A coupon as a basket takes it: of other GS1 codes with their identifier, by which the till knows where parts end. */
export function couponCode(text: string, aim: string | undefined): string {
  return aim !== undefined && GS1_AIM.test(aim) && !COUPON_NUMBER.test(text)
    ? `${aim}${text}`
    : text;
}
