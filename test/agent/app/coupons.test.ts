import { describe, expect, test } from 'vitest';
import { createNoAllowance, createSelfAllowance } from '../../../agent/app/self-allowance.ts';
import type { EvaluateReply, EvaluationId } from '../../../agent/contract/index.ts';
import { assert, COUPON_CODE_MAX, evaluateRequestSchema } from '../../../agent/contract/index.ts';
import { VOUCHER_TEXT_MAX } from '../../../agent/contract/voucher.ts';
import { createVoucherCrypto } from '../../../agent/store/voucher-crypto.ts';
import type { HeadquartersPort } from '../../../sync/client/ports.ts';
import { publishRules } from '../../../sync/hq/publish/publish-rules.ts';
import { ruleFile } from '../../support/benefits.ts';
import { TEST_NOW_MS, TEST_PLACE } from '../../support/store.ts';
import { cinema, STRANGE_KEY, voucherOf } from '../../support/vouchers.ts';
import {
  ANNA,
  BO,
  basket,
  CASHIER,
  commitOf,
  failed,
  freshKey,
  headquartersPort,
  hold,
  manualTime,
  member,
  openTill,
  POS,
  RICE,
  type Rig,
  ringUp,
  sell,
  value,
} from './rig.ts';

const GCN = '4006381333931';
const OFF = { kind: 'fixed-off-order', amountMinor: 100 };
const GRAND = { partner: 'cinema', campaign: 'tickets' };

const rulesWith = (offline: 'refuse' | 'accept' = 'refuse'): string =>
  ruleFile(
    [
      { id: 'three', lane: 'coupon', effect: OFF, coupon: { code: 'THREE', uses: { times: 3 } } },
      { id: 'gcn', lane: 'coupon', effect: OFF, coupon: { gcn: GCN, uses: 'single' } },
      { id: 'voucher', lane: 'coupon', effect: { kind: 'voucher-value' }, voucher: GRAND },
    ],
    { partners: [cinema({ offline })] },
  );

const open = (offline?: 'refuse' | 'accept', headquarters?: HeadquartersPort): Rig =>
  openTill({
    rules: rulesWith(offline),
    ...(headquarters === undefined ? {} : { headquarters: () => headquarters }),
  });

/** Nobody can be asked. */
const AWAY = headquartersPort({ allowance: createNoAllowance() });

const evaluate = async (rig: Rig, id: string, codes: string[]): Promise<EvaluateReply> =>
  value(await rig.till.evaluate(POS, basket(id, [RICE], { codes })));

const codeOf = (reply: EvaluateReply, ruleId: string) =>
  reply.evaluation.outcomes.find((one) => one.ruleId === ruleId)?.code;

const holdRequest = ({ evaluationId: id, basketHash }: EvaluateReply) => ({
  id,
  basketHash,
  staffId: CASHIER,
});

