import { describe, expect, test } from 'vitest';
import { createBaskets, RECEIPTS_MAX } from '../../../agent/app/baskets.ts';
import {
  createEvaluations,
  EVALUATION_LINES_MAX,
  EVALUATIONS_MAX,
  type EvaluationRecord,
} from '../../../agent/app/evaluations.ts';
import { HEARTBEAT_MS } from '../../../agent/app/heartbeat.ts';
import { EXPIRE_BATCH } from '../../../agent/app/hold.ts';
import { IDENTIFICATIONS_MAX } from '../../../agent/app/identifications.ts';
import {
  createNoAllowance,
  createSelfAllowance,
  SELF_ALLOWANCE_GRANTED_MAX,
} from '../../../agent/app/self-allowance.ts';
import {
  type BasketId,
  type EvaluationId,
  entryReplySchema,
  laneBoardSchema,
  openBasketSchema,
  statusSchema,
} from '../../../agent/contract/index.ts';
import { openTestStore } from '../../support/store.ts';
import {
  ANNA,
  BO,
  basket,
  commitOf,
  failed,
  headquartersPort,
  hold,
  member,
  openTill,
  POS,
  RICE,
  ringUp,
  sell,
  TEA,
  value,
} from './rig.ts';

describe('open sales', () => {
  test('are listed newest first with the masked member, and the last touched is the current one', async () => {
    const rig = openTill();
    await ringUp(rig, ANNA, basket('b1', [TEA, { ...RICE, qty: 2 }]));
    rig.time.pass(1_000);
    await ringUp(rig, null, basket('b2', [TEA]));
    const open = value(await rig.till.openBaskets());
    expect(open).toMatchObject([
      { basketId: 'b2', current: true, itemCount: 1, payableMinor: 1_000 },
      {
        basketId: 'b1',
        current: false,
        maskedName: '王*明',
        itemCount: 3,
        payableMinor: 10_900,
        state: 'EVALUATED',
      },
    ]);
    for (const one of open) expect(openBasketSchema.safeParse(one).success).toBe(true);
  });

  test('a finished sale shows its receipt and is open no more', async () => {
    const rig = openTill();
    const done = await sell(rig, ANNA, basket('b1', [TEA]));
    expect(entryReplySchema.safeParse(done).error).toBeUndefined();
    expect(value(await rig.till.openBaskets())).toEqual([]);
    expect(value(await rig.till.showBasket('b1'))).toMatchObject({
      state: 'COMMITTED',
      receipt: { seq: done.seq },
    });
    expect(failed(await rig.till.showBasket('nothing')).code).toBe('evaluation-unknown');
  });

  test('a basket id can be used again after its sale, for somebody else', async () => {
    const rig = openTill();
    await sell(rig, ANNA, basket('b1', [TEA]));
    const next = await sell(rig, null, basket('b1', [TEA]));
    expect(next).toMatchObject({ seq: 2, payableMinor: 1_000 });
  });

  test('an open sale that nobody came back to is forgotten after a week', async () => {
    const rig = openTill();
    await ringUp(rig, ANNA, basket('b1', [TEA]));
    rig.time.pass(3 * 3_600_000);
    expect(value(await rig.till.openBaskets())).toHaveLength(1);
    // Switched off twice for a long weekend: a longer leap would not be believed.
    for (let n = 0; n < 2; n += 1) {
      rig.time.wallMs += 4 * 24 * 3_600_000;
      rig.time.pass(3_700_000);
    }
    expect(value(await rig.till.openBaskets())).toEqual([]);
  });
});

test('recent sales and returns are listed newest first, voids and overrides left out', async () => {
  const rig = openTill();
  const first = await sell(rig, ANNA, basket('b1', [TEA]));
  const reply = await ringUp(rig, null, basket('b2', [TEA]));
  value(
    await rig.till.voidEvaluation(POS, {
      id: reply.evaluationId,
      key: 'void-0001',
      body: { reason: 'x', staffId: 'cashier-1' },
    }),
  );
  const second = await sell(rig, null, basket('b3', [RICE]));
  const list = value(await rig.till.recentSales(10));
  expect(list).toMatchObject([
    { saleId: second.saleId, kind: 'sale', payableMinor: 5_000, referenceId: 'R-1' },
    { saleId: first.saleId, maskedName: '王*明' },
  ]);
  expect(value(await rig.till.recentSales(1))).toHaveLength(1);
});

