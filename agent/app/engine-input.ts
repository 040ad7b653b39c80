import {
  type Allowance,
  type Article,
  type BasketLine,
  type CouponState,
  type EvaluateRequest,
  type EvaluationId,
  type EvaluationInput,
  type EvaluationLine,
  GTIN_PATTERN,
  type Member,
  WEATHER_SETTING_PREFIX,
} from '../contract/index.ts';
import type { CompiledRuleSet } from '../domain/benefits/compile-rule-set.ts';
import { memberFacts } from '../domain/benefits/member-facts.ts';
import { sceneOf } from '../domain/calendar/scene-of.ts';
import { weatherOf } from '../domain/calendar/weather-of.ts';
import type { TillContext } from './context.ts';
import { usesSoFar } from './rule-uses.ts';

/** What the holder said a moment ago when it was asked, which goes before what is known without asking. */
export interface Denied {
  readonly points?: Allowance;
  readonly coupons: Readonly<Record<string, CouponState>>;
}

export const NOTHING_DENIED: Denied = { coupons: {} };

/** What this basket's own hold has reserved already: it is this shopper's to use again. */
export interface OwnReservation {
  /** The evaluation held; absent where the basket is not. */
  readonly evaluationId?: EvaluationId | undefined;
  readonly points: number;
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
      ? { reachable: true, available: allowance.availablePoints(member.memberId) + own.points }
      : { reachable: false };
  const bare: EvaluationInput = {
    currency: request.currency,
    lines: joinArticles(context, request.lines),
    codes: request.codes,
    pointsToSpend: request.pointsToSpend ?? 0,
    channel: request.channel,
    isReturn: false,
    member: member === undefined ? null : memberFacts(member, now),
    store: { storeId, storeTier },
    now,
    scene: sceneOf(rules.ruleSet.calendar, now),
    weather: weatherOf(
      context.store.sync.fed('setting', `${WEATHER_SETTING_PREFIX}${storeId}`),
      context.nowMs(),
    ),
    allowances: {
      points: denied.points ?? points,
      coupons: { ...(reachable ? couponStates() : {}), ...denied.coupons },
      allotments: {},
    },
    counters: {},
    budgetsUsedMinor: {},
  };
  return { ...bare, ...usesSoFar(context, rules, bare, own.evaluationId) };

  function couponStates(): Record<string, CouponState> {
    const asked = new Set(request.codes);
    const single = rules.ruleSet.rules.flatMap((rule) =>
      rule.coupon?.uses === 'single' && asked.has(rule.coupon.code) ? rule.coupon.code : [],
    );
    return Object.fromEntries(single.map((code) => [code, stateOf(code)]));
  }

  function stateOf(code: string): CouponState {
    if (own.coupons.includes(code)) return 'available';
    const state = allowance.couponState(code);
    return state === 'free' ? 'available' : state === 'unknown' ? 'unknown' : 'used';
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
