import { afterEach, describe, expect, test } from 'vitest';
import type { EvaluationId, MemberId, ReturnId, SaleId } from '../../../agent/contract/index.ts';
import {
  RECONCILE_EVERY_MS,
  RECONCILE_SPARES_MS,
} from '../../../sync/client/create-sync-client.ts';
import {
  LOOKUP_NOBODY_MAX,
  LOOKUP_NOBODY_MS,
  LOOKUPS_OPEN_MAX,
} from '../../../sync/client/lookup.ts';
import { PASS_CODES_ASKED_MAX } from '../../../sync/client/passes.ts';
import {
  ALLOWANCE_DEADLINE_MS,
  type AllowanceRequest,
  LOOKUP_DEADLINE_MS,
  PASS_CODE_DEADLINE_MS,
  SALE_DEADLINE_MS,
} from '../../../sync/client/ports.ts';
import { RELEASES_OPEN_MAX, SALES_OPEN_MAX } from '../../../sync/client/sales.ts';
import { SILENCE_MAX_MS } from '../../../sync/protocol/feed.ts';
import { rigClient } from './client-rig.ts';
import { memberRow } from './feed-model.ts';
import { type Reply, startScriptedHq } from './scripted-hq.ts';
import { createVirtualTime, until } from './virtual-time.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function online(options: Parameters<typeof rigClient>[1] = {}) {
  const hq = await startScriptedHq();
  const time = createVirtualTime();
  hq.sessionExpiresInMs = 4 * 60 * 60_000;
  const rig = rigClient(hq, { ...time, ...options });
  open.push(
    () => hq.close(),
    () => rig.client.stop(),
  );
  rig.client.start();
  await until(() => rig.facts().transport === 'stream');
  const { allowance, lookup, sales, passes } = rig.client.headquarters;
  return { hq, time, ...rig, allowance, lookup, sales, passes };
}

const request = (allowanceId = 'a-1'): AllowanceRequest => ({
  allowanceId,
  memberId: 'm-1' as MemberId,
  evaluationId: 'e-00000001' as EvaluationId,
  what: { kind: 'points', points: 50 },
  holdUntilMs: Date.parse('2026-03-02T09:05:00Z'),
});

