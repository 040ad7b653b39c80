import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  HOUSEKEEPING_MS,
  RETURNABLE_MS,
  RULE_USES_KEPT_DAYS,
} from '../../../agent/app/heartbeat.ts';
import type {
  EvaluateReply,
  Evaluation,
  EvaluationId,
  LineId,
  MemberId,
  ReturnId,
  RuleId,
  SaleId,
  StaffId,
} from '../../../agent/contract/index.ts';
import { addDays } from '../../../agent/domain/calendar/day.ts';
import {
  ANNA,
  BO,
  basket,
  CASHIER,
  commitOf,
  failed,
  freshKey,
  hold,
  type Line,
  openTill,
  POS,
  RICE,
  type Rig,
  ringUp,
  sell,
  TEA,
  value,
} from './rig.ts';

/** Three yuan off a whole basket with the given limits or budget. */
function rulesWith(more: string): string {
  return `
ruleSet: counted
version: 1
currency: CNY
rules:
  - id: welcome
    name: { zh-CN: 迎新立减三元, en: Welcome 3 yuan off }
    lane: basket
    effect: { kind: fixed-off-order, amountMinor: 300 }
    ${more}
`;
}
const limit = (scope: string, max: number): string =>
  rulesWith(`limits: [{ scope: ${scope}, max: ${max} }]`);
const budget = (limitMinor: number): string =>
  rulesWith(`budget: { id: march, limitMinor: ${limitMinor} }`);
const WELCOME = 'welcome' as RuleId;

function welcomeOf({ evaluation }: { evaluation: Evaluation }) {
  const outcome = evaluation.outcomes.find(({ ruleId }) => ruleId === WELCOME);
  return { status: outcome?.status, code: outcome?.code, seen: outcome?.seen };
}
const APPLIED = { status: 'applied', code: 'applied', seen: undefined };

async function evaluated(rig: Rig, id: string, memberId: MemberId | null = ANNA) {
  return ringUp(rig, memberId, basket(id, [TEA]));
}

async function voided(rig: Rig, reply: EvaluateReply): Promise<void> {
  const body = { reason: 'changed their mind', staffId: CASHIER };
  value(await rig.till.voidEvaluation(POS, { id: reply.evaluationId, key: freshKey(), body }));
}

let returns = 0;
async function giveBack(rig: Rig, saleId: SaleId, lines: readonly (readonly [string, number])[]) {
  returns += 1;
  return value(
    await rig.till.returnGoods(POS, {
      returnId: `return-${returns}` as ReturnId,
      saleId,
      lines: lines.map(([lineId, qty]) => ({ lineId: lineId as LineId, qty })),
      referenceId: 'R-9',
      reason: 'does not fit',
      staffId: CASHIER as StaffId,
    }),
  );
}

describe('limits of a rule', () => {
  test.each(['total', 'store-day', 'member', 'member-day', 'member-month'])(
    'by %s bind after the last use, with how many there were',
    async (scope) => {
      const rig = openTill({ rules: limit(scope, 2) });
      await sell(rig, ANNA, basket('b1', [TEA]));
      await sell(rig, ANNA, basket('b2', [TEA]));
      const third = await evaluated(rig, 'b3');
      const code = scope.startsWith('member') ? 'member-usage-limit' : 'usage-limit';
      expect(welcomeOf(third)).toEqual({ status: 'refused', code, seen: '2' });
      expect(third.evaluation.payableMinor).toBe(1_000);
    },
  );

  test('by member leave other members alone, by total they do not', async () => {
    const byMember = openTill({ rules: limit('member', 1) });
    await sell(byMember, ANNA, basket('b1', [TEA]));
    expect(welcomeOf(await evaluated(byMember, 'b2', BO))).toEqual(APPLIED);
    const total = openTill({ rules: limit('total', 1) });
    await sell(total, ANNA, basket('b1', [TEA]));
    expect(welcomeOf(await evaluated(total, 'b2', null))).toMatchObject({ code: 'usage-limit' });
  });

  test('by day begin again with the next business day', async () => {
    const rig = openTill({ rules: limit('member-day', 1) });
    await sell(rig, ANNA, basket('b1', [TEA]));
    expect(welcomeOf(await evaluated(rig, 'b2'))).toMatchObject({ status: 'refused' });
    rig.time.pass(24 * 60 * 60_000);
    expect(welcomeOf(await evaluated(rig, 'b3'))).toEqual(APPLIED);
  });

  test('count across a restart', async () => {
    const rig = openTill({ rules: limit('member', 1) });
    await sell(rig, ANNA, basket('b1', [TEA]));
    rig.restart();
    expect(welcomeOf(await evaluated(rig, 'b2'))).toMatchObject({ code: 'member-usage-limit' });
  });

  test('are not read for rules that have none', async () => {
    const asked: string[] = [];
    const rig = openTill({
      wrapStore: (store) => ({
        ...store,
        ruleUses: {
          ...store.ruleUses,
          used(...args) {
            asked.push('used');
            return store.ruleUses.used(...args);
          },
          budgetUsedMinor(...args) {
            asked.push('budget');
            return store.ruleUses.budgetUsedMinor(...args);
          },
        },
      }),
    });
    await sell(rig, ANNA, basket('b1', [TEA]));
    expect(asked).toEqual([]);
  });
});

