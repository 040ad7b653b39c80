import { describe, expect, test } from 'vitest';
import { HOUSEKEEPING_MS } from '../../../agent/app/heartbeat.ts';
import type { Till } from '../../../agent/app/till.ts';
import type { RuleId, StaffId } from '../../../agent/contract/index.ts';
import { verifyChain } from '../../../agent/domain/ledger/chain.ts';
import { createLedgerCrypto } from '../../../agent/store/ledger-crypto.ts';
import type { Store } from '../../../agent/store/store.ts';
import {
  ANNA,
  basket,
  CASHIER,
  commitOf,
  failed,
  freshKey,
  hold,
  MANAGER,
  openTill,
  POS,
  RICE,
  type Rig,
  sell,
  value,
} from './rig.ts';

/**
 * Every method of a repository that only reads, and of the journal those that no disk makes throw; whatever else there is
 * counts as a write, a fresh method too.
 */
const READS: Readonly<Record<string, readonly string[]>> = {
  members: ['byId', 'byCard', 'byPassKey', 'byGsrn', 'byPhoneSuffix', 'count'],
  ownBookings: ['ofMember'],
  staff: ['byId', 'list'],
  articles: ['bySku', 'byGtin', 'search'],
  documents: ['current', 'sinceRegistered', 'byVersion', 'allOfVersion'],
  keys: ['byId'],
  ledger: ['head', 'base', 'bySeq', 'bySale', 'byReturn', 'after', 'recent'],
  points: ['lots', 'balance', 'movementsOf'],
  holds: ['get', 'overdue', 'heldPoints'],
  coupons: ['state'],
  ruleUses: ['of', 'used', 'budgetUsedMinor'],
  credentialUses: ['showing', 'highest'],
  deviceBindings: ['list'],
  deviceStatistics: ['since'],
  replies: ['get'],
  outbox: ['waiting'],
  faces: [
    'find',
    'ofMember',
    'after',
    'ids',
    'mergedMembers',
    'count',
    'queuedEnrolment',
    'queued',
  ],
  facePairs: ['after', 'countOf'],
  events: ['after', 'head', 'oldest'],
  clients: ['byTokenHash', 'list', 'origins'],
  screens: ['valid'],
  baskets: ['get', 'open'],
  visits: ['ofDay'],
  audit: ['recent'],
  meta: ['get'],
  sync: [
    'registration',
    'cursor',
    'fed',
    'nextUpload',
    'waiting',
    'received',
    'proofs',
    'openAllowances',
    'documentsDue',
  ],
  journal: ['committed', 'erasing', 'beat', 'facts', 'close'],
};

/** Fails the nth write from now on, as a disk does that is full by then; 0 = never. */
interface Fault {
  countdown: number;
  code: 'storage-full' | 'storage-failed';
}

function failing(store: Store, fault: Fault): Store {
  const wrapped = Object.entries(store).map(([name, repository]) => {
    if (typeof repository !== 'object' || repository === null) return [name, repository] as const;
    const methods = Object.entries(
      repository as Record<string, string | ((...args: unknown[]) => unknown)>,
    ).map(([method, run]) => [
      method,
      typeof run === 'string'
        ? run
        : (...args: unknown[]) => {
            if (READS[name]?.includes(method) !== true && fault.countdown > 0) {
              fault.countdown -= 1;
              if (fault.countdown === 0)
                throw Object.assign(new Error(fault.code), {
                  name: 'StorageError',
                  code: fault.code,
                });
            }
            return run(...args);
          },
    ]);
    return [name, Object.fromEntries(methods)] as const;
  });
  return Object.fromEntries(wrapped) as unknown as Store;
}

function faultyTill() {
  const fault: Fault = { countdown: 0, code: 'storage-full' };
  const rig = openTill({ wrapStore: (store) => failing(store, fault) });
  return { rig, fault };
}

/** Everything that a sale may change. */
function stateOf({ store }: Rig): unknown {
  return {
    head: store.ledger.head(),
    events: store.events.head(),
    waiting: store.outbox.waiting(),
    lots: store.points.lots(ANNA),
    held: store.holds.overdue(Number.MAX_SAFE_INTEGER, 10),
    coupon: store.coupons.state('CP-5'),
    baskets: store.baskets.open(10),
    uses: store.ruleUses.used('limited' as RuleId, 'total', { memberId: null, day: '2026-11-21' }),
    audit: store.audit.recent(10),
    clients: store.clients.list(),
    cashier: store.staff.byId(CASHIER as StaffId),
    time: store.meta.get('clock.highest-ms'),
    visits: store.visits.ofDay('2026-11-21'),
  };
}