describe('a coupon of limited uses', () => {
  test('is good for its uses at a till that is alone, and for no more', async () => {
    const rig = open();
    for (let n = 0; n < 3; n += 1)
      await sell(rig, null, basket(`b${n}`, [RICE], { codes: ['THREE'] }));
    expect(codeOf(await evaluate(rig, 'b4', ['THREE']), 'three')).toBe('coupon-used');
  });

  test('comes back with a void, and not with a return', async () => {
    const rig = open();
    const [first] = [await sell(rig, null, basket('b0', [RICE], { codes: ['THREE'] }))];
    await sell(rig, null, basket('b1', [RICE], { codes: ['THREE'] }));
    const third = await evaluate(rig, 'b2', ['THREE']);
    await hold(rig, third);
    expect(codeOf(await evaluate(rig, 'b3', ['THREE']), 'three')).toBe('coupon-used');
    const void3 = { reason: 'gone', staffId: CASHIER };
    value(
      await rig.till.voidEvaluation(POS, { id: third.evaluationId, key: freshKey(), body: void3 }),
    );
    expect(codeOf(await evaluate(rig, 'b3', ['THREE']), 'three')).toBe('applied');
    await sell(rig, null, basket('b3', [RICE], { codes: ['THREE'] }));
    const lines = [{ lineId: 'l1', qty: 1 }];
    const back = {
      returnId: 'r1',
      saleId: first.saleId,
      referenceId: 'R-2',
      reason: 'too big',
      staffId: CASHIER,
    };
    value(await rig.till.returnGoods(POS, { ...back, lines } as never));
    expect(codeOf(await evaluate(rig, 'b5', ['THREE']), 'three')).toBe('coupon-used');
  });

  test('is not promised twice while two holds wait for their answer', async () => {
    const { store } = open();
    const allowance = createSelfAllowance(store, manualTime().clock, TEST_PLACE.store.timeZone);
    const reserve = (n: number) =>
      allowance.reserve({
        allowanceId: `a${n}`,
        memberId: null,
        evaluationId: `e${n}` as EvaluationId,
        what: { kind: 'coupon', code: 'THREE', times: 3 },
        holdUntilMs: TEST_NOW_MS,
      });
    const answers = await Promise.all([1, 2, 3, 4].map(reserve));
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, false]);
    expect(allowance.couponState('THREE', 3)).toBe('reserved');
    allowance.release('a2');
    expect(allowance.couponState('THREE', 3)).toBe('free');
  });

  test('is refused with a sentence where headquarters cannot be asked', async () => {
    const reply = await evaluate(open('refuse', AWAY), 'b1', ['THREE']);
    expect(reply.evaluation.outcomes.find(({ ruleId }) => ruleId === 'three')).toMatchObject({
      status: 'refused',
      code: 'allowance-unreachable',
      text: { en: expect.stringContaining('this coupon cannot be used at the moment') },
    });
  });
});

describe('a GS1 coupon', () => {
  test.each([
    ['as it stands', `255${GCN}77`],
    ['in brackets', `(255)${GCN}77`],
    ['as an element string', `]C1255${GCN}77`],
    ['as a link', `https://id.example.com/255/${GCN}77?linkType=gs1:pip`],
    ['in full width', `（255）${GCN}77`],
  ])('is the same coupon however it is presented: %s', async (_how, code) => {
    const rig = open();
    const done = await sell(rig, null, basket('b1', [RICE], { codes: [code] }));
    expect(done.payableMinor).toBe(4_900);
    const again = await evaluate(rig, 'b2', [`255${GCN}77`]);
    expect(codeOf(again, 'gcn')).toBe('coupon-used');
    expect(codeOf(await evaluate(rig, 'b3', [`(255)${GCN}78`]), 'gcn')).toBe('applied');
  });

  test('that looks like a payment code and that no rule asks for is refused as one', async () => {
    const request = basket('b1', [RICE], { codes: ['255590123412345778'] });
    expect(failed(await open().till.evaluate(POS, request))).toMatchObject({
      code: 'payment-code',
      field: 'codes.0',
    });
  });
});

