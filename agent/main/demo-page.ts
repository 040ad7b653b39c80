import type { DemoChain } from '../../demo/chain.ts';
import { type Text, text } from '../contract/index.ts';

/** What `/demo.json` shows at a till of the demo: codes to scan and who can sign in there. */
export interface DemoPage {
  readonly codes: readonly { readonly label: Text; readonly text: string }[];
  readonly staff: readonly object[];
}

/** The page of the till in that store. */
export function demoPage(chain: DemoChain, storeId: string): DemoPage {
  return { codes: codesOf(chain), staff: staffOf(chain, storeId) };
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

/** One of each kind of code that a scanner at a checkout meets. */
function codesOf(chain: DemoChain): { label: Text; text: string }[] {
  const gsrn = chain.members.find(
    (member) => member.gsrn !== undefined && member.status === 'active',
  )?.gsrn;
  const articles = chain.articles.filter((article) => article.gtin !== undefined).slice(0, 3);
  return [
    ...chain.showcase.map(({ card, shows }) => ({ label: shows, text: card })),
    ...(gsrn === undefined
      ? []
      : [{ label: text('GS1 会员码 (8018)', 'GS1 member code (8018)'), text: `]C18018${gsrn}` }]),
    { label: text('未登记的会员卡', 'a card nobody has'), text: '2999999999991' },
    ...articles.map(({ name, gtin }) => ({ label: name, text: gtin ?? '' })),
    {
      label: text('微信付款码（不保存）', 'a payment code (never stored)'),
      text: '134650813205778816',
    },
    { label: text('看不懂的码', 'a code nobody knows'), text: 'HELLO-42' },
  ];
}
