import {
  type Allowance,
  type Article,
  BASE_BUCKET,
  type BasketLine,
  type CouponState,
  type EvaluateRequest,
  type EvaluationId,
  type EvaluationInput,
  type EvaluationLine,
  GTIN_PATTERN,
  MEMBER_MAX_BUCKETS,
  type Member,
  type MemberId,
  WEATHER_SETTING_PREFIX,
} from '../contract/index.ts';
import type { CompiledRuleSet } from '../domain/benefits/compile-rule-set.ts';
import { memberFacts } from '../domain/benefits/member-facts.ts';
import { ownValue } from '../domain/benefits/own-value.ts';
import { sceneOf } from '../domain/calendar/scene-of.ts';
import { weatherOf } from '../domain/calendar/weather-of.ts';
import type { TillContext } from './context.ts';
import { memberNow } from './member-now.ts';
import { presentCodes } from './presented-codes.ts';
import { usesSoFar } from './rule-uses.ts';

/** What the holder said a moment ago when it was asked, which goes before what is known without asking. */
export interface Denied {
  readonly points?: Allowance;
  /** Points of the categories that the holder was asked for. */
  readonly pointsByBucket?: Readonly<Record<string, number>>;
  /** Coupons and vouchers that the holder was asked for. */
  readonly coupons: Readonly<Record<string, CouponState>>;
}

export const NOTHING_DENIED: Denied = { coupons: {} };

/** What this basket's own hold has reserved already: it is this shopper's to use again. */
export interface OwnReservation {
  /** The evaluation held; absent where the basket is not. */
  readonly evaluationId?: EvaluationId | undefined;
  readonly coupons: readonly string[];
}

export interface EngineInputParts {
  readonly request: Omit<EvaluateRequest, 'id' | 'staffId' | 'identificationId'>;
  readonly member: Member | undefined;
  readonly rules: CompiledRuleSet;
  readonly own: OwnReservation;
  readonly denied: Denied;
}

/** Everything the engine may look at, gathered without waiting for anybody. */
export function engineInput(
  context: TillContext,
  { request, member, rules, own, denied }: EngineInputParts,
): EvaluationInput {
  const now = context.local();
  const { storeId, storeTier } = context.deps.place.store;
  const { allowance } = context.deps.headquarters;
  const reachable = allowance.reachable();
  const points: Allowance =
    reachable && member !== undefined
      ? { reachable: true, available: pointsOf(member.memberId, BASE_BUCKET) }
      : { reachable: false };
  const presented = presentCodes(context, { codes: request.codes, member, rules, own, denied });
  const bare: EvaluationInput = {
    currency: request.currency,
    lines: joinArticles(context, request.lines),
    codes: presented.codes,
    pointsToSpend: request.pointsToSpend ?? 0,
    channel: request.channel,
    isReturn: false,
    member:
      member === undefined
        ? null
        : {
            ...memberFacts(memberNow(context, member), now),
            pointsByBucket: pointsByBucket(member.memberId),
          },
    store: { storeId, storeTier },
    now,
    scene: sceneOf(rules.ruleSet.calendar, now),
    weather: weatherOf(
      context.store.sync.fed('setting', `${WEATHER_SETTING_PREFIX}${storeId}`),
      context.nowMs(),
    ),
    allowances: {
      points: denied.points ?? points,
      coupons: presented.coupons,
      ...(presented.vouchers === undefined ? {} : { vouchers: presented.vouchers }),
      allotments: {},
    },
    counters: {},
    budgetsUsedMinor: {},
  };
  return { ...bare, ...usesSoFar(context, rules, bare, own.evaluationId) };

  function pointsOf(memberId: MemberId, bucket: string): number {
    return allowance.availablePoints(memberId, bucket, own.evaluationId);
  }

  /** Spendable points of every category but `base`: those of which the till has lots, as far as there is room. */
  function pointsByBucket(memberId: MemberId): Record<string, number> {
    if (!reachable) return {};
    const lots = context.store.points.lots(memberId);
    const buckets = new Set(lots.map(({ bucket }) => bucket));
    buckets.delete(BASE_BUCKET);
    const spendable = [...buckets].sort().flatMap((bucket) => {
      const available = ownValue(denied.pointsByBucket ?? {}, bucket) ?? pointsOf(memberId, bucket);
      return available > 0 ? [[bucket, available] as const] : [];
    });
    return Object.fromEntries(spendable.slice(0, MEMBER_MAX_BUCKETS));
  }
}

/** Adds what the till knows of each article; what the POS says goes before it. */
function joinArticles(context: TillContext, lines: readonly BasketLine[]): EvaluationLine[] {
  const known = new Map<string, Article | undefined>();
  const articleOf = (sku: string): Article | undefined => {
    if (!known.has(sku))
      known.set(
        sku,
        context.store.articles.bySku(sku) ??
          (GTIN_PATTERN.test(sku) ? context.store.articles.byGtin(sku) : undefined),
      );
    return known.get(sku);
  };
  return lines.map(({ currency: _stated, ...line }) => {
    const article = articleOf(line.sku);
    if (article === undefined) return { ...line, articleKnown: false };
    const category = line.category ?? article.category;
    const attributes = line.attributes ?? article.attributes;
    const minUnitPriceMinor = line.minUnitPriceMinor ?? article.minUnitPriceMinor;
    return {
      ...line,
      category,
      attributes,
      articleKnown: true,
      ...(minUnitPriceMinor === undefined ? {} : { minUnitPriceMinor }),
    };
  });
}