describe('a North American coupon (8110) whose offer a rule names', () => {
  const VALUE = '0123456654321250120123';
  const WITH_SERIAL = `${VALUE}50123456`;
  const OFFER = '8110123456654321';
  type Uses = 'single' | 'unlimited' | { readonly times: number };
  const openFor = (code: string, uses: Uses = 'unlimited'): Rig =>
    openTill({
      rules: ruleFile([{ id: 'na', lane: 'coupon', effect: OFF, coupon: { code, uses } }]),
    });
  const sellWith = (rig: Rig, id: string, code: string) =>
    sell(rig, null, basket(id, [RICE], { codes: [code] }));

  test.each([
    ['as it stands', `8110${VALUE}`],
    ['in brackets', `(8110)${VALUE}`],
    ['as an element string', `]e08110${VALUE}`],
    ['in full width', `（8110）${VALUE}`],
    ['with another coupon part behind it', `]e08110${VALUE}\u001d81110250`],
  ])('is that coupon however it is presented: %s', async (_how, code) => {
    for (const named of [OFFER, `8110${VALUE}`])
      expect(codeOf(await evaluate(openFor(named), 'b1', [code]), 'na')).toBe('applied');
  });

  test('with a serial is good once for each, however it is presented', async () => {
    const rig = openFor(OFFER, 'single');
    const reply = await evaluate(rig, 'b0', [`]e08110${WITH_SERIAL}`]);
    expect(reply.evaluation.couponsUsed).toEqual([`${OFFER}/123456`]);
    expect((await sellWith(rig, 'b1', `]e08110${WITH_SERIAL}`)).payableMinor).toBe(4_900);
    for (const again of [`8110${WITH_SERIAL}`, `(8110)${WITH_SERIAL}`, `${OFFER}/123456`])
      expect(codeOf(await evaluate(rig, 'b2', [again]), 'na')).toBe('coupon-used');
    const other = `8110${VALUE}50123457`;
    const both = await evaluate(rig, 'b3', [`8110${WITH_SERIAL}`, other]);
    expect(both.evaluation.couponsUsed).toEqual([`${OFFER}/123457`]);
  });

  test('with a serial is one coupon whatever else its print says, from the shortest serial to the longest', async () => {
    const rig = openFor(OFFER, 'single');
    // Another save value; a last day in front of the serial; a retailer behind it.
    const dearer = '01234566543213500120123';
    const [day, retailer] = ['3271231', '611234567'];
    for (const [serial, field] of [
      ['000001', '50000001'],
      ['999999999999999', '59999999999999999'],
    ] as const) {
      const first = `8110${VALUE}${field}`;
      const reply = await evaluate(rig, `b-${serial}`, [first]);
      expect(reply.evaluation.couponsUsed).toEqual([`${OFFER}/${serial}`]);
      await sellWith(rig, `b-${serial}`, first);
      for (const print of [`${dearer}${field}`, `${VALUE}${day}${field}${retailer}`])
        expect(codeOf(await evaluate(rig, 'b9', [`8110${print}`]), 'na')).toBe('coupon-used');
    }
  });

  test('with a serial of too few digits is no coupon', async () => {
    const rig = openFor(OFFER, 'single');
    const reply = await evaluate(rig, 'b1', [`8110${VALUE}5012345`]);
    expect(codeOf(reply, 'na')).not.toBe('applied');
  });

  test('is another one where its company has one digit more, though the digits in a row are alike', async () => {
    const longer = '1123456665432125012012350123456';
    const rig = openFor(OFFER, 'single');
    expect(codeOf(await evaluate(rig, 'b1', [`8110${longer}`]), 'na')).not.toBe('applied');
    const own = openFor('81101234566654321', 'single');
    const reply = await evaluate(own, 'b1', [`8110${longer}`]);
    expect(reply.evaluation.couponsUsed).toEqual(['81101234566654321/123456']);
  });

  test('goes by its whole text where a rule names that', async () => {
    const reply = await evaluate(openFor(`8110${WITH_SERIAL}`), 'b1', [`(8110)${WITH_SERIAL}`]);
    expect(reply.evaluation.couponsUsed).toEqual([`8110${WITH_SERIAL}`]);
  });

  test('of the positive offer file (8112) is counted by its serial, or known by its whole text', async () => {
    const whole = '8112001234561234560123456';
    const presented = [`]C1${whole}`, '(8112)001234561234560123456', whole];
    for (const code of presented)
      expect(codeOf(await evaluate(openFor(whole), 'b1', [code]), 'na')).toBe('applied');
    const offer = '8112123456123456';
    const rig = openFor(offer, { times: 1 });
    const reply = await evaluate(rig, 'b2', presented.slice(0, 1));
    expect(reply.evaluation.couponsUsed).toEqual([`${offer}/123456`]);
    await sellWith(rig, 'b2', whole);
    for (const code of presented)
      expect(codeOf(await evaluate(rig, 'b3', [code]), 'na')).toBe('coupon-used');
  });

  test('whose inside is wrong stays the text that it is', async () => {
    const reply = await evaluate(openFor(OFFER), 'b1', [`]e08110${VALUE}7`]);
    expect(codeOf(reply, 'na')).not.toBe('applied');
  });
});