test('the priority-lane board shows who is entitled at this store today, waiting first', async () => {
  const rig = openTill();
  const lane = (more: object = {}): unknown => [{ kind: 'priority-lane', ...more }];
  rig.store.members.upsert([
    member(ANNA, { entitlements: lane() }),
    member('here', { entitlements: lane({ storeIds: ['store-1'] }) }),
    member('elsewhere', { entitlements: lane({ storeIds: ['store-2'] }) }),
    member('over', { entitlements: lane({ validUntil: '2026-11-20' }) }),
  ]);
  await sell(rig, ANNA, basket('b1', [TEA]));
  for (const id of ['here', 'elsewhere', 'over', BO])
    value(await rig.till.identify(POS, { text: `CARD-${id}` }));
  const board = value(await rig.till.laneBoard());
  expect(laneBoardSchema.safeParse(board).success).toBe(true);
  expect(board).toMatchObject({
    identifiedToday: 5,
    members: [{ memberId: 'here' }, { memberId: ANNA, servedAt: expect.any(String) }],
  });
});

test('the status says what the till is and how it is', async () => {
  const rig = openTill();
  await sell(rig, ANNA, basket('b1', [TEA]));
  const status = value(await rig.till.status());
  expect(statusSchema.safeParse(status).error).toBeUndefined();
  expect(status).toMatchObject({
    tillId: 'till-1',
    ruleSetVersion: 1,
    clockTrusted: true,
    head: { seq: 1 },
    headquarters: { state: 'not-configured', waitingEntries: 1 },
  });
});

describe('headquarters out of reach', () => {
  const offline = () => headquartersPort({ state: () => ({ state: 'offline', sinceMs: 0 }) });

  test('points and single-use coupons wait with a sentence, everything else goes on', async () => {
    const rig = openTill({ headquarters: offline });
    rig.givePoints(ANNA, 100);
    const card = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    value(
      await rig.till.identify(POS, {
        phoneDigits: '1234',
        identificationId: card.identificationId,
      }),
    );
    const request = basket('b1', [RICE], {
      identificationId: card.identificationId,
      pointsToSpend: 50,
      codes: ['CP-5', 'CP-LEAF'],
    });
    const reply = value(await rig.till.evaluate(POS, request));
    expect(reply.evaluation).toMatchObject({
      payableMinor: 4_900,
      points: { spent: 0, earned: 49 },
    });
    const refused = reply.evaluation.outcomes.filter(
      (outcome) => outcome.code === 'allowance-unreachable',
    );
    expect(refused.map((outcome) => outcome.ruleId)).toEqual(['single-coupon', 'redeem']);
    expect(refused[1]?.text.en).toContain('Headquarters cannot be reached');
    await hold(rig, reply);
    expect(value(await rig.till.commit(POS, commitOf(reply))).pointsEarned).toBe(49);
  });

  test('the holder hears what became of each reservation: settled by a commit, released by a void or the deadline', async () => {
    const heard: string[] = [];
    const rig = openTill({
      headquarters: () =>
        headquartersPort({
          state: () => ({ state: 'online', sinceMs: 0 }),
          allowance: {
            reachable: () => true,
            availablePoints: () => 100,
            couponState: () => 'free',
            reserve: ({ allowanceId, what }) => {
              heard.push(`reserve ${what.kind}`);
              return Promise.resolve({ ok: true, value: { allowanceId } });
            },
            settle: () => void heard.push('settle'),
            release: () => void heard.push('release'),
          },
        }),
    });
    const held = async (id: string) => {
      const reply = await ringUp(rig, ANNA, basket(id, [RICE], { codes: ['CP-5'] }));
      await hold(rig, reply);
      return reply;
    };
    const voided = await held('b1');
    value(
      await rig.till.voidEvaluation(POS, {
        id: voided.evaluationId,
        key: 'void-0001',
        body: { reason: 'x', staffId: 'cashier-1' },
      }),
    );
    await held('b2');
    rig.time.pass(11 * 60_000);
    value(await rig.till.commit(POS, commitOf(await held('b3'))));
    const each = ['release', 'release', 'settle'].flatMap((end) => ['reserve coupon', end]);
    expect(heard).toEqual(each);
  });

  test('a holder that answers no more between evaluation and hold is a refusal with what is left', async () => {
    const self = { reachable: true };
    const rig = openTill({
      headquarters: () =>
        headquartersPort({
          state: () => ({ state: 'online', sinceMs: 0 }),
          allowance: {
            ...createNoAllowance(),
            reachable: () => self.reachable,
            availablePoints: () => 100,
            couponState: () => 'free',
          },
        }),
    });
    const reply = await ringUp(rig, ANNA, basket('b1', [RICE], { codes: ['CP-5'] }));
    expect(reply.evaluation.payableMinor).toBe(4_500);
    const refused = failed(
      await rig.till.hold(POS, {
        id: reply.evaluationId,
        basketHash: reply.basketHash,
        staffId: 'cashier-1',
      }),
    );
    expect(refused.code).toBe('allowance-refused');
    const fresh = (refused.data as { evaluation: typeof reply }).evaluation;
    expect(fresh.evaluation).toMatchObject({ payableMinor: 5_000 });
    expect(
      fresh.evaluation.outcomes.find((outcome) => outcome.ruleId === 'single-coupon')?.code,
    ).toBe('allowance-unreachable');
  });
});

