import { describe, expect, it, test } from 'vitest';
import {
  COMPILED_MAX,
  createKeptRules,
  createReplay,
  type SaleReplay,
} from '../../../agent/app/replay.ts';
import {
  isInOrder,
  REPLAY_FINDINGS_MAX,
  replayAll,
  salesOf,
} from '../../../agent/app/replay-ledger.ts';
import { assert, type Policy } from '../../../agent/contract/index.ts';
import { defaultPolicy } from '../../../agent/domain/auth-policy/default-policy.ts';
import { createLedgerCrypto } from '../../../agent/store/ledger-crypto.ts';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import {
  ANNA,
  BO,
  basket,
  CASHIER,
  commitOf,
  freshKey,
  hold,
  openTill,
  POS,
  RICE,
  type Rig,
  RULES,
  ringUp,
  sell,
  TEA,
  value,
} from './rig.ts';

const DAY_MS = 24 * 60 * 60_000;

/** The rig's rules with what a week brings: thresholds, uses that run out, campaign money, hours, gifts, rights. */
const WEEK_RULES = `${RULES}
  - id: hundred-minus-ten
    name: { zh-CN: 满百减十, en: 10 off 100 }
    lane: basket
    when: basket.listMinor >= 10000
    effect: { kind: fixed-off-order, amountMinor: 1000 }
    budget: { id: campaign, limitMinor: 30000 }
  - id: happy-hour
    name: { zh-CN: 早市九五折, en: 5 % off in the morning }
    lane: basket
    step: 2
    window: { daily: { from: "08:00", to: "12:00" } }
    effect: { kind: percent-off-order, percentBp: 500 }
  - id: daily-tea
    name: { zh-CN: 每日一减, en: Once a day }
    lane: multi-buy
    when: member.known
    target: { sku: [tea] }
    effect: { kind: fixed-off-items, amountMinor: 77, maxUnitsPerLine: 1 }
    limits: [{ scope: member-day, max: 1 }]
  - id: bag
    name: { zh-CN: 环保袋, en: A bag }
    lane: entitlement
    effect: { kind: gift-item, buy: { qty: 5 }, gift: { sku: bag, qty: 1 } }
`;

/** A card alone pays little with points, so that some wishes are granted and others withheld. */
const WEEK_POLICY: Policy = {
  ...defaultPolicy,
  actions: defaultPolicy.actions.map((row) =>
    row.action === 'redeem-points' && row.uptoMinor !== undefined
      ? { ...row, uptoMinor: 300, needs: 'claimed' }
      : row,
  ),
};