/** Fails `operation` at each of its writes in turn: nothing is changed; then it goes through once. */
async function failAtEachWrite<T>(
  rig: Rig,
  fault: Fault,
  operation: () => ReturnType<Till['commit']> | Promise<unknown> | unknown,
): Promise<{ writes: number; done: T }> {
  for (let nth = 1; ; nth += 1) {
    const before = stateOf(rig);
    fault.countdown = nth;
    const answer = (await operation()) as { ok: boolean; value: T; error: { code: string } };
    const untouched = fault.countdown > 0;
    fault.countdown = 0;
    if (untouched) {
      expect(answer.ok).toBe(true);
      return { writes: nth - 1, done: answer.value };
    }
    expect(answer).toEqual({ ok: false, error: { code: fault.code } });
    expect(stateOf(rig)).toEqual(before);
  }
}

async function recognisedReply(rig: Rig) {
  rig.givePoints(ANNA, 300);
  const card = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
  value(
    await rig.till.identify(POS, { phoneDigits: '1234', identificationId: card.identificationId }),
  );
  return value(
    await rig.till.evaluate(
      POS,
      basket('b1', [RICE], {
        identificationId: card.identificationId,
        pointsToSpend: 300,
        codes: ['CP-5'],
      }),
    ),
  );
}

describe('disk full at each write', () => {
  test('of a commit: nothing half applied, and the same request goes through once there is room', async () => {
    const { rig, fault } = faultyTill();
    const reply = await recognisedReply(rig);
    await hold(rig, reply);
    const request = commitOf(reply, { payment: { paidMinor: reply.evaluation.payableMinor } });
    const { writes, done } = await failAtEachWrite<{ seq: number; pointsSpent: number }>(
      rig,
      fault,
      () => rig.till.commit(POS, request),
    );
    expect(writes).toBeGreaterThanOrEqual(12);
    expect(done).toMatchObject({ seq: 1, pointsSpent: 300 });
    expect(value(await rig.till.commit(POS, request))).toEqual(done);
    expect(rig.store.coupons.state('CP-5').state).toBe('used');
    expect(
      verifyChain(createLedgerCrypto((n) => new Uint8Array(n)).hash, rig.store.ledger.after(0, 10)),
    ).toMatchObject({ ok: true, value: { seq: 1 } });
  });

  test('of a hold: the reservation is given back, and the hold goes through once there is room', async () => {
    const { rig, fault } = faultyTill();
    const reply = await recognisedReply(rig);
    const request = { id: reply.evaluationId, basketHash: reply.basketHash, staffId: CASHIER };
    const { writes } = await failAtEachWrite(rig, fault, () => rig.till.hold(POS, request));
    expect(writes).toBeGreaterThanOrEqual(4);
    expect(rig.store.holds.heldPoints(ANNA)).toEqual({ base: 300 });
  });

  test('of a void', async () => {
    const { rig, fault } = faultyTill();
    const reply = await recognisedReply(rig);
    await hold(rig, reply);
    const request = {
      id: reply.evaluationId,
      key: freshKey(),
      body: { reason: 'gone', staffId: CASHIER },
    };
    const { writes } = await failAtEachWrite(rig, fault, () =>
      rig.till.voidEvaluation(POS, request),
    );
    expect(writes).toBeGreaterThanOrEqual(8);
    expect(rig.store.coupons.state('CP-5').state).toBe('free');
  });

  test('of a return', async () => {
    const { rig, fault } = faultyTill();
    const sale = await sell(rig, ANNA, basket('b1', [RICE]));
    const request = {
      returnId: 'ret-1',
      saleId: sale.saleId,
      lines: [{ lineId: 'l1', qty: 1 }],
      referenceId: 'R',
      reason: 'x',
      staffId: CASHIER,
    } as never;
    const { writes, done } = await failAtEachWrite<{ payableMinor: number }>(rig, fault, () =>
      rig.till.returnGoods(POS, request),
    );
    expect(writes).toBeGreaterThanOrEqual(6);
    expect(done.payableMinor).toBe(-5_000);
  });

  test('of an identification: nobody is identified in memory who is not on the disk', async () => {
    const { rig, fault } = faultyTill();
    fault.countdown = 1;
    expect(failed(await rig.till.identify(POS, { text: 'CARD-anna' })).code).toBe('storage-full');
    expect(value(await rig.till.pendingIdentification())).toBeNull();
  });

  test('of a code that the screen read: it is not said to be taken, and is once there is room', async () => {
    const { rig, fault } = faultyTill();
    fault.countdown = 1;
    expect(failed(await rig.till.wedgeScan('6901234567892')).code).toBe('storage-full');
    fault.countdown = 0;
    expect(value(await rig.till.wedgeScan('6901234567892'))).toEqual({ accepted: true });
  });

  test('of an evaluation: the shopper still hears the price, and the sale is listed once there is room', async () => {
    const { rig, fault } = faultyTill();
    fault.countdown = 1;
    expect(value(await rig.till.evaluate(POS, basket('b1', [RICE]))).evaluation.payableMinor).toBe(
      5_000,
    );
    expect(value(await rig.till.openBaskets())).toEqual([]);
    expect(rig.logged).toMatchObject([['error', expect.any(String), { code: 'storage-full' }]]);
    value(await rig.till.evaluate(POS, basket('b1', [RICE])));
    expect(value(await rig.till.openBaskets())).toMatchObject([{ basketId: 'b1' }]);
  });
});

