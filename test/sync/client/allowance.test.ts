import { describe, expect, test } from 'vitest';
import type { EvaluationId, MemberId } from '../../../agent/contract/index.ts';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { createHqAllowance, GRANT_FRESH_MS } from '../../../sync/client/allowance.ts';
import { type CallFailure, unreachableBy } from '../../../sync/client/call-failure.ts';
import type { Session } from '../../../sync/client/session.ts';
import { ALLOWANCES_OPEN_MAX } from '../../../sync/protocol/allowance.ts';
import type { HqErrorCode } from '../../../sync/protocol/hq-error.ts';
import { createMemoryStore, diskFull } from './memory-store.ts';
import { createVirtualTime } from './virtual-time.ts';

type Answer = Result<unknown, CallFailure>;

const GRANTED: Answer = ok({ granted: true, available: 9 });

/** Headquarters as holder over a session that answers what a test says. */
function holder(answer: () => Answer | Promise<Answer> = () => GRANTED) {
  const time = createVirtualTime();
  const store = createMemoryStore(undefined);
  const asked: { name: string; input: { open?: readonly string[] } }[] = [];
  const session = {
    async call(name: string, input: object) {
      asked.push({ name, input });
      return name === 'reconcile' ? ok({ released: 0 }) : answer();
    },
  } as unknown as Session;
  const allowance = createHqAllowance({
    deps: { ...time, store, random: () => new Uint8Array(4), log: () => {}, version: '0' },
    session,
    reachable: () => true,
    onQueued: () => {},
    localPoints: () => 0,
    localCoupon: () => 'unknown',
  });
  return {
    store,
    time,
    asked,
    allowance,
    reserve: (allowanceId: string) =>
      allowance.reserve({
        allowanceId,
        memberId: 'm-1' as MemberId,
        evaluationId: 'e-00000001' as EvaluationId,
        what: { kind: 'points', points: 5 },
        holdUntilMs: time.clock.now() + 60_000,
      }),
    async reconciled() {
      await allowance.reconcile('2026-03-02T09:00:00.000Z', new AbortController().signal);
      return asked.findLast(({ name }) => name === 'reconcile')?.input.open;
    },
  };
}

const refused = (refusal: HqErrorCode): Answer =>
  err({ code: 'refused', refusal, detail: {}, retryAfterMs: null });

describe('a reservation without a clear answer', () => {
  test.each<[string, Answer, boolean]>([
    ['whose answer broke off', err(unreachableBy('network', 'cut')), true],
    [
      'that never left the till',
      err(unreachableBy('network', 'refused', { mayHaveArrived: false })),
      false,
    ],
    ['that was called off', err({ code: 'cancelled' }), true],
    ['at which headquarters broke', refused('internal'), true],
    ['for which headquarters was busy', refused('busy'), false],
  ])('%s is given back only where headquarters may have made it', async (_, answer, given) => {
    const { reserve, store } = holder(() => answer);
    expect(await reserve('a-1')).toEqual({ ok: false, error: { code: 'allowance-unreachable' } });
    expect(store.releases).toEqual(given ? ['a-1'] : []);
  });

  test('that a full disk cannot give back is no error of the sale, and is not stood by', async () => {
    const { reserve, store, reconciled } = holder(() => err({ code: 'cancelled' }));
    store.failWrites = 1;
    expect(await reserve('a-1')).toEqual({ ok: false, error: { code: 'allowance-unreachable' } });
    expect([store.releases, await reconciled()]).toEqual([[], []]);
  });

  test('is waited for before the store closes', async () => {
    let answerNow = (_answer: Answer): void => {};
    const { reserve, allowance } = holder(
      () =>
        new Promise((settle) => {
          answerNow = settle;
        }),
    );
    const asking = reserve('a-1');
    let ended = false;
    const ending = allowance.settled().then(() => {
      ended = true;
    });
    await new Promise((settle) => setImmediate(settle));
    expect(ended).toBe(false);
    answerNow(GRANTED);
    await Promise.all([asking, ending]);
  });
});

describe('a reconcile', () => {
  test('names a fresh grant only until it is settled, given back, refused or old', async () => {
    const answers: Answer[] = [];
    const { reserve, allowance, time, reconciled, store } = holder(
      () => answers.shift() ?? GRANTED,
    );
    store.open.push('held');
    await reserve('settled');
    allowance.settle('settled');
    await reserve('given-back');
    allowance.release('given-back');
    answers.push(ok({ granted: false, available: 0 }));
    await reserve('refused');
    await reserve('old');
    await time.advance(GRANT_FRESH_MS);
    expect(await reconciled()).toEqual(['held', 'old']);
    await time.advance(1);
    await reserve('fresh');
    expect(await reconciled()).toEqual(['held', 'fresh']);
  });

  test('of as many as headquarters takes names all, and of one more none: it would give the rest back', async () => {
    const { store, asked, reconciled } = holder();
    store.open = Array.from({ length: ALLOWANCES_OPEN_MAX }, (_, n) => `held-${n}`);
    expect(await reconciled()).toHaveLength(ALLOWANCES_OPEN_MAX);
    store.open.push('one more');
    await reconciled();
    expect(asked).toHaveLength(1);
  });

  test('of what the disk does not say is none', async () => {
    const { store, reserve, reconciled } = holder();
    await reserve('fresh');
    Object.assign(store, {
      openAllowances: () => {
        throw diskFull();
      },
    });
    expect(await reconciled()).toBeUndefined();
  });
});