/** Small deterministic generator (mulberry32): the same seed gives the same week. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function replayer({ store }: Rig) {
  const crypto = createLedgerCrypto(() => assert(false, 'a replay seals nothing') as never);
  return createReplay({ store, crypto, rulesOf: createKeptRules(store.documents) });
}

const replayWhole = (rig: Rig) => replayAll(salesOf(rig.store.ledger, {}), replayer(rig));

function install(rig: Rig, yaml: string, version: number): void {
  const published = publishRules(yaml.replace('version: 1', `version: ${version}`));
  assert(published.ok, JSON.stringify(published));
  const policy = JSON.parse(rig.store.documents.current('rule-set')?.body ?? '{}').policy;
  rig.store.documents.install({
    kind: 'rule-set',
    version,
    body: JSON.stringify({ ...published.value.ruleSet, policy }),
    installedAtMs: rig.time.wallMs,
  });
}

function letPass(rig: Rig, ms: number): void {
  rig.time.wallMs += ms;
  rig.time.monoMs += ms;
}

test.each([7, 20_261_121])(
  'every sale of a week comes out the same again, seed %i',
  async (seed) => {
    const pick = seeded(seed);
    const rig = openTill({ rules: WEEK_RULES, policy: WEEK_POLICY });
    rig.givePoints(ANNA, 4_000);
    rig.givePoints(BO, 700);
    let sold = 0;
    const kinds = { sale: 0, return: 0, void: 0, points: 0, coupon: 0, member: 0, discount: 0 };
    for (let day = 0; day < 7; day += 1) {
      if (day === 4) {
        install(rig, WEEK_RULES.replace('amountMinor: 1000 }', 'amountMinor: 1500 }'), 2);
        value(await rig.till.reloadRules());
      }
      for (let basketNo = 0; basketNo < 45; basketNo += 1) {
        letPass(rig, 1_000 * (60 + pick(1_500)));
        const who = [null, ANNA, BO][pick(3)] ?? null;
        const codes = [[], ['CP-LEAF'], ['CP-5'], ['NOBODY']][pick(4)] ?? [];
        const lines = Array.from({ length: 1 + pick(4) }, () => ({
          ...([TEA, RICE][pick(2)] ?? TEA),
          qty: 1 + pick(4),
          unitPriceMinor: 99 + pick(6_000),
        }));
        const spend = who === null || pick(3) > 0 ? {} : { pointsToSpend: 1 + pick(60) };
        const request = basket(`d${day}-b${basketNo}`, lines, { codes, ...spend });
        const reply = await ringUp(rig, who, request);
        if (pick(12) === 0) {
          const body = { reason: 'changed their mind', staffId: CASHIER };
          value(
            await rig.till.voidEvaluation(POS, { id: reply.evaluationId, key: freshKey(), body }),
          );
          kinds.void += 1;
          continue;
        }
        // Headquarters may refuse a coupon that was used: then the basket is sold without it.
        const held = await rig.till.hold(POS, {
          id: reply.evaluationId,
          basketHash: reply.basketHash,
          staffId: CASHIER,
        });
        if (!held.ok) continue;
        const done = value(await rig.till.commit(POS, commitOf(reply)));
        sold += 1;
        kinds.sale += 1;
        if (who !== null) kinds.member += 1;
        if (reply.evaluation.points.spent > 0) kinds.points += 1;
        if (reply.evaluation.couponsUsed.length > 0) kinds.coupon += 1;
        if (reply.evaluation.discountMinor > 0) kinds.discount += 1;
        if (pick(6) === 0) {
          value(
            await rig.till.returnGoods(POS, {
              returnId: `ret-${day}-${basketNo}` as never,
              saleId: done.saleId,
              lines: [{ lineId: 'l1' as never, qty: 1 }],
              referenceId: 'R-2',
              reason: 'wrong size',
              staffId: CASHIER as never,
            }),
          );
          kinds.return += 1;
        }
      }
      letPass(rig, DAY_MS / 3);
      if (day === 2) rig.restart();
    }
    expect(Object.entries(kinds).filter(([, count]) => count === 0)).toEqual([]);
    expect(sold).toBeGreaterThan(200);
    const report = replayWhole(rig);
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({ sales: sold, states: { equal: sold } });
    expect(isInOrder(report)).toBe(true);
  },
);

describe('a sale that is replayed', () => {
  async function oneSale() {
    const rig = openTill({ rules: WEEK_RULES });
    const { saleId } = await sell(rig, ANNA, basket('b1', [TEA, { ...RICE, qty: 2 }]));
    return { rig, saleId };
  }

  it('tells every rule with its reason, which the entry does not keep', async () => {
    const { rig, saleId } = await oneSale();
    const [row] = salesOf(rig.store.ledger, { saleId });
    assert(row !== undefined, 'the sale has its entry');
    const { evaluation } = replayer(rig)(row);
    expect(evaluation?.outcomes.find(({ ruleId }) => ruleId === 'single-coupon')).toMatchObject({
      status: 'not-applicable',
      code: 'code-missing',
      text: { en: 'The code was not presented' },
    });
  });

  it('is different where other rules stand under its version, and says at which paths', async () => {
    const { rig } = await oneSale();
    rig.files.withSql((db) =>
      db.exec(`UPDATE documents SET body = replace(body, '"percentBp":1000', '"percentBp":1100')`),
    );
    const report = replayWhole(rig);
    expect(report.states).toMatchObject({ equal: 0, different: 1 });
    expect(report.findings[0]?.differences[0]).toEqual({
      path: 'entry.discountMinor',
      stored: expect.any(String),
      replayed: expect.any(String),
    });
    expect(isInOrder(report)).toBe(false);
  });

  it("is erased once the member's key was destroyed; the sales of others are replayed all the same", async () => {
    const { rig } = await oneSale();
    await sell(rig, null, basket('b2', [TEA]));
    rig.store.keys.erase(ANNA);
    const report = replayWhole(rig);
    expect(report.states).toMatchObject({ equal: 1, erased: 1 });
    expect(isInOrder(report)).toBe(true);
  });

  it('has no rule set where its version is not kept', async () => {
    const { rig } = await oneSale();
    rig.files.withSql((db) => db.exec('DELETE FROM documents'));
    expect(replayWhole(rig).states).toMatchObject({ 'rule-set-missing': 1 });
  });

  it('is equal where another headquarters has since sent other rules of the same version', async () => {
    const { rig } = await oneSale();
    rig.files.withSql((db) =>
      db.exec(`INSERT INTO documents SELECT kind, version,
        replace(body, '"percentBp":1000', '"percentBp":1100'), installed_at_ms, 1 FROM documents`),
    );
    expect(replayWhole(rig).states).toMatchObject({ equal: 1, different: 0 });
  });

  it('is broken where the box was changed', async () => {
    const { rig } = await oneSale();
    const changed = [...salesOf(rig.store.ledger, {})].map((row) => ({
      ...row,
      sealed: row.sealed.map((byte) => byte ^ 1),
    }));
    const report = replayAll(changed, replayer(rig));
    expect(report.states).toMatchObject({ broken: 1 });
    expect(isInOrder(report)).toBe(false);
  });

  it('cannot be replayed where it was paid after its hold was over, because the member was cleared with the hold', async () => {
    const rig = openTill({ rules: WEEK_RULES });
    const reply = await ringUp(rig, ANNA, basket('late', [TEA]));
    await hold(rig, reply);
    const body = { reason: 'left', staffId: CASHIER };
    value(await rig.till.voidEvaluation(POS, { id: reply.evaluationId, key: freshKey(), body }));
    const payment = { paidMinor: reply.evaluation.payableMinor };
    value(await rig.till.commit(POS, commitOf(reply, { payment })));
    const report = replayWhole(rig);
    expect(report.states).toMatchObject({ 'input-cleared': 1, different: 0 });
    expect(isInOrder(report)).toBe(true);
  });
});

describe('which sales are replayed', () => {
  async function threeDays() {
    const rig = openTill();
    const sales = [];
    for (const day of [1, 2, 3]) {
      sales.push(await sell(rig, null, basket(`b${day}`, [TEA])));
      letPass(rig, DAY_MS);
    }
    return { rig, sales };
  }
  const chosen = (rig: Rig, selection: Parameters<typeof salesOf>[1]): string[] =>
    [...salesOf(rig.store.ledger, selection)].map(({ header }) => header.businessDay);

  it('takes both days of a range with it, and an open range to its end', async () => {
    const { rig, sales } = await threeDays();
    expect(chosen(rig, {})).toEqual(['2026-11-21', '2026-11-22', '2026-11-23']);
    expect(chosen(rig, { fromDay: '2026-11-22', toDay: '2026-11-22' })).toEqual(['2026-11-22']);
    expect(chosen(rig, { toDay: '2026-11-22' })).toHaveLength(2);
    expect(chosen(rig, { fromDay: '2026-11-24' })).toEqual([]);
    expect(chosen(rig, { seq: sales[1]?.seq ?? 0 })).toEqual(['2026-11-22']);
    expect(chosen(rig, { saleId: sales[2]?.saleId ?? '' })).toEqual(['2026-11-23']);
  });

  it('counts every sale and names the first ones that are not equal', async () => {
    const { rig } = await threeDays();
    const [row] = salesOf(rig.store.ledger, {});
    assert(row !== undefined, 'there are sales');
    const bad: SaleReplay = { ...replayer(rig)(row), state: 'different' };
    const rows = Array.from({ length: REPLAY_FINDINGS_MAX + 1 }, () => row);
    const report = replayAll(rows, () => bad);
    expect(report.sales).toBe(REPLAY_FINDINGS_MAX + 1);
    expect(report.states.different).toBe(REPLAY_FINDINGS_MAX + 1);
    expect(report.findings).toHaveLength(REPLAY_FINDINGS_MAX);
  });
});

it('keeps a bounded number of rule sets compiled', () => {
  const { store } = openTill();
  const { body } = store.documents.current('rule-set') ?? { body: '' };
  const ofVersion = createKeptRules({
    ...store.documents,
    allOfVersion: (kind, version) => [
      {
        kind,
        version,
        installedAtMs: 0,
        body: body.replace('"version":1,', `"version":${version},`),
      },
    ],
  });
  const [first] = ofVersion(1);
  for (let version = 2; version <= COMPILED_MAX; version += 1) ofVersion(version);
  expect(ofVersion(1)[0]).toBe(first);
  ofVersion(COMPILED_MAX + 1);
  expect(ofVersion(1)[0]).not.toBe(first);
});