test('the methods that count as reading are there: a renamed one would be failed like a write', () => {
  const { store } = openTill();
  for (const [name, methods] of Object.entries(READS)) {
    const repository = store[name as keyof Store] as unknown as Record<string, unknown>;
    for (const method of methods)
      expect(repository[method], `${name}.${method}`).toBeTypeOf('function');
  }
  const repositories = Object.entries(store).filter(([, one]) => typeof one === 'object');
  expect(repositories.map(([name]) => name).sort()).toEqual(Object.keys(READS).sort());
});

describe('disk full at each write beside a sale', () => {
  test('of housekeeping: it is noted, done again an hour later, and the till goes on', async () => {
    const { rig, fault } = faultyTill();
    for (let nth = 1; nth <= 12; nth += 1) {
      rig.time.pass(HOUSEKEEPING_MS - 2_000);
      const before = stateOf(rig);
      fault.countdown = nth;
      rig.time.pass(2_000);
      const failedOnce = fault.countdown === 0;
      fault.countdown = 0;
      if (failedOnce)
        expect({ ...(stateOf(rig) as object), time: 0 }).toEqual({
          ...(before as object),
          time: 0,
        });
      expect(value(await rig.till.status()).name).toBe('tillside');
    }
    const failures = rig.logged.filter((line) =>
      JSON.stringify(line).includes('housekeeping failed'),
    );
    expect(failures.length).toBeGreaterThanOrEqual(7);
  });

  test('of a program that is revoked: it is paired still, and revoked once there is room', async () => {
    const { rig, fault } = faultyTill();
    value(await rig.till.signIn(MANAGER, '2468'));
    const { code } = value(await rig.till.openPairing(MANAGER, '2468'));
    const { clientId, token } = value(await rig.till.pair({ code, name: 'POS' }));
    rig.time.pass(2 * 60_000);
    fault.countdown = 1;
    expect(rig.till.authenticate(token)?.clientId).toBe(clientId);
    fault.countdown = 0;
    const { writes } = await failAtEachWrite(rig, fault, () => rig.till.revokeClient(clientId));
    expect(writes).toBeGreaterThanOrEqual(2);
    expect(rig.till.authenticate(token)).toBeUndefined();
  });

  test('of a sign-in and of a wrong PIN', async () => {
    const { rig, fault } = faultyTill();
    await failAtEachWrite(rig, fault, () => rig.till.signIn(CASHIER, '2468'));
    fault.countdown = 1;
    expect(failed(await rig.till.signIn(CASHIER, '0000')).code).toBe('storage-full');
    expect(rig.store.staff.byId(CASHIER as StaffId)?.wrongPins).toBe(0);
  });

  test("of a time that a manager confirms: the till's time is what it was", async () => {
    const { rig, fault } = faultyTill();
    rig.time.wallMs -= 24 * 60 * 60_000;
    rig.time.pass(2_000);
    const { writes } = await failAtEachWrite(rig, fault, async () => {
      const done = await rig.till.confirmTime(MANAGER, '2468');
      if (!done.ok) expect(value(await rig.till.status()).clockTrusted).toBe(false);
      return done;
    });
    expect(writes).toBeGreaterThanOrEqual(4);
    expect(value(await rig.till.status()).clockTrusted).toBe(true);
  });
});

test('a disk that is broken is told apart from a full one', async () => {
  const { rig, fault } = faultyTill();
  fault.code = 'storage-failed';
  fault.countdown = 1;
  expect(failed(await rig.till.identify(POS, { text: 'CARD-anna' })).code).toBe('storage-failed');
});

test('a till whose disk is full when it starts still starts and answers', async () => {
  const { rig, fault } = faultyTill();
  fault.countdown = 1;
  const till = rig.restart();
  expect(value(await till.status()).name).toBe('tillside');
});

test('a full disk does not keep an unattended screen open', async () => {
  const { rig, fault } = faultyTill();
  value(await rig.till.signIn(CASHIER, '2468'));
  rig.time.pass(4 * 60_000);
  fault.countdown = 1;
  rig.time.pass(61_000);
  expect(value(await rig.till.staffSession()).locked).toBe(true);
});

test('a broken invariant is no answer: it ends the process', async () => {
  const rig = openTill({
    wrapStore: (store) => ({
      ...store,
      members: {
        ...store.members,
        byCard() {
          throw new Error('broken invariant: planted');
        },
      },
    }),
  });
  expect(() => rig.till.identify(POS, { text: 'CARD-anna' })).toThrow('planted');
});
