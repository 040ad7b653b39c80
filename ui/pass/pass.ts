import {
  CREDENTIAL_COUNTER_MAX,
  CREDENTIAL_STEP_SECONDS,
} from '../../agent/contract/credential.ts';
import { err, ok, type Result } from '../../agent/contract/result.ts';
import { fromBase64url, toBase64url } from '../../agent/domain/credential/bytes.ts';
import {
  credentialText,
  recordHead,
  recordMessage,
  stepOf,
} from '../../agent/domain/credential/record.ts';
import {
  PASS_RENEW_DAYS,
  type PassReply,
  passReplySchema,
  passRequestBytes,
  removePassReplySchema,
} from '../../sync/protocol/pass.ts';
import type { askHq, Refusal } from './ask-hq.ts';
import { makePhoneKey, type PhoneKey, signWith } from './pass-key.ts';
import type { PassStore, StoredPass } from './pass-store.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A clock that is off by more than one step is told: tills take the step before and the one after. */
export const CLOCK_TOLD_MS = CREDENTIAL_STEP_SECONDS * 1_000;

export interface PassParts {
  readonly store: PassStore;
  readonly subtle: SubtleCrypto;
  readonly ask: typeof askHq;
  /** The phone's clock, epoch milliseconds. */
  readonly now: () => number;
}

/** A code as it is shown: once, in its step. */
export interface ShownCode {
  readonly text: string;
  readonly step: number;
}

/** What a member's phone does. Nothing here shows anything. */
export interface Pass {
  stored(): Promise<StoredPass | undefined>;
  /**
   * Links this phone; the same code again after a lost answer goes on with the same key. `linked-already` = there is a
   * pass, such as one that another tab has linked.
   */
  link(code: string): Promise<Result<PassReply, Refusal>>;
  /** Asks headquarters how things stand, and for the next key where the certificate ends soon. */
  refresh(): Promise<Result<PassReply, Refusal>>;
  /** The next code, its counter written down before anybody sees it; nothing where there is no pass that is good. */
  nextCode(): Promise<ShownCode | undefined>;
  /** Forgets everything; `told` = headquarters knows. */
  remove(): Promise<{ readonly told: boolean }>;
}

