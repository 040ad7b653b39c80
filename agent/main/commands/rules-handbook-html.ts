import { LANES, type Lane } from '../../contract/evaluation.ts';
import type { Rule, RuleSet } from '../../contract/rules.ts';
import { type Text, text } from '../../contract/text.ts';
import { tierName } from '../../domain/benefits/wanted-words.ts';
import type { HandbookNames } from './handbook-terms.ts';
import { escapeHtml } from './html-page.ts';
import type { TierSection } from './rules-handbook-live.ts';
import { conditionWords, effectWords } from './rules-handbook-words.ts';

const LANE_NAMES: Readonly<Record<Lane, Text>> = {
  price: text('会员价与等级', 'Prices'),
  'multi-buy': text('多件优惠', 'Multi-buy'),
  basket: text('整单优惠', 'Whole basket'),
  coupon: text('券', 'Coupons'),
  'points-spend': text('积分抵扣', 'Paying with points'),
  'points-earn': text('积分', 'Earning points'),
  entitlement: text('权益与赠品', 'Rights and gifts'),
};

const STYLE = `
body { font: 11pt/1.5 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1a1a1a; }
section { break-before: page; }
section:first-of-type { break-before: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #bbb; padding: .3rem .5rem; text-align: left; vertical-align: top; width: 50%; }
tr { break-inside: avoid; }
h2 { border-bottom: 2px solid; }
h3 { margin: 1rem 0 .2rem; }
small { color: #555; display: block; }
@media print { @page { margin: 15mm; } body { margin: 0; max-width: none; padding: 0; } }
`;

/** The benefit handbook: one printable page that needs nothing else, Chinese beside English. */
export function handbookHtml(
  {
    ruleSet,
    version,
    currency,
    calendar,
  }: Pick<RuleSet, 'ruleSet' | 'version' | 'currency' | 'calendar'>,
  day: string,
  sections: readonly TierSection[],
): string {
  const names = { currency, festivals: calendar?.festivals ?? [] };
  const title = `会员权益手册 / Benefit handbook: ${ruleSet}`;
  return [
    '<!doctype html>',
    '<html lang="zh-CN"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(`${day}, v${version}`)}</p>`,
    ...sections.map((section) => sectionHtml(section, names)),
    '</body></html>',
    '',
  ].join('\n');
}

function sectionHtml({ tier, rules }: TierSection, names: HandbookNames): string {
  const name = tier === null ? text('非会员', 'Without membership') : tierName(tier);
  const lanes = LANES.flatMap((lane) => {
    const inLane = rules.filter((rule) => rule.lane === lane);
    if (inLane.length === 0) return [];
    const rows = inLane.map((rule) => rowHtml(rule, names));
    return [`<h3>${both(LANE_NAMES[lane])}</h3><table>${rows.join('\n')}</table>`];
  });
  const empty = both(text('没有权益', 'No benefits'));
  const body = lanes.length === 0 ? `<p>${empty}</p>` : lanes.join('\n');
  return `<section data-tier="${escapeHtml(tier ?? '')}"><h2>${both(name)}</h2>${body}</section>`;
}

function rowHtml(rule: Rule, names: HandbookNames): string {
  const gives = effectWords(rule.effect, names.currency);
  const terms = conditionWords(rule, names);
  const cell = (language: 'zh-CN' | 'en', between: string): string => {
    const words = [gives, ...terms].map((part) => part[language]).filter((part) => part !== '');
    const small = words.length === 0 ? '' : `<small>${escapeHtml(words.join(between))}</small>`;
    return `<td lang="${language}">${escapeHtml(rule.name[language])}${small}</td>`;
  };
  return `<tr data-rule="${escapeHtml(rule.id)}">${cell('zh-CN', '；')}${cell('en', '; ')}</tr>`;
}

function both(name: Text): string {
  return escapeHtml(`${name['zh-CN']} / ${name.en}`);
}