describe('a voucher of a partner', () => {
  test('pays its face value once, and stands in the books by its name, never by its text', async () => {
    const rig = open();
    const text = voucherOf();
    const reply = await evaluate(rig, 'b1', [text]);
    expect(reply.evaluation).toMatchObject({
      payableMinor: 3_000,
      couponsUsed: ['voucher:cinema:V-1'],
    });
    const held = value(await rig.till.hold(POS, holdRequest(reply)));
    expect(held.couponsReserved).toEqual(['voucher:cinema:V-1']);
    const done = value(await rig.till.commit(POS, commitOf(reply)));
    const [item] = rig.store.sync.nextUpload(10, 1_000_000).filter(({ kind }) => kind === 'entry');
    expect(item).toMatchObject({ facts: { couponsUsed: ['voucher:cinema:V-1'] } });
    const [signature] = text.split('~').reverse();
    const row = rig.store.holds.get(reply.evaluationId);
    const kept = [reply, held, row, done, item, rig.logged, rig.events()];
    expect(JSON.stringify(kept)).not.toContain(signature);
  });

  test('used twice at one till is refused the second time, online or not', async () => {
    for (const rig of [open(), open('accept', AWAY)]) {
      await sell(rig, null, basket('b1', [RICE], { codes: [voucherOf()] }));
      expect(codeOf(await evaluate(rig, 'b2', [voucherOf()]), 'voucher')).toBe('voucher-used');
    }
  });

  test('a voucher with a foreign signature, an expired or an altered one is refused for its own reason', async () => {
    const rig = open();
    const said = async (text: string) => codeOf(await evaluate(rig, 'b1', [text]), 'voucher');
    expect(await said(voucherOf({ keyId: 'k9' }))).toBe('voucher-foreign');
    expect(await said(voucherOf({}, STRANGE_KEY))).toBe('voucher-altered');
    expect(await said(voucherOf().replace('~2000~', '~9000~'))).toBe('voucher-altered');
    expect(await said(voucherOf({ notAfter: 20261120 }))).toBe('voucher-expired');
    expect(await said(voucherOf({ notBefore: 20261122 }))).toBe('voucher-not-yet');
    expect(await said(voucherOf({ notBefore: 20261121, notAfter: 20261121 }))).toBe('applied');
  });

  test('of a partner that nobody knows, or cut short, is told at its place', async () => {
    const rig = open();
    const circus = voucherOf({ partner: 'circus' });
    const { evaluation } = await evaluate(rig, 'b1', [circus, voucherOf().slice(0, -5)]);
    expect(evaluation.notices.map(({ code, field }) => [code, field])).toEqual([
      ['voucher-foreign', 'codes.0'],
      ['voucher-unreadable', 'codes.1'],
    ]);
    expect(JSON.stringify(evaluation)).not.toContain('TV1~');
  });

  test('altered beside the true one spoils nothing: the true one is used', async () => {
    const altered = voucherOf().replace('~2000~', '~4000~');
    const { evaluation } = await evaluate(open(), 'b1', [altered, voucherOf()]);
    expect(evaluation).toMatchObject({
      payableMinor: 3_000,
      couponsUsed: ['voucher:cinema:V-1'],
    });
  });

  test('that is bound to a member is for that member, also after a merge', async () => {
    const rig = open();
    const old = member('old-anna', { status: 'merged', mergedInto: ANNA, phone: '13800000009' });
    rig.store.members.upsert([old]);
    const said = async (who: typeof ANNA | null, bound: string) =>
      codeOf(
        await ringUp(
          rig,
          who,
          basket(`b-${who}-${bound}`, [RICE], { codes: [voucherOf({ memberId: bound })] }),
        ),
        'voucher',
      );
    expect(await said(ANNA, ANNA)).toBe('applied');
    expect(await said(ANNA, 'old-anna')).toBe('applied');
    expect(await said(BO, ANNA)).toBe('voucher-other-member');
    expect(await said(null, ANNA)).toBe('voucher-other-member');
  });

  test('waits for headquarters where the partner wants that, and is taken without where it does not', async () => {
    expect(codeOf(await evaluate(open('refuse', AWAY), 'b1', [voucherOf()]), 'voucher')).toBe(
      'allowance-unreachable',
    );
    const rig = open('accept', AWAY);
    const done = await sell(rig, null, basket('b1', [RICE], { codes: [voucherOf()] }));
    expect(done.payableMinor).toBe(3_000);
    const [item] = rig.store.sync.nextUpload(10, 1_000_000).filter(({ kind }) => kind === 'entry');
    expect(item).toMatchObject({
      facts: { couponsUsed: ['voucher:cinema:V-1'], allowanceIds: [] },
    });
  });

  test('that headquarters stops answering for goes on where the partner accepts that, else is refused', async () => {
    const silent = headquartersPort({
      allowance: {
        ...createNoAllowance(),
        reachable: () => true,
        couponState: () => 'free',
      },
    });
    const taken = open('accept', silent);
    const reply = await evaluate(taken, 'b1', [voucherOf()]);
    await hold(taken, reply);
    expect(taken.store.holds.get(reply.evaluationId)).toMatchObject({
      couponsReserved: ['voucher:cinema:V-1'],
      allowanceIds: [],
    });
    const strict = open('refuse', silent);
    const refused = failed(
      await strict.till.hold(POS, holdRequest(await evaluate(strict, 'b1', [voucherOf()]))),
    );
    expect(refused.code).toBe('allowance-refused');
    const fresh = (refused.data as { evaluation: EvaluateReply }).evaluation;
    expect(codeOf(fresh, 'voucher')).toBe('allowance-unreachable');
  });

  test('that headquarters knows as used is refused at the hold, with what the basket costs without', async () => {
    const knows = headquartersPort({
      allowance: {
        ...createNoAllowance(),
        reachable: () => true,
        couponState: () => 'free',
        reserve: () =>
          Promise.resolve({ ok: false, error: { code: 'allowance-refused', available: 0 } }),
      },
    });
    const rig = open('accept', knows);
    const refused = failed(
      await rig.till.hold(POS, holdRequest(await evaluate(rig, 'b1', [voucherOf()]))),
    );
    const fresh = (refused.data as { evaluation: EvaluateReply }).evaluation;
    expect(codeOf(fresh, 'voucher')).toBe('voucher-used');
    expect(fresh.evaluation.payableMinor).toBe(5_000);
  });

  test('taken by another basket of this till in between is refused at the hold', async () => {
    const rig = open('accept', AWAY);
    const [one, two] = [
      await evaluate(rig, 'b1', [voucherOf()]),
      await evaluate(rig, 'b2', [voucherOf()]),
    ];
    await hold(rig, one);
    expect(failed(await rig.till.hold(POS, holdRequest(two))).code).toBe('allowance-refused');
    await hold(rig, await evaluate(rig, 'b1', [voucherOf()]));
  });
});