describe('points and coupons at headquarters', () => {
  test('are reserved where HQ grants them, and refused with what is left', async () => {
    const { hq, allowance, store } = await online();
    expect(await allowance.reserve(request())).toEqual({ ok: true, value: { allowanceId: 'a-1' } });
    hq.on('/v1/allowances', (_, reply) => reply.json({ granted: false, available: 20 }));
    expect(await allowance.reserve(request('a-2'))).toEqual({
      ok: false,
      error: { code: 'allowance-refused', available: 20 },
    });
    expect(store.releases).toEqual([]);
  });

  test('are refused at the deadline; what HQ may have reserved is given back durably', async () => {
    const { hq, allowance, store, time } = await online();
    hq.on('/v1/allowances', () => {});
    const answer = allowance.reserve(request());
    await until(() => hq.count('/v1/allowances') === 1);
    await time.advance(ALLOWANCE_DEADLINE_MS);
    expect(await answer).toEqual({ ok: false, error: { code: 'allowance-unreachable' } });
    expect(store.releases).toEqual(['a-1']);
  });

  test('are refused at once where nobody listens, and nothing is given back that was never asked for', async () => {
    const { hq, allowance, store, time } = await online();
    await hq.close();
    await until(() => hq.count('/v1/stream') === 1);
    const answer = await allowance.reserve(request());
    expect(answer).toEqual({ ok: false, error: { code: 'allowance-unreachable' } });
    expect(store.releases).toEqual([]);
    await time.advance(SILENCE_MAX_MS + 1);
    expect(allowance.reachable()).toBe(false);
  });

  test('cannot be asked for once HQ was silent too long', async () => {
    const { hq, allowance, time } = await online();
    expect(allowance.reachable()).toBe(true);
    hq.on('/v1/stream', () => {});
    await time.advance(SILENCE_MAX_MS + 1);
    expect(allowance.reachable()).toBe(false);
    const asked = hq.count('/v1/allowances');
    expect((await allowance.reserve(request())).ok).toBe(false);
    expect(hq.count('/v1/allowances')).toBe(asked);
  });

  test('are reconciled once in a session, after the outbox, with every hold and every fresh grant', async () => {
    const { hq, allowance, store, time, client } = await online();
    await until(() => hq.count('/v1/allowances/reconcile') === 1);
    store.open.push('held-1');
    await allowance.reserve(request('fresh-1'));
    await allowance.reserve(request('given-back'));
    allowance.release('given-back');
    client.notify();
    await time.advance(10_000);
    expect(hq.count('/v1/allowances/reconcile')).toBe(1);
    // The next session.
    hq.on('/v1/stream', (_, reply) => {
      hq.on('/v1/stream', undefined);
      reply.stream().frame({ t: 'end', code: 'unauthenticated' });
    });
    hq.cut();
    while (hq.count('/v1/allowances/reconcile') < 2) {
      await time.advance(200);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const last = hq.asked.findLast(({ path }) => path === '/v1/allowances/reconcile');
    expect(last?.body).toMatchObject({ open: ['held-1', 'fresh-1'] });
    expect(store.releases).toEqual(['given-back']);
  });

  test('are reconciled again every hour of a long session, all but those just made', async () => {
    const { hq, allowance, store, time } = await online();
    hq.now = time.clock.now;
    const reconciled = () =>
      hq.asked
        .filter(({ path }) => path === '/v1/allowances/reconcile')
        .map(({ body }) => body as { open: string[]; before: string });
    const beatFor = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += SILENCE_MAX_MS / 2) {
        hq.beat();
        await time.advance(SILENCE_MAX_MS / 2);
      }
    };
    await until(() => reconciled().length === 1);
    const sinceMs = time.clock.now();
    store.open.push('held-1');
    await allowance.reserve(request('lost'));
    await beatFor(RECONCILE_EVERY_MS - 60_000);
    expect(reconciled()).toHaveLength(1);
    await beatFor(70_000);
    await until(() => reconciled().length === 2);
    const [, again] = reconciled();
    expect(again?.open).toEqual(['held-1']);
    const beforeMs = Date.parse(again?.before ?? '');
    expect(beforeMs).toBeGreaterThan(sinceMs);
    expect(beforeMs).toBeLessThanOrEqual(time.clock.now() - RECONCILE_SPARES_MS);
  });

  test('are known of without waiting as far as this till can tell', async () => {
    const { allowance } = await online({
      localPoints: () => -5,
      localCoupon: (code) => (code === 'c-1' ? 'used' : 'free'),
    });
    expect(allowance.availablePoints('m-1' as MemberId)).toBe(0);
    expect(allowance.couponState('c-1')).toBe('used');
  });
});

