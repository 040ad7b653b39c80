import { describe, expect, it } from 'vitest';
import type { WhyRequest } from '../../../agent/app/why.ts';
import { whyReplySchema } from '../../../agent/contract/index.ts';
import { NEAREST_IDS_MAX, nearestIds } from '../../../agent/domain/benefits/nearest-ids.ts';
import { serveTill } from '../api/rig.ts';
import {
  ANNA,
  basket,
  CASHIER,
  commitOf,
  failed,
  freshKey,
  hold,
  openTill,
  POS,
  type Rig,
  RULES,
  ringUp,
  TEA,
  value,
} from './rig.ts';

const WITH_THRESHOLD = `${RULES}
  - id: fifteen-minus-two
    name: { zh-CN: 满15减2, en: 2 off 15 }
    lane: basket
    when: basket.listMinor >= 1500
    effect: { kind: fixed-off-order, amountMinor: 200 }
`;

const why = async (rig: Rig, request: WhyRequest) => value(await rig.till.why(request));

async function evaluated() {
  const rig = openTill({ rules: WITH_THRESHOLD });
  const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
  return { rig, reply, id: reply.evaluationId as string };
}

describe('why', () => {
  it('tells each rule of a present basket as the evaluation did, and what little is missing first', async () => {
    const { rig, reply, id } = await evaluated();
    const told = await why(rig, { id });
    expect(whyReplySchema.parse(told)).toEqual(told);
    expect(told).toMatchObject({
      state: 'EVALUATED',
      reproduced: true,
      nearMisses: [{ ruleId: 'fifteen-minus-two', missing: 500, gainMinor: 200 }],
      outcomes: reply.evaluation.outcomes,
    });
  });

  it('tells one rule with the failing term, what was seen and what is needed', async () => {
    const { rig, id } = await evaluated();
    expect((await why(rig, { id, ruleId: 'fifteen-minus-two' })).outcomes).toMatchObject([
      {
        code: 'min-subtotal',
        term: 'basket.listMinor >= 1500',
        seen: '1000',
        needed: '1500',
        difference: 500,
        text: { 'zh-CN': '还差 5.00 元', en: 'CNY 5.00 more' },
      },
    ]);
  });

  it('tells the same of a basket that was held before a restart, which keeps only what applied', async () => {
    const { rig, reply, id } = await evaluated();
    const before = await why(rig, { id });
    await hold(rig, reply);
    rig.restart();
    expect(await why(rig, { id })).toEqual({ ...before, state: 'HELD' });
  });

  it('tells the same of a sale from its entry, under the rules of its day', async () => {
    const { rig, reply, id } = await evaluated();
    const before = await why(rig, { id });
    await hold(rig, reply);
    value(await rig.till.commit(POS, commitOf(reply)));
    rig.restart();
    expect(await why(rig, { id })).toEqual({ ...before, state: 'COMMITTED' });
  });

  it('says so where a sale does not come out the same again', async () => {
    const { rig, reply, id } = await evaluated();
    await hold(rig, reply);
    value(await rig.till.commit(POS, commitOf(reply)));
    rig.files.withSql((db) =>
      db.exec(`UPDATE documents SET body = replace(body, '"percentBp":1000', '"percentBp":1100')`),
    );
    rig.restart();
    expect(await why(rig, { id })).toMatchObject({ reproduced: false });
  });

  it('names rules of a similar id where there is none of the one asked for', async () => {
    const { rig, id } = await evaluated();
    expect(failed(await rig.till.why({ id, ruleId: 'gold-drink' }))).toEqual({
      code: 'rule-unknown',
      field: 'ruleId',
      data: { ruleSetVersion: 1, nearest: ['gold-drinks'] },
    });
  });

  it('says of an erased member that the reasons are gone, of a voided hold that it is, of a strange id that it is unknown', async () => {
    const { rig, reply, id } = await evaluated();
    await hold(rig, reply);
    value(await rig.till.commit(POS, commitOf(reply)));
    rig.store.keys.erase(ANNA);
    expect(failed(await rig.till.why({ id }))).toMatchObject({ code: 'sale-erased', field: 'id' });
    const other = await ringUp(rig, ANNA, basket('b2', [TEA]));
    await hold(rig, other);
    const body = { reason: 'left', staffId: CASHIER };
    value(await rig.till.voidEvaluation(POS, { id: other.evaluationId, key: freshKey(), body }));
    expect(failed(await rig.till.why({ id: other.evaluationId }))).toMatchObject({
      code: 'evaluation-voided',
    });
    expect(failed(await rig.till.why({ id: 'nobody' }))).toMatchObject({
      code: 'evaluation-unknown',
    });
  });

  it('says that the rules of a sale are gone where their version is not kept', async () => {
    const { rig, reply, id } = await evaluated();
    await hold(rig, reply);
    value(await rig.till.commit(POS, commitOf(reply)));
    rig.files.withSql((db) => db.exec('DELETE FROM documents'));
    expect(failed(await rig.till.why({ id }))).toMatchObject({
      code: 'rules-gone',
      data: { ruleSetVersion: 1 },
    });
  });
});

describe('GET /v1/evaluations/{id}/why', () => {
  it('answers one rule to a program with the scope of a POS, and nobody else', async () => {
    const { rig, id } = await evaluated();
    const scopes = { basket: ['basket'], identify: ['identify'] } as const;
    const authenticate = (token: string) => ({
      clientId: token,
      scopes: scopes[token as keyof typeof scopes],
    });
    const served = await serveTill({ ...rig.till, authenticate });
    try {
      const ask = (token: string, query: string) =>
        fetch(`${served.address}/v1/evaluations/${id}/why${query}`, {
          headers: { authorization: `Bearer ${token}` },
        });
      const told = await ask('basket', '?ruleId=earn');
      expect([told.status, await told.json()]).toMatchObject([
        200,
        { evaluationId: id, outcomes: [{ ruleId: 'earn', status: 'applied' }] },
      ]);
      const strange = await ask('basket', '?ruleId=ern');
      expect([strange.status, await strange.json()]).toMatchObject([
        404,
        { code: 'rule-unknown', field: 'ruleId', data: { nearest: ['earn'] } },
      ]);
      expect((await ask('identify', '')).status).toBe(403);
    } finally {
      await served.close();
    }
  });
});

describe('ids like the one asked for', () => {
  it('come the likest first, a bounded number of them', () => {
    expect(nearestIds('birthday-giff', ['gift', 'birthday-gift', 'tea'])).toEqual([
      'birthday-gift',
    ]);
    expect(nearestIds('gifts', ['birthday', 'gift', 'gift-sets'])).toEqual(['gift', 'gift-sets']);
    const many = Array.from({ length: NEAREST_IDS_MAX + 1 }, (_, at) => `rule-${at}`);
    expect(nearestIds('rule', many)).toEqual(many.slice(0, NEAREST_IDS_MAX));
    expect(nearestIds('x', ['x', ''])).toEqual([]);
  });
});