describe('a basket held again with its voucher', () => {
  test.each([
    ['does not answer', 'allowance-unreachable', 'allowance-unreachable'],
    ['says that it was used', 'allowance-refused', 'voucher-used'],
  ] as const)(
    'is held without it once headquarters %s, and the older hold stands until then',
    async (_what, code, reason) => {
      let asked = 0;
      const rig = openTill({
        rules: rulesWith(),
        headquarters: (store) => {
          const own = createSelfAllowance(store, manualTime().clock, TEST_PLACE.store.timeZone);
          const answers: HeadquartersPort['allowance'] = {
            ...own,
            reserve(request) {
              asked += 1;
              return asked === 1
                ? own.reserve(request)
                : Promise.resolve({ ok: false, error: { code } });
            },
          };
          return headquartersPort({ allowance: answers });
        },
      });
      const first = await evaluate(rig, 'b1', [voucherOf()]);
      await hold(rig, first);
      const more = basket('b1', [RICE, RICE], { codes: [voucherOf()] });
      const reply = value(await rig.till.evaluate(POS, more));
      const refused = failed(await rig.till.hold(POS, holdRequest(reply)));
      expect(refused.code).toBe('allowance-refused');
      const fresh = (refused.data as { evaluation: EvaluateReply }).evaluation;
      expect(codeOf(fresh, 'voucher')).toBe(reason);
      expect(rig.store.holds.get(first.evaluationId)?.state).toBe('HELD');
      await hold(rig, fresh);
      expect(rig.store.holds.get(fresh.evaluationId)?.couponsReserved).toEqual([]);
    },
  );
});

