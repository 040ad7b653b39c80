import { describe, expect, test } from 'vitest';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { PASS_KEY_DAYS, PASS_RENEW_DAYS, type PassReply } from '../../../sync/protocol/pass.ts';
import type { askHq, Refusal } from '../../../ui/pass/ask-hq.ts';
import { createPass, type Pass } from '../../../ui/pass/pass.ts';
import { makePhoneKey } from '../../../ui/pass/pass-key.ts';
import type { PassStore, PendingLink, StoredPass } from '../../../ui/pass/pass-store.ts';
import { TEST_NOW_MS } from '../../support/store.ts';

const DAY_MS = 24 * 60 * 60_000;
const CODE = '7K3M-Q9XD-0TVA';
const { subtle } = globalThis.crypto;

/** What one browser keeps, for all of its tabs. */
interface Kept {
  pass?: StoredPass | undefined;
  pending?: PendingLink | undefined;
}

function storeOf(kept: Kept): PassStore {
  return {
    pass: async () => kept.pass,
    pending: async () => kept.pending,
    async setPending(pending) {
      kept.pending = pending;
    },
    async setPass(pass) {
      kept.pass = pass;
      kept.pending = undefined;
    },
    async change(change) {
      const after = kept.pass === undefined ? undefined : change(kept.pass);
      if (after !== undefined) kept.pass = after;
      return after;
    },
    async forget(keyId) {
      if (kept.pass !== undefined && kept.pass.key.keyId !== keyId) return false;
      kept.pass = undefined;
      kept.pending = undefined;
      return true;
    },
  };
}

async function storedPass(leftDays = PASS_KEY_DAYS): Promise<StoredPass> {
  const key = await makePhoneKey(subtle as never);
  return { key, facts: factsOf(key.keyId, leftDays), counter: 7, aheadMs: 0 };
}

function factsOf(keyId: string, leftDays = PASS_KEY_DAYS): PassReply {
  return {
    memberId: 'm-1' as PassReply['memberId'],
    maskedName: '王*明',
    keyId,
    certificate: 'A'.repeat(140),
    validUntil: new Date(TEST_NOW_MS + leftDays * DAY_MS).toISOString(),
    tier: 'gold',
    points: 1,
    benefits: [],
    ended: 0,
    asOf: new Date(TEST_NOW_MS).toISOString(),
  };
}

type Answer = (path: string, body: Record<string, string>) => Promise<Result<object, Refusal>>;

function passOf(kept: Kept, answer: Answer): Pass {
  return createPass({
    store: storeOf(kept),
    subtle: subtle as never,
    ask: answer as unknown as typeof askHq,
    now: () => TEST_NOW_MS,
  });
}

const unknown = err({ code: 'pass-unknown' });

describe('the pass of a browser with two tabs', () => {
  test('is kept where headquarters knows a former key no more, because the other tab has renewed it', async () => {
    const former = await storedPass();
    const renewed = await storedPass();
    const kept: Kept = { pass: former };
    const asked: string[] = [];
    const pass = passOf(kept, async (_path, { keyId = '' }) => {
      asked.push(keyId);
      if (keyId !== former.key.keyId) return ok(factsOf(keyId));
      kept.pass = renewed;
      return unknown;
    });
    expect((await pass.refresh()).ok).toBe(true);
    expect(asked).toEqual([former.key.keyId, renewed.key.keyId]);
    expect(kept.pass?.key.keyId).toBe(renewed.key.keyId);
  });

  test('is forgotten where headquarters knows the key itself no more', async () => {
    const kept: Kept = { pass: await storedPass() };
    expect(await passOf(kept, async () => unknown).refresh()).toEqual(unknown);
    expect(kept.pass).toBeUndefined();
  });

  test('is removed with the key that the other tab has gone on to meanwhile', async () => {
    const former = await storedPass();
    const renewed = await storedPass();
    const kept: Kept = { pass: former };
    const asked: string[] = [];
    const pass = passOf(kept, async (_path, { keyId = '' }) => {
      asked.push(keyId);
      if (keyId === former.key.keyId) kept.pass = renewed;
      return ok({ removed: true });
    });
    expect(await pass.remove()).toEqual({ told: true });
    expect(asked).toEqual([former.key.keyId, renewed.key.keyId]);
    expect(kept.pass).toBeUndefined();
  });

  test('takes no code while there is one: the code stays good, and so does the pass', async () => {
    const kept: Kept = { pass: await storedPass() };
    const before = kept.pass;
    const pass = passOf(kept, async () => expect.unreachable('headquarters was asked'));
    expect(await pass.link(CODE)).toEqual(err({ code: 'linked-already' }));
    expect(kept.pass).toBe(before);
  });
});

describe('the renewal of a pass', () => {
  test.each([
    [PASS_RENEW_DAYS + 1, '/v1/passes/refresh'],
    [PASS_RENEW_DAYS - 1, '/v1/passes/rotate'],
    // Ended: headquarters renews it as long as it knows the key.
    [-5, '/v1/passes/rotate'],
  ])('with %i days left asks %s', async (leftDays, expected) => {
    const asked: string[] = [];
    const kept: Kept = { pass: await storedPass(leftDays) };
    const pass = passOf(kept, async (path) => {
      asked.push(path);
      return err({ code: 'unreachable' });
    });
    await pass.refresh();
    expect(asked).toEqual([expected]);
  });

  test('that was cut off goes on with the same next key, and loses nothing meanwhile', async () => {
    const kept: Kept = { pass: await storedPass(1) };
    const offered: string[] = [];
    let isOnline = false;
    const pass = passOf(kept, async (_path, { publicKey = '' }) => {
      offered.push(publicKey);
      const next = kept.pass?.next?.keyId ?? '';
      return isOnline ? ok(factsOf(next)) : err({ code: 'unreachable' });
    });
    const before = kept.pass?.key.keyId;
    await pass.refresh();
    expect(kept.pass?.key.keyId).toBe(before);
    isOnline = true;
    await pass.refresh();
    expect(new Set(offered).size).toBe(1);
    expect(kept.pass?.key.publicKey).toBe(offered[0]);
    expect(kept.pass?.next).toBeUndefined();
  });
});
