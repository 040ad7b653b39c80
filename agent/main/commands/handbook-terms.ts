import type { Calendar } from '../../contract/calendar.ts';
import type { ComparisonNode, Condition } from '../../contract/condition.ts';
import { type Text, text } from '../../contract/text.ts';
import { conditionText } from '../../domain/benefits/condition/condition-text.ts';
import { conjuncts, reads } from '../../domain/benefits/condition/conjuncts.ts';
import { sceneName } from '../../domain/benefits/wanted-words.ts';
import { comparisonWords, oneOfWords } from './handbook-comparisons.ts';

/** What the words of a handbook are made with. */
export interface HandbookNames {
  readonly currency: string;
  readonly festivals: Calendar['festivals'];
}

/** Terms that only ask whether something is known at all, which every other term on it asks too. */
const SILENT: ReadonlySet<string> = new Set(['scene.known', 'weather.tags', 'scene.tags']);

/**
 * One term of a condition in plain words; null where it has nothing to tell. What no phrase is known for stands there as
 * the author wrote it.
 */
export function termWords(term: Condition, names: HandbookNames): Text | null {
  switch (term.op) {
    case 'or':
      return eitherWords(term.args, names);
    case 'not':
      return plainWords(term.arg, true, names);
    default:
      return plainWords(term, false, names);
  }
}

function eitherWords(args: readonly Condition[], names: HandbookNames): Text | null {
  const ways = args.map((arg) => conjuncts(arg).flatMap((one) => termWords(one, names) ?? []));
  if (ways.some((way) => way.length === 0)) return null;
  const words = ways.map((way) => joined(way, ' 且 ', ' and '));
  return joined(words, ' 或 ', ' or ');
}

function joined(parts: readonly Text[], zhCN: string, en: string): Text {
  return text(parts.map((part) => part['zh-CN']).join(zhCN), parts.map((part) => part.en).join(en));
}

function plainWords(term: Condition, negated: boolean, names: HandbookNames): Text | null {
  switch (term.op) {
    case 'var':
      return SILENT.has(term.name) ? null : (flagWords(term.name, negated) ?? code(term, negated));
    case 'has':
      return SILENT.has(term.name) ? null : (givenWords(term.name, negated) ?? code(term, negated));
    case 'call':
      return linesWords(term.selector, negated);
    case 'in':
      return membershipWords(term, negated, names) ?? code(term, negated);
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return comparisonWords(term, names.currency) ?? code(term, negated);
    default:
      return code(term, negated);
  }
}

const FLAGS: Readonly<Record<string, readonly [Text, Text]>> = {
  'member.known': [text('限会员', 'for members'), text('限非会员', 'not for members')],
  'member.birthdayToday': [
    text('生日当天', 'on the birthday'),
    text('生日当天除外', 'not on the birthday'),
  ],
  'member.birthdayMonth': [
    text('生日当月', 'in the birthday month'),
    text('生日当月除外', 'not in the birthday month'),
  ],
  'basket.isReturn': [text('退货时', 'on returns'), text('退货除外', 'not on returns')],
};

function flagWords(name: string, negated: boolean): Text | undefined {
  return FLAGS[name]?.[negated ? 1 : 0];
}

const SHOPS: Readonly<Record<string, Text>> = {
  'member.daysSinceStore': text('在门店', 'in a store'),
  'member.daysSinceOnline': text('在网店', 'in the web shop'),
  'member.daysSinceApp': text('在手机 App ', 'in the app'),
};

/** Whether a fact is there: a purchase by channel; any other fact of a member is there for every member. */
function givenWords(name: string, negated: boolean): Text | undefined {
  const shop = SHOPS[name];
  if (shop === undefined)
    return name.startsWith('member.') ? flagWords('member.known', negated) : undefined;
  return negated
    ? text(`从未${shop['zh-CN']}购买`, `never bought ${shop.en}`)
    : text(`曾${shop['zh-CN']}购买`, `bought ${shop.en} before`);
}

function linesWords(selector: string, negated: boolean): Text {
  return negated
    ? text(`不含「${selector}」`, `without "${selector}"`)
    : text(`含「${selector}」`, `with "${selector}"`);
}

/** By list: how a value in it is told, and one that is not. */
const LISTS: Readonly<Record<string, readonly [Text, Text]>> = {
  'member.groups': [
    text('会员群组：{}', 'members of the group {}'),
    text('会员群组 {} 除外', 'not for the group {}'),
  ],
  'member.tags': [
    text('会员标签：{}', 'members with the tag {}'),
    text('会员标签 {} 除外', 'not for members with the tag {}'),
  ],
  'scene.tags': [text('{}', 'on {}'), text('{}除外', 'not on {}')],
  'weather.tags': [
    text('天气：{}', 'in the weather {}'),
    text('天气 {} 除外', 'not in the weather {}'),
  ],
};

function membershipWords(
  { left, right }: ComparisonNode,
  negated: boolean,
  { festivals }: HandbookNames,
): Text | null {
  if (right.op === 'var' && right.name === 'codes') {
    // A code that works is handed out by whoever gives the coupon, not by the handbook.
    return negated ? text('未用此券', 'without this coupon') : text('凭券', 'with the coupon');
  }
  if (right.op === 'list' && left.op === 'var') return oneOfWords(left.name, right.items, negated);
  if (right.op !== 'var' || left.op !== 'string') return null;
  const phrase = LISTS[right.name]?.[negated ? 1 : 0];
  if (phrase === undefined) return null;
  const name =
    right.name === 'scene.tags' ? sceneName(left.value, festivals) : text(left.value, left.value);
  // By function: a chain's own word may hold a replacement pattern such as `$&`.
  return text(
    phrase['zh-CN'].replace('{}', () => name['zh-CN']),
    phrase.en.replace('{}', () => name.en),
  );
}

function code(term: Condition, negated: boolean): Text {
  // Written out, a term on the codes would hand out one that works.
  if (reads(term, (name) => name === 'codes')) return text('凭券', 'with the coupon');
  const written = conditionText(negated ? { op: 'not', arg: term } : term);
  return text(written, written);
}
