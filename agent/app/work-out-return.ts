import {
  err,
  type Failure,
  failure,
  type MemberId,
  ok,
  type Result,
  type ReturnQuote,
  type ReturnRequest,
  type Text,
  text,
  unreachable,
} from '../contract/index.ts';
import {
  addUnits,
  type ReturnFigures,
  type ReturnFiguresError,
  returnFigures,
} from '../domain/benefits/return-figures.ts';
import { returnLosses } from '../domain/benefits/return-losses.ts';
import type { UnitsByLine } from '../domain/benefits/return-share.ts';
import { canonicalJson } from '../domain/ledger/canonical-json.ts';
import type { TillContext } from './context.ts';
import type { KeptGoods, Sold } from './sold-sale.ts';
import { balancesOf, planUndo, type UndoPlan } from './undo-points.ts';

export type ReturnedGoods = Pick<ReturnRequest, 'saleId' | 'lines' | 'gifts'>;

/** One return worked out to the last figure, nothing booked. */
export interface WorkedOutReturn {
  readonly figures: ReturnFigures;
  readonly kept: KeptGoods;
  /** Absent where there is nobody whose points could move. */
  readonly plan: UndoPlan | undefined;
  readonly quote: ReturnQuote;
}

const KEPT_BECAUSE: Readonly<Record<NonNullable<Sold['keptBecause']>, Text>> = {
  erased: text(
    '会员数据已删除，无法重新计算，按已付金额退款',
    "The member's data was erased, so nothing is computed again: what was paid comes back",
  ),
  'rules-gone': text(
    '当时的权益规则已不在本机，按已付金额退款',
    'The rules of that day are not kept here any more: what was paid comes back',
  ),
  'not-reproduced': text(
    '当时的计算无法重现，按已付金额退款',
    'The sale cannot be computed again as it was: what was paid comes back',
  ),
};

/** Units of the lines that come back; a line named twice counts twice. */
export function unitsOf({ lines }: Pick<ReturnedGoods, 'lines'>): Record<string, number> {
  return addUnits(...lines.map(({ lineId, qty }) => ({ [lineId]: qty })));
}

/** Checks a return and works it out: window, articles, units, gifts, money, points. */
export function workOutReturn(
  context: TillContext,
  sold: Sold,
  request: ReturnedGoods,
): Result<WorkedOutReturn, Failure> {
  const { returnUntil, record } = sold;
  if (record.currency !== context.deps.place.store.currency)
    return err(failure('wrong-currency', 'saleId', { currency: record.currency }));
  if (returnUntil !== undefined && context.businessDay() > returnUntil)
    return err(failure('return-window-over', 'saleId', { until: returnUntil }));
  const changed = changedArticle(context, sold, request);
  if (changed !== null) return err(changed);
  const units = unitsOf(request);
  const goods = { lines: [...record.lines], gifts: [...(record.gifts ?? [])] };
  let kept: KeptGoods | undefined;
  const target = (after: UnitsByLine) => {
    kept = sold.keptGoods(sold.undone.units, after);
    return kept.after;
  };
  const brought = addUnits(...(request.gifts ?? []).map(({ sku, qty }) => ({ [sku]: qty })));
  const figures = returnFigures(goods, sold.undone, units, target, brought);
  if (!figures.ok) return err(figuresFailure(figures.error, request));
  if (kept === undefined) throw new Error('broken invariant: figures rest on the kept goods');
  const { memberId } = sold;
  const plan =
    memberId === undefined
      ? undefined
      : planUndo(context, {
          memberId,
          moves: sold.moves,
          already: sold.undone.moves ?? [],
          wanted: figures.value,
          saleDay: sold.businessDay,
          source: `sale:${sold.saleId}`.slice(0, 64),
        });
  const worked = { figures: figures.value, kept, plan };
  return ok({ ...worked, quote: quoteOf(context, sold, worked) });
}

