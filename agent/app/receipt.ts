import {
  type EntryReply,
  type Evaluation,
  type RuleOutcome,
  type SaleId,
  type Text,
  text,
} from '../contract/index.ts';
import { withUnit } from '../domain/benefits/format-money.ts';
import type { TillContext } from './context.ts';
import type { MovedPoints } from './sale-points.ts';

/** Lines that one receipt may have; longer baskets name the first articles and count the rest. */
export const RECEIPT_LINES_MAX = 2_000;
/** Room for totals, points and the notice of what was left out. */
const RECEIPT_TAIL_MAX = 100;
/** Days on which points come free that a receipt names. */
export const RECEIPT_WAITING_DAYS_MAX = 20;

export interface SaleReceipt {
  readonly evaluation: Evaluation;
  readonly referenceId: string;
  readonly saleId: SaleId;
  /** What became of the member's points; absent for guests. */
  readonly points?: MovedPoints | undefined;
}

/** Lines of a sale for any receipt printer; by the last one any till of the chain finds the sale. Names nobody. */
export function saleReceipt(
  context: TillContext,
  { evaluation, referenceId, saleId, points }: SaleReceipt,
): EntryReply['receipt'] {
  const money = (amountMinor: number): Text => withUnit(amountMinor, evaluation.currency);
  const articles = evaluation.lines.flatMap((line) => {
    const name = context.store.articles.bySku(line.sku)?.name ?? text(line.sku, line.sku);
    const list = money(line.listMinor);
    const row = text(
      `${name['zh-CN']} × ${line.qty}  ${list['zh-CN']}`,
      `${name.en} x ${line.qty}  ${list.en}`,
    );
    if (line.discountMinor === 0) return [row];
    const off = money(line.discountMinor);
    return [row, text(`  优惠 -${off['zh-CN']}`, `  off -${off.en}`)];
  });
  const room = RECEIPT_LINES_MAX - RECEIPT_TAIL_MAX;
  const left = articles.length - room;
  const shown =
    left > 0
      ? [...articles.slice(0, room), text(`……另有 ${left} 行`, `... and ${left} more lines`)]
      : articles;
  const benefits = evaluation.outcomes
    .filter((one) => one.status === 'applied')
    .slice(0, RECEIPT_TAIL_MAX / 2);
  return {
    lines: [
      text(`小票号 ${referenceId}`, `Receipt ${referenceId}`),
      ...shown,
      line('合计', 'Total', money(evaluation.listMinor)),
      ...(evaluation.discountMinor > 0
        ? [line('优惠', 'Off', money(evaluation.discountMinor), '-')]
        : []),
      line('应付', 'To pay', money(evaluation.payableMinor)),
      ...benefits.map(benefitLine),
      ...donationLine(evaluation),
      ...pointsLines(evaluation.points, points),
      text(`交易号 ${saleId}`, `Sale no. ${saleId}`),
    ],
  };
}

/** Lines of a return. */
export function returnReceipt(parts: {
  readonly currency: string;
  readonly referenceId: string;
  readonly refundMinor: number;
  /** Of what the chain gave for the goods; 0 = none. */
  readonly donatedMinor: number;
  readonly clawedBack: number;
  readonly givenBack: number;
  readonly pointsBalance?: number | undefined;
}): EntryReply['receipt'] {
  return {
    lines: [
      text(`退货 小票号 ${parts.referenceId}`, `Return, receipt ${parts.referenceId}`),
      line('退款', 'Refund', withUnit(parts.refundMinor, parts.currency)),
      ...(parts.donatedMinor > 0
        ? [line('本单公益捐赠减少', 'Donated less', withUnit(parts.donatedMinor, parts.currency))]
        : []),
      ...(parts.clawedBack > 0
        ? [text(`收回积分 ${parts.clawedBack}`, `Points taken back ${parts.clawedBack}`)]
        : []),
      ...(parts.givenBack > 0
        ? [text(`退还积分 ${parts.givenBack}`, `Points given back ${parts.givenBack}`)]
        : []),
      ...balanceLine(parts.pointsBalance),
    ],
  };
}

/** The line of a void. */
export function voidReceipt(): EntryReply['receipt'] {
  return { lines: [text('交易已作废，未收款', 'Voided; nothing was charged')] };
}

function line(zhCN: string, en: string, amount: Text, sign = ''): Text {
  return text(`${zhCN} ${sign}${amount['zh-CN']}`, `${en} ${sign}${amount.en}`);
}

function benefitLine({ name, text: said }: RuleOutcome): Text {
  return text(`· ${name['zh-CN']}：${said['zh-CN']}`, `- ${name.en}: ${said.en}`);
}

/** What the chain gives for this sale; the shopper pays nothing more. */
function donationLine({ donations = [], currency }: Evaluation): Text[] {
  const given = donations.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  if (given === 0) return [];
  const causes = [...new Set(donations.map(({ cause }) => cause))];
  const amount = withUnit(given, currency);
  return [
    text(
      `本单公益捐赠 ${amount['zh-CN']}（${causes.join('、')}），由我们承担`,
      `Donated for this purchase ${amount.en} (${causes.join(', ')}), paid by us`,
    ),
  ];
}

function pointsLines(
  { earned, spent }: Evaluation['points'],
  moved: MovedPoints | undefined,
): Text[] {
  const { setOff = 0, waiting = [] } = moved ?? {};
  return [
    ...(spent > 0 ? [text(`使用积分 ${spent}`, `Points spent ${spent}`)] : []),
    ...(earned > 0 ? [text(`获得积分 ${earned}`, `Points earned ${earned}`)] : []),
    ...(setOff > 0
      ? [text(`  其中抵扣所欠积分 ${setOff}`, `  of these set off against points owed ${setOff}`)]
      : []),
    ...waitingLines(waiting),
    ...balanceLine(moved?.balance),
  ];
}

/** One line for each day on which points come free; those of later days together. */
function waitingLines(waiting: MovedPoints['waiting']): Text[] {
  const byDay = new Map<string, number>();
  for (const { points, availableOn } of waiting)
    byDay.set(availableOn, (byDay.get(availableOn) ?? 0) + points);
  const days = [...byDay].sort(([a], [b]) => (a < b ? -1 : 1));
  const rest = days.slice(RECEIPT_WAITING_DAYS_MAX);
  const later = rest.reduce((sum, [, points]) => sum + points, 0);
  return [
    ...days
      .slice(0, RECEIPT_WAITING_DAYS_MAX)
      .map(([day, points]) =>
        text(
          `  其中 ${points} 分自 ${day} 起可用`,
          `  of these ${points} can be spent from ${day}`,
        ),
      ),
    ...(later > 0
      ? [text(`  其中 ${later} 分更晚可用`, `  of these ${later} can be spent later`)]
      : []),
  ];
}

function balanceLine(balance: number | undefined): Text[] {
  if (balance === undefined) return [];
  if (balance < 0) return [text(`尚欠积分 ${-balance}`, `Points owed ${-balance}`)];
  return [text(`积分余额 ${balance}`, `Points balance ${balance}`)];
}