describe('the last use', () => {
  test('goes to the sale that is held first; the other is refused with what it costs without', async () => {
    const rig = openTill({ rules: limit('total', 1) });
    const first = await evaluated(rig, 'b1');
    const second = await evaluated(rig, 'b2', BO);
    expect([welcomeOf(first), welcomeOf(second)]).toEqual([APPLIED, APPLIED]);
    const holds = await Promise.all(
      [first, second].map(({ evaluationId: id, basketHash }) =>
        rig.till.hold(POS, { id, basketHash, staffId: CASHIER }),
      ),
    );
    const [held, refused] = holds;
    expect(held?.ok).toBe(true);
    expect(refused).toMatchObject({ ok: false, error: { code: 'allowance-refused', field: 'id' } });
    const fresh = (refused?.ok === false ? refused.error.data?.['evaluation'] : undefined) as
      | EvaluateReply
      | undefined;
    expect(fresh).toMatchObject({ basketId: 'b2', evaluation: { payableMinor: 1_000 } });
    expect(fresh && welcomeOf(fresh)).toEqual({
      status: 'refused',
      code: 'usage-limit',
      seen: '1',
    });
    // The fresh evaluation can be held as it is.
    if (fresh !== undefined) await hold(rig, fresh);
  });

  test('gives the points back that were reserved for the sale that came second', async () => {
    const rig = openTill({
      rules: `${limit('total', 1)}
  - id: redeem
    name: { zh-CN: 积分抵现, en: Pay with points }
    lane: points-spend
    effect: { kind: points-redeem, minorPerPoint: 10 }
`,
    });
    rig.givePoints(BO, 20);
    const card = value(await rig.till.identify(POS, { text: 'CARD-bo' }));
    const { identificationId } = card;
    value(await rig.till.identify(POS, { phoneDigits: '5678', identificationId }));
    const second = value(
      await rig.till.evaluate(POS, basket('b2', [TEA], { identificationId, pointsToSpend: 20 })),
    );
    expect(second.evaluation.points.spent).toBe(20);
    await hold(rig, await evaluated(rig, 'b1'));
    const { evaluationId: id, basketHash } = second;
    const refused = failed(await rig.till.hold(POS, { id, basketHash, staffId: CASHIER }));
    expect(refused.code).toBe('allowance-refused');
    const fresh = refused.data?.['evaluation'] as EvaluateReply;
    expect(fresh.evaluation.points.spent).toBe(20);
    await hold(rig, fresh);
  });

  test("is the shopper's own again when their held basket is evaluated once more", async () => {
    const rig = openTill({ rules: limit('member', 1) });
    const first = await evaluated(rig, 'b1');
    await hold(rig, first);
    const again = value(await rig.till.evaluate(POS, basket('b1', [TEA, RICE])));
    expect(welcomeOf(again)).toEqual(APPLIED);
    await hold(rig, again);
    value(await rig.till.commit(POS, commitOf(again)));
    expect(rig.store.ruleUses.used(WELCOME, 'member', { memberId: ANNA, day: '2026-11-21' })).toBe(
      1,
    );
  });

  test('comes back when its sale is voided', async () => {
    const rig = openTill({ rules: limit('member', 1) });
    const reply = await evaluated(rig, 'b1');
    await hold(rig, reply);
    expect(welcomeOf(await evaluated(rig, 'b2'))).toMatchObject({ status: 'refused' });
    await voided(rig, reply);
    expect(welcomeOf(await evaluated(rig, 'b3'))).toEqual(APPLIED);
  });

  test('comes back when its hold runs out, and is booked again by a late commit with proof', async () => {
    const rig = openTill({ rules: limit('member', 1) });
    const reply = await evaluated(rig, 'b1');
    await hold(rig, reply);
    rig.time.pass(10 * 60_000 + 2_000);
    const other = await evaluated(rig, 'b2');
    expect(welcomeOf(other)).toEqual(APPLIED);
    await hold(rig, other);
    const late = value(
      await rig.till.commit(POS, commitOf(reply, { payment: { paidMinor: 700 } })),
    );
    expect(late.exception).toBe('late-commit');
    value(await rig.till.commit(POS, commitOf(other)));
    // Both are facts, beyond the limit.
    expect(welcomeOf(await evaluated(rig, 'b3'))).toMatchObject({ seen: '2' });
  });

  test('is booked again by a commit after a void', async () => {
    const rig = openTill({ rules: limit('member', 1) });
    const reply = await evaluated(rig, 'b1');
    await hold(rig, reply);
    await voided(rig, reply);
    value(await rig.till.commit(POS, commitOf(reply, { payment: { paidMinor: 700 } })));
    expect(welcomeOf(await evaluated(rig, 'b2'))).toMatchObject({ seen: '1' });
  });

  test('comes back only with the last unit of the sale', async () => {
    const rig = openTill({ rules: limit('member', 1) });
    const { saleId } = await sell(rig, ANNA, basket('b1', [{ ...TEA, qty: 2 }, RICE]));
    await giveBack(rig, saleId, [['l1', 2]]);
    expect(welcomeOf(await evaluated(rig, 'b2'))).toMatchObject({ status: 'refused' });
    await giveBack(rig, saleId, [['l2', 1]]);
    expect(welcomeOf(await evaluated(rig, 'b3'))).toEqual(APPLIED);
  });
});