/** Whether the member's points are known here: of one who is not carried any more, or merged away, no balance is told. */
export function isCarried(
  { store }: TillContext,
  memberId: MemberId | undefined,
): memberId is MemberId {
  const member = memberId === undefined ? undefined : store.members.byId(memberId);
  return member !== undefined && member.status !== 'merged';
}

function quoteOf(
  context: TillContext,
  sold: Sold,
  { figures, plan }: Pick<WorkedOutReturn, 'figures' | 'plan'>,
): ReturnQuote {
  const { store } = context;
  const { memberId, record } = sold;
  const { mode, lines, paidMinor, takenBackMinor, addedMinor, giftsMinor, refundMinor } = figures;
  const pointsBalance =
    plan !== undefined && isCarried(context, memberId)
      ? balancesOf(context, memberId, plan)
      : undefined;
  const paid = {
    saleId: sold.saleId,
    mode,
    lines,
    paidMinor,
    takenBackMinor,
    ...(addedMinor === 0 ? {} : { addedMinor }),
    giftsMinor,
    refundMinor,
    pointsToClawBack: plan?.clawedBack ?? 0,
    pointsToGiveBack: plan?.givenBack ?? 0,
    gifts: figures.gifts,
  };
  const losses = returnLosses(plan === undefined ? { ...figures, earned: {} } : figures, {
    currency: record.currency,
    ruleName: (ruleId) => sold.names.get(ruleId) ?? text(ruleId, ruleId),
    articleName: (sku) => store.articles.bySku(sku)?.name ?? text(sku, sku),
    balanceAfter: pointsBalance?.after,
    entitlements: memberId === undefined ? [] : sold.entitlements,
    tierAfter: memberId === undefined ? undefined : sold.tierAfter,
    couponsUsed: sold.couponsUsed,
  });
  return {
    ...paid,
    origin: sold.origin,
    currency: record.currency,
    ...(sold.keptBecause === undefined ? {} : { keptBecause: KEPT_BECAUSE[sold.keptBecause] }),
    ...(pointsBalance === undefined ? {} : { pointsBalance }),
    losses,
    quoteHash: context.hash(canonicalJson(paid)),
  } as ReturnQuote;
}

/** A line whose article is not the one in the cashier's hand, where the POS says which that is. */
function changedArticle(
  { store }: TillContext,
  { record }: Sold,
  { lines }: ReturnedGoods,
): Failure | null {
  const articleOf = (sku: string): string =>
    (store.articles.bySku(sku) ?? store.articles.byGtin(sku))?.sku ?? sku;
  for (const [index, { lineId, sku: stated }] of lines.entries()) {
    const sold = record.lines.find((line) => line.lineId === lineId)?.sku;
    if (stated === undefined || sold === undefined || articleOf(stated) === articleOf(sold))
      continue;
    return failure('return-article-differs', `lines.${index}.sku`, { sold, stated });
  }
  return null;
}

function figuresFailure(error: ReturnFiguresError, { lines, gifts = [] }: ReturnedGoods): Failure {
  const lineField = (lineId: string | undefined): string => {
    const index = lines.findIndex((line) => line.lineId === lineId);
    return index < 0 ? 'lines' : `lines.${index}`;
  };
  switch (error.code) {
    case 'line-unknown':
      return failure('invalid-input', `${lineField(error.lineId)}.lineId`);
    case 'return-too-much':
      return failure('return-too-much', `${lineField(error.lineId)}.qty`, {
        unitsLeft: error.unitsLeft ?? 0,
      });
    case 'nothing-returned':
      return failure('invalid-input', `${lineField(error.lineId)}.qty`);
    case 'gift-not-due': {
      const index = gifts.findIndex(({ sku }) => sku === error.sku);
      return failure('gift-not-due', `gifts.${index}.qty`, { due: error.due });
    }
    default:
      return unreachable(error);
  }
}
