import type { EvaluationInput } from '../../../../agent/contract/evaluation-input.ts';
import { evaluationInputSchema } from '../../../../agent/contract/evaluation-input.ts';
import { toInstant } from '../../../../agent/contract/time.ts';
import { compileRuleSet } from '../../../../agent/domain/benefits/compile-rule-set.ts';
import { evaluate } from '../../../../agent/domain/benefits/evaluate.ts';
import { localTime } from '../../../../agent/domain/benefits/local-time.ts';
import { keptEvaluation } from '../../../../agent/domain/benefits/replay-sale.ts';
import { sealBody } from '../../../../agent/domain/ledger/sealed-body.ts';
import { publishRuleSet } from '../../../../sync/hq/documents/publish-rule-set.ts';
import { publishRules } from '../../../../sync/hq/publish/publish-rules.ts';
import type { UploadItem } from '../../../../sync/protocol/upload.ts';
import { ledgerCrypto } from '../../../support/ledger.ts';
import { must } from '../../../support/must.ts';
import { type BooksRig, type EntryOptions, NOON_MS, type TestTill } from '../books/rig.ts';

export const ZONE = 'Asia/Shanghai';

/** Ten per cent off for gold, and one yuan off once a day for each member. */
export const RULES = `
ruleSet: accuracy
version: 1
currency: CNY
rules:
  - id: gold
    name: { zh-CN: 金卡九折, en: Gold }
    lane: basket
    when: member.tier == "gold"
    effect: { kind: percent-off-order, percentBp: 1000 }
  - id: daily
    name: { zh-CN: 每日一减, en: Daily }
    lane: basket
    step: 2
    when: member.known
    effect: { kind: fixed-off-order, amountMinor: 100 }
    limits: [{ scope: member-day, max: 1 }]
`;

/** The rules of a source as a till has them. */
export function compiled(source = RULES) {
  return compileRuleSet(must(publishRules(source)).ruleSet);
}

export async function publish(rig: BooksRig, source = RULES): Promise<void> {
  must(await publishRuleSet(rig.deps, source));
}

/** An input of ten yuan of tea, decided at a moment. */
export function inputAt(atMs: number, more: Partial<EvaluationInput> = {}): EvaluationInput {
  return evaluationInputSchema.parse({
    currency: 'CNY',
    lines: [{ lineId: 'l1', sku: 'tea', qty: 1, unitPriceMinor: 1_000 }],
    codes: [],
    pointsToSpend: 0,
    channel: 'store',
    isReturn: false,
    member: null,
    store: { storeId: 'store-1', storeTier: 'standard' },
    now: localTime(atMs, ZONE),
    allowances: { points: { reachable: false }, coupons: {}, allotments: {} },
    counters: {},
    budgetsUsedMinor: {},
    ...more,
  });
}

/** A member as a till knows them. */
export function memberThere(memberId: string, tier: string): EvaluationInput['member'] {
  return {
    memberId: memberId as never,
    tier,
    groups: [],
    tags: [],
    completedOrders: 0,
    yearSpendMinor: 0,
    birthdayToday: false,
    birthdayMonth: false,
    pointsByBucket: {},
  };
}

export interface SealedOptions {
  readonly rules?: string;
  readonly input?: Partial<EvaluationInput>;
  readonly atMs?: number;
  /** Changes what is stored of the evaluation. */
  readonly spoil?: (evaluation: ReturnType<typeof keptEvaluation>) => unknown;
  /** Whose sale the body says it is, where its input no longer tells. */
  readonly memberId?: string;
  readonly header?: EntryOptions['header'];
  readonly facts?: Omit<EntryOptions, 'header'>;
}

const KEY = new Uint8Array(32).fill(7);
let sales = 0;

/** Writes the sale of a till into its outbox, sealed as the real one seals it. */
export function sealedSale(
  till: TestTill,
  {
    rules = RULES,
    input: more,
    atMs = NOON_MS,
    spoil,
    memberId: of,
    header,
    facts,
  }: SealedOptions = {},
): Extract<UploadItem, { kind: 'entry' }> {
  const n = ++sales;
  const input = inputAt(atMs, more);
  const evaluation = must(evaluate(compiled(rules), input));
  const kept = keptEvaluation(evaluation);
  const memberId = (of as typeof evaluation.memberId) ?? evaluation.memberId ?? null;
  const entryId = `sealed-${n}`;
  const { sealed, commitment } = sealBody(ledgerCrypto, {
    body: { v: 1, input, evaluation: spoil === undefined ? kept : spoil(kept), memberId },
    entryId,
    key: KEY,
    salt: new Uint8Array(32).fill(n % 256),
  });
  const item = till.entry({
    memberId,
    spendMinor: memberId === null ? 0 : evaluation.payableMinor,
    orders: 1,
    ruleUses: kept.claims.uses.map((ruleId) => ({
      ruleId,
      day: '2026-11-21',
      uses: 1,
      budgetId: null,
      amountMinor: 0,
    })),
    ...facts,
    header: {
      entryId: entryId as never,
      saleId: `sealed-sale-${n}` as never,
      at: toInstant(atMs),
      commitment,
      ruleSetVersion: evaluation.ruleSetVersion,
      listMinor: evaluation.listMinor,
      discountMinor: evaluation.discountMinor,
      payableMinor: evaluation.payableMinor,
      ...header,
    },
  });
  Object.assign(item, {
    sealed: Buffer.from(sealed).toString('base64'),
    key: Buffer.from(KEY).toString('base64'),
  });
  return item;
}

/** What was found, in the order of the entries. */
export function findings(rig: BooksRig) {
  return rig.db.query<{
    engine: string | null;
    accurate: boolean | null;
    cause: string | null;
    fields: string;
  }>(
    'SELECT engine, accurate, cause, fields FROM evaluations_checked ORDER BY till_id, incarnation, seq',
  );
}