describe('a code of which rules say different uses', () => {
  test('is not reserved by a rule that does not apply, so the leaflet goes on', async () => {
    const [counted, leaflet] = ['COUNTED', 'LEAFLET'].map((code) => ({ code }));
    const rules = ruleFile([
      {
        id: 'large',
        lane: 'coupon',
        when: 'basket.listMinor >= 1000000',
        effect: OFF,
        coupon: { ...counted, uses: 'single' },
      },
      { id: 'any', lane: 'coupon', effect: OFF, coupon: { ...leaflet, uses: 'unlimited' } },
    ]);
    const published = publishRules(rules);
    assert(published.ok, 'the test rules publish');
    // As a headquarters of before published it.
    const body = JSON.stringify(published.value.ruleSet).replaceAll(/COUNTED|LEAFLET/g, 'WEL');
    const rig = openTill({ rules: null });
    rig.store.documents.install({
      kind: 'rule-set',
      version: 1,
      body,
      installedAtMs: TEST_NOW_MS,
    });
    rig.restart();
    for (const id of ['b1', 'b2', 'b3']) {
      const done = await sell(rig, null, basket(id, [RICE], { codes: ['WEL'] }));
      expect(done.payableMinor).toBe(4_900);
    }
    expect(rig.store.coupons.state('WEL').state).toBe('free');
    const large = basket('b4', [{ ...RICE, qty: 200 }], { codes: ['WEL'] });
    expect((await sell(rig, null, large)).payableMinor).toBe(999_800);
    expect(rig.store.coupons.state('WEL').state).toBe('used');
  });
});

describe('two texts of one voucher', () => {
  const old = voucherOf({ notAfter: 20261120 });

  test.each([
    ['first', [old, voucherOf()]],
    ['last', [voucherOf(), old]],
  ])('are one that is good, the expired one presented %s', async (_when, codes) => {
    const reply = await evaluate(open(), 'b1', codes);
    expect(codeOf(reply, 'voucher')).toBe('applied');
    expect(reply.evaluation.couponsUsed).toEqual(['voucher:cinema:V-1']);
  });
});

describe('the signature of a voucher', () => {
  test('is verified once, however often its basket is evaluated', async () => {
    const crypto = createVoucherCrypto();
    let verified = 0;
    const rig = openTill({
      rules: rulesWith(),
      vouchers: {
        verify(...signed) {
          verified += 1;
          return crypto.verify(...signed);
        },
      },
    });
    const altered = voucherOf({ voucherId: 'V-2' }, STRANGE_KEY);
    for (let n = 0; n < 3; n += 1) {
      const reply = await evaluate(rig, 'b1', [voucherOf(), altered]);
      expect(reply.evaluation.couponsUsed).toEqual(['voucher:cinema:V-1']);
    }
    expect(verified).toBe(2);
  });
});

describe('the codes of a basket', () => {
  const parse = (code: string) =>
    evaluateRequestSchema.safeParse(basket('b1', [RICE], { codes: [code] }));

  test('are as long as coupon codes are, vouchers and links as long as vouchers', () => {
    expect(parse('C'.repeat(COUPON_CODE_MAX)).success).toBe(true);
    const long = parse('C'.repeat(COUPON_CODE_MAX + 1));
    expect(long.error?.issues).toMatchObject([
      { path: ['codes', 0], message: expect.stringContaining('neither a voucher') },
    ]);
    for (const begin of ['TV1~', 'https://']) {
      expect(parse(begin.padEnd(VOUCHER_TEXT_MAX, 'x')).success).toBe(true);
      expect(parse(begin.padEnd(VOUCHER_TEXT_MAX + 1, 'x')).success).toBe(false);
    }
  });

  test('that are long and nothing to us are told, cut short', async () => {
    const { evaluation } = await evaluate(open(), 'b1', [`https://example.com/${'x'.repeat(100)}`]);
    expect(evaluation.notices).toMatchObject([{ code: 'code-unknown', field: 'codes.0' }]);
    expect(evaluation.notices[0]?.text.en.length).toBeLessThan(120);
  });
});