describe('limits', () => {
  const record = (n: number, lines = 1): EvaluationRecord =>
    ({
      evaluationId: `e${n}`,
      basketId: `b${n}`,
      request: { lines: Array.from({ length: lines }) },
    }) as unknown as EvaluationRecord;

  test('so many evaluations are remembered; one more forgets the oldest', () => {
    const evaluations = createEvaluations();
    for (let n = 0; n < EVALUATIONS_MAX; n += 1) evaluations.put(record(n));
    expect(evaluations.get('e0')).toBeDefined();
    evaluations.put(record(EVALUATIONS_MAX));
    expect([evaluations.size(), evaluations.get('e0'), evaluations.latest('b0')]).toEqual([
      EVALUATIONS_MAX,
      undefined,
      undefined,
    ]);
  });

  test('huge baskets push older ones out by their lines, and the last one always stays', () => {
    const evaluations = createEvaluations();
    evaluations.put(record(1, EVALUATION_LINES_MAX - 10));
    evaluations.put(record(2, 10));
    expect(evaluations.size()).toBe(2);
    evaluations.put(record(3, 1));
    expect(evaluations.get('e1')).toBeUndefined();
    evaluations.put(record(4, EVALUATION_LINES_MAX + 1));
    expect([evaluations.size(), evaluations.get('e4') !== undefined]).toEqual([1, true]);
  });

  test('so many identifications are remembered, and cleared ones give way first', async () => {
    const rig = openTill();
    const bound = value(
      await rig.till.identify(POS, { text: 'CARD-anna', basketId: 'b1' as never }),
    );
    for (let n = 0; n < IDENTIFICATIONS_MAX; n += 1)
      value(await rig.till.identify(POS, { text: 'HELLO' }));
    expect(value(await rig.till.identification(bound.identificationId)).outcome).toBe('identified');
  });

  test('so many receipts can still be shown, and one more forgets the oldest', () => {
    const store = { baskets: { get: () => undefined } };
    const evaluate = { reply: (made: unknown) => made };
    const baskets = createBaskets({ store } as never, createEvaluations(), evaluate as never);
    const note = (n: number): void =>
      baskets.noteCommitted(`b${n}` as BasketId, record(n), { seq: n } as never);
    for (let n = 0; n < RECEIPTS_MAX; n += 1) note(n);
    expect(value(baskets.show('b0')).receipt).toEqual({ seq: 0 });
    note(RECEIPTS_MAX);
    expect(failed(baskets.show('b0')).code).toBe('evaluation-unknown');
    expect(value(baskets.show('b1')).receipt).toEqual({ seq: 1 });
  });

  test('so many overdue holds end in one go, the rest in the next', () => {
    const rig = openTill();
    for (let n = 0; n <= EXPIRE_BATCH; n += 1) {
      rig.store.holds.put({
        evaluationId: `e${n}` as EvaluationId,
        basketId: `b${n}` as BasketId,
        basketHash: '',
        memberId: null,
        state: 'HELD',
        deadlineMs: n,
        pointsReserved: 0,
        couponsReserved: [],
        allowanceIds: [],
        saleId: null,
        body: JSON.stringify({ record: { input: {} } }),
      });
    }
    const held = (): number => rig.store.holds.overdue(Number.MAX_SAFE_INTEGER, 1_000).length;
    rig.time.pass(HEARTBEAT_MS);
    expect(held()).toBe(1);
    rig.time.pass(HEARTBEAT_MS);
    expect(held()).toBe(0);
  });

  test('so many reservations wait for their hold, and one more is refused', async () => {
    const { store, clock } = openTestStore();
    store.members.upsert([member(ANNA)]);
    const allowance = createSelfAllowance(store, clock, 'Asia/Shanghai');
    const ask = (n: number) =>
      allowance.reserve({
        allowanceId: `a${n}`,
        memberId: ANNA,
        evaluationId: `e${n}` as EvaluationId,
        what: { kind: 'coupon', code: `C${n}` },
        holdUntilMs: 0,
      });
    for (let n = 0; n < SELF_ALLOWANCE_GRANTED_MAX; n += 1) expect((await ask(n)).ok).toBe(true);
    expect((await ask(SELF_ALLOWANCE_GRANTED_MAX)).ok).toBe(false);
    expect((await ask(0)).ok).toBe(true);
    allowance.release('a0');
    expect((await ask(SELF_ALLOWANCE_GRANTED_MAX)).ok).toBe(true);
  });
});
