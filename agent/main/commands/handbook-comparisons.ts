import type { ComparisonNode, Condition } from '../../contract/condition.ts';
import { type Text, text } from '../../contract/text.ts';
import { formatMinor } from '../../domain/benefits/format-money.ts';
import { channelName, tierName } from '../../domain/benefits/wanted-words.ts';
import {
  type Bound,
  clockWords,
  compared,
  dateWords,
  isPartOfDay,
  onDays,
} from './handbook-days.ts';

type Op = 'eq' | 'ne' | 'ge' | 'le' | 'gt' | 'lt';
const MIRROR = { eq: 'eq', ne: 'ne', ge: 'le', le: 'ge', gt: 'lt', lt: 'gt' } as const;

/** A comparison in plain words, the fact on whichever side; null where no phrase is known for it. */
export function comparisonWords(node: ComparisonNode, currency: string): Text | null {
  const swap = node.right.op !== 'int' && node.right.op !== 'string';
  const [fact, bound] = swap ? [node.right, node.left] : [node.left, node.right];
  const asked = node.op as Op;
  const op = swap ? MIRROR[asked] : asked;
  if (bound.op === 'string')
    return fact.op === 'var' && (op === 'eq' || op === 'ne')
      ? oneOfWords(fact.name, [bound], op === 'ne')
      : null;
  if (bound.op !== 'int') return null;
  const value = Number(bound.value);
  // Whole numbers: more than 9 is 10 or more.
  if (op === 'gt') return intWords(fact, 'ge', value + 1, currency);
  return op === 'lt'
    ? intWords(fact, 'le', value - 1, currency)
    : intWords(fact, op, value, currency);
}

function intWords(fact: Condition, op: Bound, value: number, currency: string): Text | null {
  if (fact.op === 'add' && fact.right.op === 'int')
    return intWords(fact.left, op, value - Number(fact.right.value), currency);
  if (fact.op === 'var' && fact.name === 'member.completedOrders' && op === 'eq')
    return value === 0
      ? text('首次购买', 'on the first purchase')
      : text(`第 ${value + 1} 次购买`, `on purchase number ${value + 1}`);
  if (fact.op === 'var' && isPartOfDay(fact.name))
    return onDays(fact.name, (part) => compared(part, op, value));
  if (fact.op === 'var' && fact.name === 'now.minuteOfDay') return clockWords(op, value);
  if (fact.op === 'var' && fact.name === 'now.date') return dateWords(op, value);
  const known = factWords(fact);
  return known === null ? null : bounded(known, op, value, currency);
}

/** How a counted fact is told: what stands before the figure in Chinese and behind it in English. */
interface FactWords {
  readonly unit: 'money' | 'number';
  readonly what: Text;
  readonly counter: string;
}
const fact = (unit: FactWords['unit'], zhCN: string, en: string, counter = ''): FactWords => ({
  unit,
  what: text(zhCN, en),
  counter,
});
const FACTS: Readonly<Record<string, FactWords>> = {
  'basket.listMinor': fact('money', '', ''),
  'basket.runningMinor': fact('money', '', ''),
  'basket.qty': fact('number', '', ' units', ' 件'),
  'member.yearSpendMinor': fact('money', '年消费', ' spent in the year'),
  'member.monthSpendMinor': fact('money', '本月消费', ' spent in the month'),
  'member.lastMonthSpendMinor': fact('money', '上月消费', ' spent in the month before'),
  'member.completedOrders': fact('number', '此前购买', ' purchases before', ' 次'),
  'member.daysSinceStore': fact('number', '距上次门店购买', ' days since buying in a store', ' 天'),
  'member.daysSinceOnline': fact(
    'number',
    '距上次网店购买',
    ' days since buying in the web shop',
    ' 天',
  ),
  'member.daysSinceApp': fact(
    'number',
    '距上次手机 App 购买',
    ' days since buying in the app',
    ' 天',
  ),
};
/** Over the lines that a selector chooses. */
const AGGREGATES: Readonly<Record<string, FactWords>> = {
  qty: fact('number', '', ' units', ' 件'),
  listMinor: fact('money', '', ''),
  runningMinor: fact('money', '', ''),
};

function factWords(node: Condition): FactWords | null {
  if (node.op === 'var') return FACTS[node.name] ?? null;
  if (node.op === 'call') {
    const row = AGGREGATES[node.name];
    if (row === undefined) return null;
    const what = text(`「${node.selector}」`, `${row.what.en} of "${node.selector}"`);
    return { ...row, what };
  }
  return node.op === 'add' ? sumWords(node.left, node.right) : null;
}

function sumWords(left: Condition, right: Condition): FactWords | null {
  const parts = [left, right].map(factWords);
  const [one, other] = parts;
  if (one?.unit !== 'money' || other?.unit !== 'money') return null;
  const zhCN = [one, other].map(({ what }) => what['zh-CN'] || '本单').join('加');
  const en = [one, other].map(({ what }) => what.en.trim() || 'this basket').join(' plus ');
  return { ...one, what: text(zhCN, ` ${en}`) };
}

const HOW: Readonly<Record<Bound, Text>> = {
  ge: text('满', 'from'),
  le: text('不超过', 'up to'),
  eq: text('正好', 'exactly'),
  ne: text('不是', 'other than'),
};

function bounded(
  { unit, what, counter }: FactWords,
  op: Bound,
  value: number,
  currency: string,
): Text {
  const figure = unit === 'money' ? formatMinor(value, currency) : String(value);
  const how = HOW[op];
  return text(
    `${what['zh-CN']}${how['zh-CN']} ${figure}${counter}`,
    `${how.en} ${figure}${what.en}`,
  );
}

/** Facts that are one word: how it is told, before and after the name. */
const TEXTS: Readonly<
  Record<string, { readonly nameOf: (value: string) => Text; readonly what: Text }>
> = {
  'member.tier': { nameOf: tierName, what: text('', '') },
  'basket.channel': { nameOf: channelName, what: text('渠道：', 'bought by way of: ') },
  'store.id': { nameOf: (id) => text(id, id), what: text('门店 ', 'in the store ') },
  'store.tier': {
    nameOf: (tier) => text(tier, tier),
    what: text('门店等级 ', 'in stores of the tier '),
  },
};

/** A fact that must be one of these, or none of them; null where no phrase is known. */
export function oneOfWords(
  name: string,
  items: readonly Condition[],
  negated: boolean,
): Text | null {
  const row = TEXTS[name];
  if (row === undefined) {
    const values = new Set(items.map((item) => (item.op === 'int' ? Number(item.value) : null)));
    if (values.has(null)) return null;
    return onDays(name, (part) => values.has(part) !== negated);
  }
  const values = items.map((item) => (item.op === 'string' ? item.value : ''));
  const names = values.map(row.nameOf);
  const said = text(
    `${row.what['zh-CN']}${names.map((one) => one['zh-CN']).join('、')}`,
    `${row.what.en}${names.map((one) => one.en).join(', ')}`,
  );
  return negated ? text(`${said['zh-CN']}除外`, `not for ${said.en}`) : said;
}