describe('campaign money', () => {
  test('is granted up to its limit and not one cent further', async () => {
    const rig = openTill({ rules: budget(600) });
    await sell(rig, ANNA, basket('b1', [TEA]));
    await sell(rig, null, basket('b2', [TEA]));
    const third = await evaluated(rig, 'b3');
    expect(welcomeOf(third)).toEqual({ status: 'refused', code: 'budget', seen: '0' });
    const short = openTill({ rules: budget(599) });
    await sell(short, ANNA, basket('b1', [TEA]));
    expect(welcomeOf(await evaluated(short, 'b2'))).toMatchObject({ code: 'budget', seen: '299' });
  });

  test('a budget that runs out between evaluation and hold refuses the hold: two holds cannot both take the last of it', async () => {
    const rig = openTill({ rules: budget(300) });
    const first = await evaluated(rig, 'b1');
    const second = await evaluated(rig, 'b2', null);
    await hold(rig, first);
    const { evaluationId: id, basketHash } = second;
    const refused = failed(await rig.till.hold(POS, { id, basketHash, staffId: CASHIER }));
    expect(refused).toMatchObject({
      code: 'allowance-refused',
      data: { evaluation: { evaluation: { payableMinor: 1_000 } } },
    });
    await voided(rig, first);
    await hold(rig, await evaluated(rig, 'b3', null));
  });

  test('comes back with each unit returned, and over all returns exactly as much as was taken', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.nat()),
        async (quantities, picks) => {
          const rig = openTill({ rules: budget(10_000) });
          const lines: Line[] = quantities.map((qty, n) => ({
            ...TEA,
            qty,
            unitPriceMinor: 310 + n,
          }));
          const { saleId } = await sell(rig, ANNA, basket('b1', lines));
          const left = quantities.map((qty, n) => ({ lineId: `l${n + 1}`, qty }));
          let usedMinor = rig.store.ruleUses.budgetUsedMinor('march');
          expect(usedMinor).toBe(300);
          for (;;) {
            const open = left.filter(({ qty }) => qty > 0);
            const [pick] = picks.take(1);
            const line = open[(pick ?? 0) % Math.max(1, open.length)];
            if (line === undefined) break;
            await giveBack(rig, saleId, [[line.lineId, 1]]);
            line.qty -= 1;
            const after = rig.store.ruleUses.budgetUsedMinor('march');
            expect(after).toBeLessThanOrEqual(usedMinor);
            usedMinor = after;
          }
          expect(usedMinor).toBe(0);
        },
      ),
      { numRuns: 8 },
    );
  });

  test('comes back in proportion: a third of the units, a third of the money of their line', async () => {
    const rig = openTill({ rules: budget(10_000) });
    const { saleId } = await sell(rig, ANNA, basket('b1', [{ ...TEA, qty: 3 }]));
    await giveBack(rig, saleId, [['l1', 1]]);
    expect(rig.store.ruleUses.budgetUsedMinor('march')).toBe(200);
  });
});

test('uses count as long as their sale can be returned, and are then tidied away', () => {
  expect(RULE_USES_KEPT_DAYS * 24 * 60 * 60_000).toBe(RETURNABLE_MS);
  const rig = openTill();
  const use = { ruleId: WELCOME, counted: true, budgetId: null, amountMinor: 0 };
  const today = '2026-11-21';
  const keep = addDays(today, -RULE_USES_KEPT_DAYS);
  for (const [evaluationId, day] of [
    ['too-old', addDays(keep, -1)],
    ['oldest', keep],
  ] as const)
    rig.store.ruleUses.take(evaluationId as EvaluationId, { memberId: ANNA, day }, [use]);
  rig.time.pass(HOUSEKEEPING_MS + 2_000);
  expect(rig.store.ruleUses.used(WELCOME, 'member', { memberId: ANNA, day: today })).toBe(1);
});