describe('a member beyond this till’s scope', () => {
  const card = { by: 'card', value: '2900010000015' } as const;

  test('is found, written down and announced', async () => {
    const { hq, lookup, store, changed } = await online();
    hq.on('/v1/members/find', (_, reply) =>
      reply.json({ rows: [memberRow('m-1', 4), ['points', 'm-1', 5, '{}']], tooMany: false }),
    );
    expect(await lookup.find(card)).toEqual({ ok: true, value: ['m-1'] });
    expect(store.rows.size).toBe(2);
    expect(changed).toEqual([
      { table: 'member', key: 'm-1' },
      { table: 'points', key: 'm-1' },
    ]);
  });

  test('is asked for once, however often the card is scanned meanwhile', async () => {
    const { hq, lookup } = await online();
    let reply: Reply | undefined;
    hq.on('/v1/members/find', (_, answer) => {
      reply = answer;
    });
    const answers = [lookup.find(card), lookup.find(card), lookup.find(card)];
    await until(() => reply !== undefined);
    reply?.json({ rows: [memberRow('m-1', 4)], tooMany: false });
    for (const answer of await Promise.all(answers)) expect(answer.ok).toBe(true);
    expect(hq.count('/v1/members/find')).toBe(1);
  });

  test('that nobody is, is remembered for a while, for a limited number of values', async () => {
    const { hq, lookup, time } = await online();
    const ask = (index: number) => lookup.find({ by: 'card', value: `card-${index}` });
    for (let index = 0; index < LOOKUP_NOBODY_MAX; index += 1) await ask(index);
    expect(await ask(0)).toEqual({ ok: true, value: [] });
    expect(hq.count('/v1/members/find')).toBe(LOOKUP_NOBODY_MAX);
    await ask(LOOKUP_NOBODY_MAX);
    await ask(0);
    expect(hq.count('/v1/members/find')).toBe(LOOKUP_NOBODY_MAX + 2);
    for (let waitedMs = 0; waitedMs <= LOOKUP_NOBODY_MS; waitedMs += 1_000) {
      hq.beat();
      await time.advance(1_000);
    }
    await ask(LOOKUP_NOBODY_MAX);
    expect(hq.count('/v1/members/find')).toBe(LOOKUP_NOBODY_MAX + 3);
  });

  test('does not hold the sale beyond the deadline; the late answer serves the next scan', async () => {
    const { hq, lookup, time, store } = await online();
    let reply: Reply | undefined;
    hq.on('/v1/members/find', (_, answer) => {
      reply = answer;
    });
    const answer = lookup.find(card);
    await until(() => reply !== undefined);
    await time.advance(LOOKUP_DEADLINE_MS);
    expect(await answer).toEqual({ ok: false, error: { code: 'lookup-unreachable' } });
    reply?.json({ rows: [memberRow('m-1', 4)], tooMany: false });
    await until(() => store.rows.has('member/m-1'));
  });

  test('cannot be asked for more often at a time than the limit, and not without headquarters', async () => {
    const { hq, lookup, client } = await online();
    hq.on('/v1/members/find', () => {});
    const waiting = Array.from({ length: LOOKUPS_OPEN_MAX }, (_, index) =>
      lookup.find({ by: 'card', value: `card-${index}` }),
    );
    expect(await lookup.find(card)).toEqual({ ok: false, error: { code: 'lookup-unreachable' } });
    await client.stop();
    for (const one of await Promise.all(waiting)) expect(one.ok).toBe(false);
    expect(await lookup.find(card)).toEqual({ ok: false, error: { code: 'lookup-unreachable' } });
  });

  test('with a value that no card has is nobody, without a question', async () => {
    const { hq, lookup } = await online();
    expect(await lookup.find({ by: 'card', value: 'x' })).toEqual({ ok: true, value: [] });
    expect(hq.count('/v1/members/find')).toBe(0);
  });
});

