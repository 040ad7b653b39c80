import type { ReturnLoss } from '../../contract/returns.ts';
import { type Text, text } from '../../contract/text.ts';
import { withUnit } from './format-money.ts';
import type { ReturnFigures } from './return-figures.ts';
import { pointsOf } from './return-share.ts';

/** Characters of a coupon code that a sentence shows: a partner's voucher is a long one. */
const CODE_SHOWN_MAX = 24;

/** What is known of a sale and its member beside the figures. */
export interface LossFacts {
  readonly currency: string;
  /** Names of rules and of articles, for people. */
  readonly ruleName: (ruleId: string) => Text;
  readonly articleName: (sku: string) => Text;
  /** Points after the return; absent for guests. */
  readonly balanceAfter?: number | undefined;
  /** What the sale gave beside money and points. */
  readonly entitlements: readonly string[];
  /** The tier that the sale reached; absent where the member had it before. */
  readonly tierAfter?: string | undefined;
  /** Codes that work once and were used. */
  readonly couponsUsed: readonly string[];
}

/** What the member would not have any more, the dearest to hear first: money, gifts, points, rights. */
export function returnLosses(figures: ReturnFigures, facts: LossFacts): ReturnLoss[] {
  const money = (amountMinor: number): Text => withUnit(amountMinor, facts.currency);
  const losses: ReturnLoss[] = figures.lost.map(({ ruleId, amountMinor }) => {
    const [name, amount] = [facts.ruleName(ruleId), money(amountMinor)];
    return {
      code: 'benefit',
      ruleId: ruleId as NonNullable<ReturnLoss['ruleId']>,
      amountMinor,
      text: text(
        `留下的商品不再满足“${name['zh-CN']}”，其优惠 ${amount['zh-CN']} 收回`,
        `What you keep no longer reaches "${name.en}": its ${amount.en} off is taken back`,
      ),
    };
  });
  for (const { ruleId, sku, due, missing, payMinor } of figures.gifts) {
    const [name, amount] = [facts.articleName(sku), money(payMinor)];
    losses.push({
      code: 'gift',
      ruleId: ruleId as NonNullable<ReturnLoss['ruleId']>,
      amountMinor: payMinor,
      text:
        missing === 0
          ? text(
              `赠品“${name['zh-CN']}”${due} 件随货退回`,
              `The gift "${name.en}" (${due}) goes back with the goods`,
            )
          : text(
              `赠品“${name['zh-CN']}”应退 ${due} 件，未退 ${missing} 件，从退款中扣 ${amount['zh-CN']}`,
              `The gift "${name.en}": ${due} due back, ${missing} not brought, ${amount.en} taken off the refund`,
            ),
    });
  }
  const clawedBack = pointsOf(figures.earned);
  if (clawedBack > 0)
    losses.push({
      code: 'points-earned',
      points: clawedBack,
      text: text(
        `这笔消费获得的 ${clawedBack} 积分收回`,
        `${clawedBack} points that this purchase earned are taken back`,
      ),
    });
  const { balanceAfter } = facts;
  if (clawedBack > 0 && balanceAfter !== undefined && balanceAfter < 0)
    losses.push({
      code: 'points-owed',
      points: -balanceAfter,
      text: text(
        `积分不够收回，欠 ${-balanceAfter} 积分，从以后获得的积分中抵扣`,
        `There are too few points to take back: ${-balanceAfter} are owed and come off what is earned later`,
      ),
    });
  return figures.isWhole ? [...losses, ...ofWholeSale(facts)] : losses;
}

function ofWholeSale({ entitlements, tierAfter, couponsUsed }: LossFacts): ReturnLoss[] {
  return [
    ...entitlements.map(
      (kind): ReturnLoss => ({
        code: 'entitlement',
        text: text(
          `这笔消费带来的权益“${kind}”结束`,
          `The right "${kind}" that this purchase gave ends`,
        ),
      }),
    ),
    ...(tierAfter === undefined
      ? []
      : [
          {
            code: 'tier' as const,
            text: text(
              `等级“${tierAfter}”要到月度核定时再定`,
              `The tier "${tierAfter}" is looked at again in the monthly run`,
            ),
          },
        ]),
    ...couponsUsed.map((code): ReturnLoss => {
      const shown = code.length > CODE_SHOWN_MAX ? `${code.slice(0, CODE_SHOWN_MAX)}…` : code;
      return {
        code: 'coupon-used',
        text: text(
          `优惠券 ${shown} 只能用一次，退货后不再恢复`,
          `The coupon ${shown} works once and does not come back`,
        ),
      };
    }),
  ];
}
