import type { DemoChain } from '../../demo/chain.ts';
import { DEMO_GCN } from '../../demo/partner.ts';
import { type Text, text } from '../contract/index.ts';
import { demoSteps } from './demo-steps.ts';
import { demoVouchers } from './demo-vouchers.ts';

/** What `/demo.json` shows at a till of the demo: what to try, codes to scan and who can sign in there. */
export interface DemoPage {
  readonly steps: readonly Text[];
  readonly codes: readonly { readonly label: Text; readonly text: string }[];
  readonly staff: readonly object[];
}

/**
 * The page of the till in that store.
 * @param nowMs epoch in milliseconds at which the demo started: codes that work once are fresh then
 */
export function demoPage(chain: DemoChain, storeId: string, nowMs: number): DemoPage {
  return {
    steps: demoSteps(chain),
    codes: codesOf(chain, nowMs),
    staff: staffOf(chain, storeId),
  };
}

/** Staff of a store and those who work everywhere. */
export function worksAt(storeId: string): (person: DemoChain['staff'][number]) => boolean {
  return (person) => person.storeId === null || person.storeId === storeId;
}

function staffOf(chain: DemoChain, storeId: string): object[] {
  return chain.staff
    .filter(worksAt(storeId))
    .map(({ staffId, pin, role }) => ({ staffId, pin, role }));
}

/** Articles that what there is to try asks for, beside the first ones: shampoo, jasmine tea, green towels. */
const worthTrying = new Set<string>(['personal-care-01', 'tea-coffee-03', 'home-02']);

/** Serial of a coupon, at most 12 digits as AI 255 allows. */
function serialAt(nowMs: number): string {
  return String(Math.floor(nowMs / 1_000)).padStart(10, '0');
}

const LABEL_GRAMS = 734;

/** The label of a scale on one bag: net weight (AI 3103) and price (AI 3922) behind the GTIN. */
function labelled(name: Text, gtin: string, priceMinor: number): { label: Text; text: string } {
  const grams = String(LABEL_GRAMS).padStart(6, '0');
  const price = Math.round((priceMinor * LABEL_GRAMS) / 1_000);
  return {
    label: text(
      `${name['zh-CN']}，称重标签 ${LABEL_GRAMS} 克`,
      `${name.en}, a scale's label: ${LABEL_GRAMS} g`,
    ),
    text: `]C101${gtin.padStart(14, '0')}3103${grams}3922${price}`,
  };
}

/** One of each kind of code that a scanner at a checkout meets. */
function codesOf(chain: DemoChain, nowMs: number): { label: Text; text: string }[] {
  const gsrn = chain.members.find(
    (member) => member.gsrn !== undefined && member.status === 'active',
  )?.gsrn;
  const articles = chain.articles.filter(
    ({ sku, gtin }, nth) => gtin !== undefined && (nth < 3 || worthTrying.has(sku)),
  );
  return [
    ...chain.showcase.map(({ card, shows }) => ({ label: shows, text: card })),
    ...(gsrn === undefined
      ? []
      : [{ label: text('GS1 会员码 (8018)', 'GS1 member code (8018)'), text: `]C18018${gsrn}` }]),
    { label: text('未登记的会员卡', 'a card nobody has'), text: '2999999999991' },
    ...articles.map(({ name, gtin }) => ({ label: name, text: gtin ?? '' })),
    ...articles
      .slice(0, 1)
      .map(({ name, gtin = '', priceMinor }) => labelled(name, gtin, priceMinor)),
    { label: text('限量券码', 'a coupon good 100 times'), text: 'CP-FIRST100' },
    {
      label: text(
        '厂商券：洗发水减 5 元 (GS1 255)',
        "a maker's coupon: 5 yuan off shampoo (GS1 255)",
      ),
      text: `]C1255${DEMO_GCN}${serialAt(nowMs)}`,
    },
    ...demoVouchers(nowMs),
    {
      label: text('微信付款码（不保存）', 'a payment code (never stored)'),
      text: '134650813205778816',
    },
    { label: text('看不懂的码', 'a code nobody knows'), text: 'HELLO-42' },
  ];
}