describe('a question for a sale', () => {
  const id = 'sale-1' as SaleId;
  const unreachable = { ok: false, error: { code: 'sale-unreachable' } };

  test('is answered by headquarters', async () => {
    const { hq, sales } = await online();
    hq.on('/v1/sales/find', (_, reply) => reply.json({ sale: null, reason: 'unknown' }));
    expect(await sales.find(id)).toEqual({ ok: true, value: { sale: null, reason: 'unknown' } });
  });

  test('ends at its deadline', async () => {
    const { hq, sales, time } = await online();
    hq.on('/v1/sales/claims', () => {});
    const answer = sales.claim({ returnId: 'ret-1' as ReturnId, saleId: id });
    await until(() => hq.count('/v1/sales/claims') === 1);
    await time.advance(SALE_DEADLINE_MS);
    expect(await answer).toEqual(unreachable);
  });

  test('is unreachable at once beyond the limit, and ends with the client', async () => {
    const { hq, client, sales } = await online();
    hq.on('/v1/sales/find', () => {});
    const waiting = Array.from({ length: SALES_OPEN_MAX }, () => sales.find(id));
    expect(await sales.find(id)).toEqual(unreachable);
    await client.stop();
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => unreachable));
  });

  test('leaves room to give a claim back, and the same claim made again waits for that', async () => {
    const { hq, client, sales } = await online();
    const returnId = 'ret-1' as ReturnId;
    let answer = (): void => {};
    hq.on('/v1/sales/find', () => {});
    hq.on('/v1/sales/claims', (_, reply) => reply.json({ state: 'granted', returns: [] }));
    hq.on('/v1/sales/claims/release', (_, reply) => {
      answer = () => reply.json({ released: true });
    });
    const waiting = Array.from({ length: SALES_OPEN_MAX - 1 }, () => sales.find(id));
    const lastOne = sales.find(id);
    sales.release(returnId);
    await until(() => hq.count('/v1/sales/claims/release') === 1);
    const again = sales.claim({ returnId, saleId: id });
    const other = sales.claim({ returnId: 'ret-2' as ReturnId, saleId: id });
    expect(await other).toEqual(unreachable);
    await client.stop();
    expect(await Promise.all([...waiting, lastOne])).toHaveLength(SALES_OPEN_MAX);
    answer();
    expect(await again).toEqual(unreachable);
    expect(hq.count('/v1/sales/claims')).toBe(0);
  });

  test('made again is claimed once its release was answered', async () => {
    const { hq, sales } = await online();
    const returnId = 'ret-1' as ReturnId;
    const order: string[] = [];
    let answer = (): void => {};
    hq.on('/v1/sales/claims', (_, reply) => {
      order.push('claimed');
      reply.json({ state: 'granted', returns: [] });
    });
    hq.on('/v1/sales/claims/release', (_, reply) => {
      answer = () => {
        order.push('released');
        reply.json({ released: true });
      };
    });
    sales.release(returnId);
    const again = sales.claim({ returnId, saleId: id });
    await until(() => hq.count('/v1/sales/claims/release') === 1);
    answer();
    expect((await again).ok).toBe(true);
    expect(order).toEqual(['released', 'claimed']);
  });

  test(`gives back at most ${RELEASES_OPEN_MAX} claims at a time`, async () => {
    const { hq, client, sales } = await online();
    hq.on('/v1/sales/claims/release', () => {});
    for (let n = 0; n <= RELEASES_OPEN_MAX; n += 1) sales.release(`ret-${n}` as ReturnId);
    await until(() => hq.count('/v1/sales/claims/release') === RELEASES_OPEN_MAX);
    await client.stop();
    expect(hq.count('/v1/sales/claims/release')).toBe(RELEASES_OPEN_MAX);
  });

  test('of a headquarters that does not know the call is unreachable', async () => {
    const { hq, sales } = await online();
    hq.on('/v1/sales/kept', (_, reply) => reply.json({ code: 'not-found' }, 404));
    expect(await sales.kept({ saleId: id, before: {}, after: { l1: 1 } })).toEqual(unreachable);
  });
});

describe('codes of passes at headquarters', () => {
  const memberId = 'm-1' as MemberId;
  const given = {
    code: '7K3M-Q9XD-0TVA',
    url: 'https://hq.example/pass/#7K3M-Q9XD-0TVA',
    expiresAt: '2026-03-02T09:05:00.000Z',
  };
  const unreachable = { ok: false, error: { code: 'pass-unreachable' } };

  test('are given, or refused with the reason for the cashier', async () => {
    const { hq, passes } = await online();
    hq.on('/v1/passes/codes', (_, reply) => reply.json(given));
    expect(await passes.code(memberId)).toEqual({ ok: true, value: given });
    for (const refusal of [
      'member-unknown',
      'member-not-active',
      'pass-codes-many',
      'pass-page-missing',
    ] as const) {
      hq.on('/v1/passes/codes', (_, reply) => reply.refuse(refusal));
      expect(await passes.code(memberId)).toEqual({
        ok: false,
        error: { code: 'pass-refused', refusal },
      });
    }
    hq.on('/v1/passes/codes', (_, reply) => reply.refuse('internal'));
    expect(await passes.code(memberId)).toEqual(unreachable);
  });

  test('do not come after the deadline, and so many are asked for at a time', async () => {
    const { hq, passes, time } = await online();
    hq.on('/v1/passes/codes', () => {});
    const waiting = Array.from({ length: PASS_CODES_ASKED_MAX }, () => passes.code(memberId));
    expect(await passes.code(memberId)).toEqual(unreachable);
    await until(() => hq.count('/v1/passes/codes') === PASS_CODES_ASKED_MAX);
    await time.advance(PASS_CODE_DEADLINE_MS);
    for (const answer of await Promise.all(waiting)) expect(answer).toEqual(unreachable);
  });
});
