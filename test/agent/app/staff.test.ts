import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  lockAfter,
  PIN_CHECKS_WAITING_MAX,
  PIN_LOCK_MAX_MS,
  PIN_LOCK_MS,
  PIN_TRIES,
} from '../../../agent/app/check-pin.ts';
import { createPinHasher } from '../../../agent/app/pin-hash.ts';
import type { Answer, Caller } from '../../../agent/app/till.ts';
import type { StaffId } from '../../../agent/contract/index.ts';
import {
  ANNA,
  basket,
  CASHIER,
  commitOf,
  failed,
  hold,
  MANAGER,
  openTill,
  PIN,
  POS,
  RICE,
  ringUp,
  TEA,
  value,
} from './rig.ts';

describe('PINs', () => {
  test('are kept as argon2id and checked offline', async () => {
    const pins = createPinHasher((bytes) => new Uint8Array(randomBytes(bytes)));
    const pinHash = await pins.hash('2468');
    expect(pinHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(pinHash).not.toContain('2468');
    expect(await pins.verify('2468', pinHash)).toBe(true);
    expect(await pins.verify('2469', pinHash)).toBe(false);
  });

  test('so many wrong ones lock for a minute, doubling up to a quarter of an hour', () => {
    expect(lockAfter(PIN_TRIES - 1)).toBe(0);
    expect([0, 1, 2, 3, 4, 50].map((more) => lockAfter(PIN_TRIES + more))).toEqual([
      60_000,
      120_000,
      240_000,
      480_000,
      PIN_LOCK_MAX_MS,
      PIN_LOCK_MAX_MS,
    ]);
  });

  test('a locked-out PIN is refused even when right, over a restart too, until its time is up', async () => {
    const rig = openTill();
    for (let n = 1; n < PIN_TRIES; n += 1) {
      expect(failed(await rig.till.signIn(CASHIER, '0000'))).toMatchObject({
        code: 'pin-wrong',
        data: { triesLeft: PIN_TRIES - n },
      });
    }
    expect(failed(await rig.till.signIn(CASHIER, '0000'))).toMatchObject({
      code: 'pin-locked',
      data: { retryAfterSeconds: 60 },
    });
    const till = rig.restart();
    expect(failed(await till.signIn(CASHIER, PIN)).code).toBe('pin-locked');
    rig.time.pass(PIN_LOCK_MS);
    expect(failed(await till.signIn(CASHIER, '0000'))).toMatchObject({
      code: 'pin-locked',
      data: { retryAfterSeconds: 120 },
    });
    rig.time.pass(2 * PIN_LOCK_MS);
    expect(value(await till.signIn(CASHIER, PIN)).staff?.staffId).toBe(CASHIER);
    expect(rig.store.staff.byId(CASHIER as StaffId)?.wrongPins).toBe(0);
  });

  test('a lock-out outlasts a wall clock that is put forward', async () => {
    const rig = openTill();
    for (let n = 0; n < PIN_TRIES; n += 1) await rig.till.signIn(CASHIER, '0000');
    rig.time.wallMs += PIN_LOCK_MS + 1_000;
    expect(failed(await rig.till.signIn(CASHIER, PIN)).code).toBe('pin-locked');
    rig.time.pass(PIN_LOCK_MS);
    expect(value(await rig.till.signIn(CASHIER, PIN)).staff?.staffId).toBe(CASHIER);
  });

  test('a lock-out begun by a clock that was wrong lasts no longer than a lock-out does', async () => {
    const rig = openTill();
    const farMs = rig.time.wallMs + 400 * 24 * 60 * 60_000;
    rig.store.staff.setPinFailures(CASHIER as StaffId, PIN_TRIES, farMs);
    expect(failed(await rig.till.signIn(CASHIER, PIN)).code).toBe('pin-locked');
    rig.time.pass(PIN_LOCK_MAX_MS);
    expect(value(await rig.till.signIn(CASHIER, PIN)).staff?.staffId).toBe(CASHIER);
  });

  test('guesses sent side by side count like guesses in a row, and too many at once are turned away', async () => {
    const rig = openTill();
    const answers = await Promise.all(
      Array.from({ length: PIN_CHECKS_WAITING_MAX + 1 }, () => rig.till.signIn(CASHIER, '0000')),
    );
    const codes = answers.map((answer) => failed(answer).code);
    expect(codes.filter((code) => code === 'pin-wrong')).toHaveLength(PIN_TRIES - 1);
    expect(codes.filter((code) => code === 'busy')).toHaveLength(1);
    expect(rig.store.staff.byId(CASHIER as StaffId)?.wrongPins).toBe(PIN_TRIES);
  });

  test('an unknown or inactive member of staff is told apart from a wrong PIN', async () => {
    const rig = openTill();
    expect(failed(await rig.till.signIn('ghost', PIN)).code).toBe('staff-unknown');
    rig.store.staff.upsert(
      { staffId: 'left' as StaffId, name: 'x', role: 'cashier', active: false },
      `plain:${PIN}`,
    );
    expect(failed(await rig.till.signIn('left', PIN)).code).toBe('staff-unknown');
    expect(value(await rig.till.staffList()).map((one) => one.staffId)).toEqual([CASHIER, MANAGER]);
  });
});

describe('the session', () => {
  test('signs in, locks, unlocks and signs out, each an event', async () => {
    const rig = openTill();
    expect(value(await rig.till.staffSession())).toMatchObject({ staff: null, locked: false });
    value(await rig.till.signIn(CASHIER, PIN));
    expect(value(await rig.till.lock())).toMatchObject({
      locked: true,
      staff: { staffId: CASHIER },
    });
    expect(failed(await rig.till.unlock('0000')).code).toBe('pin-wrong');
    expect(value(await rig.till.unlock(PIN)).locked).toBe(false);
    expect(value(await rig.till.signOut()).staff).toBeNull();
    const states = rig
      .events()
      .flatMap(({ body }) => (body.kind === 'staff' ? [`${body.state} ${body.staffId}`] : []));
    expect(states).toEqual(
      ['signed-in', 'locked', 'unlocked', 'signed-out'].map((state) => `${state} ${CASHIER}`),
    );
    expect(failed(await rig.till.unlock(PIN)).code).toBe('staff-required');
  });

  test('locks itself after the idle time, and a touch puts it off', async () => {
    const rig = openTill({ config: { idleLockMs: 60_000 } });
    value(await rig.till.signIn(CASHIER, PIN));
    rig.time.pass(59_000);
    await rig.till.touch();
    rig.time.pass(59_000);
    expect(value(await rig.till.staffSession()).locked).toBe(false);
    rig.time.pass(2_000);
    expect(value(await rig.till.staffSession()).locked).toBe(true);
  });

  test('a sale without staffId is booked by whoever is signed in, locked or not', async () => {
    const rig = openTill();
    value(await rig.till.signIn(MANAGER, PIN));
    value(await rig.till.lock());
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    value(await rig.till.hold(POS, { id: reply.evaluationId, basketHash: reply.basketHash }));
    const done = value(await rig.till.commit(POS, commitOf(reply, { staffId: undefined })));
    expect(rig.store.ledger.bySeq(done.seq)?.header.staffId).toBe(MANAGER);
  });

  test('a restart signs everybody out', async () => {
    const rig = openTill();
    value(await rig.till.signIn(CASHIER, PIN));
    expect(value(await rig.restart().staffSession()).staff).toBeNull();
  });
});

describe("the till's own screen", () => {
  const screen: Caller = { kind: 'screen' };

  /** Every use case that acts for a caller, at a basket that is held. */
  async function acts(
    rig: ReturnType<typeof openTill>,
  ): Promise<readonly (() => Answer<unknown>)[]> {
    const reply = await ringUp(rig, ANNA, basket('b1', [TEA]));
    await hold(rig, reply);
    const { evaluationId: id, basketHash } = reply;
    const { till } = rig;
    return [
      () => till.identify(screen, { text: 'CARD-bo' }),
      () => till.evaluate(screen, basket('b2', [TEA])),
      () => till.hold(screen, { id, basketHash }),
      () => till.commit(screen, commitOf(reply, { staffId: undefined })),
      () => till.voidEvaluation(screen, { id, key: 'void-screen', body: { reason: 'x' } }),
      () =>
        till.returnGoods(screen, {
          returnId: 'r1' as never,
          saleId: id as string as never,
          lines: [{ lineId: 'l1' as never, qty: 1 }],
          referenceId: 'R-2',
          reason: 'broken',
        }),
      () =>
        till.override(screen, {
          identificationId: 'i1',
          action: 'view-benefits',
          reason: 'regular customer',
          managerId: MANAGER,
          pin: PIN,
        }),
    ];
  }

  test('does nothing before somebody signs in, while it is locked, and after a sign-out that ended a lock', async () => {
    const rig = openTill();
    const all = await acts(rig);
    const codes = () => Promise.all(all.map(async (act) => failed(await act()).code));
    expect(await codes()).toEqual(all.map(() => 'staff-required'));
    value(await rig.till.signIn(MANAGER, PIN));
    value(await rig.till.lock());
    expect(await codes()).toEqual(all.map(() => 'screen-locked'));
    value(await rig.till.signOut());
    expect(await codes()).toEqual(all.map(() => 'staff-required'));
    expect(rig.store.ledger.head().seq).toBe(0);
  });

  test('books for whoever is signed in there and for nobody else', async () => {
    const rig = openTill();
    value(await rig.till.signIn(CASHIER, PIN));
    const reply = value(await rig.till.evaluate(screen, basket('b1', [TEA])));
    const { evaluationId: id, basketHash } = reply;
    const differs = { code: 'staff-differs', field: 'staffId' };
    expect(
      failed(await rig.till.evaluate(screen, basket('b1', [TEA], { staffId: MANAGER as never }))),
    ).toEqual(differs);
    expect(failed(await rig.till.hold(screen, { id, basketHash, staffId: MANAGER }))).toEqual(
      differs,
    );
    value(await rig.till.hold(screen, { id, basketHash, staffId: CASHIER }));
    expect(failed(await rig.till.commit(screen, commitOf(reply, { staffId: MANAGER })))).toEqual(
      differs,
    );
    expect(
      failed(
        await rig.till.voidEvaluation(screen, {
          id,
          key: 'void-manager',
          body: { reason: 'x', staffId: MANAGER },
        }),
      ),
    ).toEqual(differs);
    const done = value(await rig.till.commit(screen, commitOf(reply, { staffId: undefined })));
    expect(rig.store.ledger.bySeq(done.seq)?.header.staffId).toBe(CASHIER);
  });
});

describe('a manager overrides', () => {
  async function claimed(rig: ReturnType<typeof openTill>) {
    rig.givePoints(ANNA, 1_000);
    return value(await rig.till.identify(POS, { text: 'CARD-anna' })).identificationId;
  }
  const request = (identificationId: string, more: object = {}) => ({
    identificationId,
    action: 'redeem-points' as const,
    amountMinor: 2_000,
    reason: 'regular customer, phone left at home',
    managerId: MANAGER,
    pin: PIN,
    ...more,
  });

  test('with a reason, as an entry of the ledger and of the audit log, and the benefit is given', async () => {
    const rig = openTill();
    const identificationId = await claimed(rig);
    value(await rig.till.signIn(CASHIER, PIN));
    const decision = value(await rig.till.override(POS, request(identificationId)));
    expect(decision).toMatchObject({
      outcome: 'enough',
      level: 'claimed',
      needed: 'recognised',
      reasons: [{ code: 'overridden' }],
    });
    expect(rig.store.ledger.bySeq(1)?.header).toMatchObject({
      kind: 'override',
      staffId: MANAGER,
      payableMinor: 0,
    });
    expect(rig.store.audit.recent(10)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          action: 'decision-overridden',
          staffId: MANAGER,
          detail: expect.objectContaining({
            cashier: CASHIER,
            reason: 'regular customer, phone left at home',
          }),
        }),
      ]),
    );
    const reply = value(
      await rig.till.evaluate(
        POS,
        basket('b1', [RICE], { identificationId: identificationId, pointsToSpend: 200 } as object),
      ),
    );
    expect(reply.evaluation.points.spent).toBe(200);
  });

  test('only up to the amount given', async () => {
    const rig = openTill();
    const identificationId = await claimed(rig);
    value(await rig.till.override(POS, request(identificationId)));
    const reply = value(
      await rig.till.evaluate(POS, basket('b1', [RICE], { identificationId, pointsToSpend: 201 })),
    );
    expect(reply.evaluation.points.spent).toBe(0);
  });

  test('not by a cashier, not with a wrong PIN, not for nobody', async () => {
    const rig = openTill();
    const identificationId = await claimed(rig);
    expect(
      failed(await rig.till.override(POS, request(identificationId, { managerId: CASHIER }))).code,
    ).toBe('role-required');
    expect(
      failed(await rig.till.override(POS, request(identificationId, { pin: '0000' }))).code,
    ).toBe('pin-wrong');
    expect(failed(await rig.till.override(POS, request('nobody'))).code).toBe(
      'identification-unknown',
    );
    expect(rig.store.ledger.head().seq).toBe(0);
  });

  test('never a contradiction', async () => {
    const rig = openTill();
    const identificationId = await claimed(rig);
    value(await rig.till.identify(POS, { phoneDigits: '5678', identificationId }));
    expect(value(await rig.till.override(POS, request(identificationId))).outcome).toBe('refuse');
    expect(rig.store.ledger.head().seq).toBe(0);
  });

  test('for one shopper: the next scan starts without it', async () => {
    const rig = openTill();
    const identificationId = await claimed(rig);
    value(await rig.till.override(POS, request(identificationId)));
    value(await rig.till.releaseIdentification(POS, identificationId));
    const next = value(await rig.till.identify(POS, { text: 'CARD-anna' }));
    const reply = value(
      await rig.till.evaluate(
        POS,
        basket('b1', [RICE], { identificationId: next.identificationId, pointsToSpend: 100 }),
      ),
    );
    expect(reply.evaluation.points.spent).toBe(0);
  });
});