/** The pass of this browser. */
export function createPass({ store, subtle, ask, now }: PassParts): Pass {
  const sign = async (key: PhoneKey, bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
    toBase64url(await signWith(subtle, key, bytes));

  /** Asks with a time that headquarters takes for about its own; a wrong clock is put right once by the refusal. */
  async function askAt<T>(
    aheadMs: number,
    work: (at: string) => Promise<Result<T, Refusal>>,
  ): Promise<Result<T, Refusal>> {
    const first = await work(new Date(now() - aheadMs).toISOString());
    if (first.ok || first.error.at === undefined) return first;
    return work(first.error.at);
  }

  function aheadOf({ asOf }: PassReply): number {
    return now() - Date.parse(asOf);
  }

  async function refreshed(pass: StoredPass): Promise<Result<PassReply, Refusal>> {
    const { key } = pass;
    const { keyId } = key;
    const answer = await askAt(pass.aheadMs, async (at) => {
      const proof = await sign(key, passRequestBytes({ purpose: 'refresh', keyId, at }));
      return ask('/v1/passes/refresh', { keyId, at, proof }, passReplySchema);
    });
    if (!answer.ok) return answer;
    const aheadMs = aheadOf(answer.value);
    // Another tab may have gone on to the next key meanwhile.
    await store.change((stored) =>
      stored.key.keyId === keyId ? { ...stored, facts: answer.value, aheadMs } : undefined,
    );
    return answer;
  }

  /** The next key is written down before headquarters hears of it, so that a lost answer loses nothing. */
  async function renewed(pass: StoredPass): Promise<Result<PassReply, Refusal>> {
    const made = pass.next ?? (await makePhoneKey(subtle));
    const noted = await store.change((stored) => ({ ...stored, next: stored.next ?? made }));
    const next = noted?.next;
    if (noted === undefined || next === undefined) return err({ code: 'pass-unknown' });
    const { keyId } = noted.key;
    const { alg, publicKey } = next;
    const answer = await askAt(noted.aheadMs, async (at) => {
      const bytes = passRequestBytes({ purpose: 'rotate', keyId, at, alg, publicKey });
      const proof = await sign(noted.key, bytes);
      const nextProof = await sign(next, bytes);
      const request = { keyId, at, alg, publicKey, proof, nextProof };
      return ask('/v1/passes/rotate', request, passReplySchema);
    });
    if (!answer.ok) return answer;
    const aheadMs = aheadOf(answer.value);
    await store.change((stored) =>
      stored.next?.keyId === next.keyId
        ? { key: next, facts: answer.value, counter: 0, aheadMs }
        : undefined,
    );
    return answer;
  }

  async function refresh(): Promise<Result<PassReply, Refusal>> {
    const pass = await store.pass();
    if (pass === undefined) return err({ code: 'pass-unknown' });
    const hqNowMs = now() - pass.aheadMs;
    const leftMs = Date.parse(pass.facts.validUntil) - hqNowMs;
    const isLast = pass.counter > CREDENTIAL_COUNTER_MAX / 2;
    const answer =
      leftMs < PASS_RENEW_DAYS * DAY_MS || isLast || pass.next !== undefined
        ? await renewed(pass)
        : await refreshed(pass);
    if (answer.ok || answer.error.code !== 'pass-unknown') return answer;
    // Where another tab has renewed the key meanwhile, it is the former one that headquarters knows no more.
    return (await store.forget(pass.key.keyId)) ? answer : refresh();
  }

  async function remove(): Promise<{ readonly told: boolean }> {
    const pass = await store.pass();
    if (pass === undefined) return { told: true };
    const { key } = pass;
    const { keyId } = key;
    const answer = await askAt(pass.aheadMs, async (at) => {
      const proof = await sign(key, passRequestBytes({ purpose: 'remove', keyId, at }));
      return ask('/v1/passes/remove', { keyId, at, proof }, removePassReplySchema);
    });
    // Gone from here in any case: a key that nobody has any more signs nothing.
    return (await store.forget(keyId)) ? { told: answer.ok } : remove();
  }

  return {
    stored: () => store.pass(),
    refresh,

    async link(code) {
      if ((await store.pass()) !== undefined) return err({ code: 'linked-already' });
      const before = await store.pending();
      const key = before?.code === code ? before.key : await makePhoneKey(subtle);
      await store.setPending({ code, key });
      const { alg, publicKey } = key;
      const proof = await sign(key, passRequestBytes({ purpose: 'link', code, alg, publicKey }));
      const answer = await ask('/v1/passes', { code, alg, publicKey, proof }, passReplySchema);
      if (!answer.ok) return answer;
      await store.setPass({
        key,
        facts: answer.value,
        counter: 0,
        aheadMs: aheadOf(answer.value),
      });
      return answer;
    },

    async nextCode() {
      const pass = await store.change((stored) =>
        stored.counter >= CREDENTIAL_COUNTER_MAX || Date.parse(stored.facts.validUntil) < now()
          ? undefined
          : { ...stored, counter: stored.counter + 1 },
      );
      const certificate = pass === undefined ? undefined : fromBase64url(pass.facts.certificate);
      if (pass === undefined || certificate === undefined) return undefined;
      const { key, counter, facts } = pass;
      const step = stepOf(now());
      const head = recordHead({ keyId: key.keyId, step, counter }, true);
      const message = Uint8Array.from(recordMessage(facts.memberId, head));
      return {
        text: credentialText(head, await signWith(subtle, key, message), certificate),
        step,
      };
    },

    remove,
  };
}

/** A typed code in the form of the protocol: letters that are misread, spaces and dashes put right; nothing where it is none. */
export function readCode(typed: string): Result<string, 'no-code'> {
  const letters = typed
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[\s-]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  return /^[0-9A-HJKMNP-TV-Z]{12}$/.test(letters)
    ? ok(letters.replaceAll(/(.{4})(?=.)/g, '$1-'))
    : err('no-code');
}
