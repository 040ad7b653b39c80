import type { PassAlg } from '../../../agent/contract/credential.ts';
import type { MemberId } from '../../../agent/contract/ids.ts';
import { assert, err, ok, type Result } from '../../../agent/contract/result.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import type { HqInput } from '../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import { PASS_REQUEST_WINDOW_MS, type PassReply, passRequestBytes } from '../../protocol/pass.ts';
import type { MemberBody } from '../books/member-body.ts';
import { transact } from '../books/transact.ts';
import type { HqSession } from '../database/database.ts';
import { certify } from './certify.ts';
import { certifiedKey } from './link-pass.ts';
import { type PassDeps, passMember } from './pass-deps.ts';
import {
  addPassKey,
  endPassKeys,
  findPassKey,
  isDeniedKey,
  type PassKeyRow,
  writeKeysOfMember,
} from './pass-keys.ts';
import { passReply } from './pass-reply.ts';
import { type PassPublicKey, passSignatureFits, readPassKey } from './pass-signatures.ts';
import { publishIssuers } from './publish-issuers.ts';

type Asking = { readonly keyId: string; readonly at: string; readonly proof: string };

/** What stands behind a pass, and its tier certified anew where it has changed. */
export async function refreshPass(
  deps: PassDeps,
  request: HqInput<'refreshPass'>,
): Promise<Result<PassReply, HqFailure>> {
  const asked = await proved(deps, deps.db, 'refresh', request);
  if (!asked.ok) return asked;
  return transact(deps, async (tx) => {
    const key = await findPassKey(tx, request.keyId);
    if (key === undefined) return err(hqFailure('pass-unknown', 'keyId'));
    const member = await passMember(deps, tx, key.member_id);
    if (!member.ok) return member;
    const current = await withTier(deps, tx, key, member.value);
    return current.ok ? ok(await passReply(deps, tx, member.value, current.value)) : current;
  });
}

/**
 * The next key of a phone, signed by the one that it replaces. Where the answer was lost the phone asks again, and the
 * former key is gone: the next one, which proves itself, is answered as it stands.
 */
export async function rotatePass(
  deps: PassDeps,
  request: HqInput<'rotatePass'>,
): Promise<Result<PassReply, HqFailure>> {
  const { keyId, at, alg, publicKey, proof, nextProof } = request;
  const next = readPassKey(alg, publicKey);
  if (next === undefined) return err(hqFailure('invalid-input', 'publicKey'));
  const message = passRequestBytes({ purpose: 'rotate', keyId, at, alg, publicKey });
  const late = clockDiffers(deps, at);
  if (late !== undefined) return err(late);
  if (!passSignatureFits(alg, next, message, nextProof))
    return err(hqFailure('pass-proof-wrong', 'nextProof'));
  return transact(deps, async (tx) => {
    const issuers = await publishIssuers(tx, deps, deps.issuers);
    if (!issuers.ok) return issuers;
    const repeated = await findPassKey(tx, next.keyId);
    const former = repeated === undefined ? await findPassKey(tx, keyId) : undefined;
    const known = repeated ?? former;
    if (known === undefined) return err(hqFailure('pass-unknown', 'keyId'));
    const member = await passMember(deps, tx, known.member_id);
    if (!member.ok) return member;
    if (repeated !== undefined) return ok(await passReply(deps, tx, member.value, repeated));
    if (!passSignatureFits(known.alg, publicKeyOf(known), message, proof))
      return err(hqFailure('pass-proof-wrong', 'proof'));
    if (await isDeniedKey(tx, next.keyId)) return err(hqFailure('pass-unknown', 'keyId'));
    await endPassKeys(tx, [known.key_id], { replaced: true });
    const made = certifiedKey(deps, issuers.value, member.value, { alg, key: next });
    await addPassKey(tx, made);
    await writeKeysOfMember(tx, known.member_id, deps.nowMs());
    if (made.member_id !== known.member_id)
      await writeKeysOfMember(tx, made.member_id, deps.nowMs());
    return ok(await passReply(deps, tx, member.value, made));
  });
}

/** A member removes the pass from their phone. */
export async function removePass(
  deps: PassDeps,
  request: HqInput<'removePass'>,
): Promise<Result<{ removed: boolean }, HqFailure>> {
  const asked = await proved(deps, deps.db, 'remove', request);
  if (!asked.ok) return asked.error.code === 'pass-unknown' ? ok({ removed: false }) : asked;
  return transact(deps, (tx) => endPass(deps, tx, request.keyId));
}

/** A person at headquarters ends a pass, such as the one of a lost phone. */
export function revokePass(
  deps: PassDeps,
  { keyId, reason }: HqInput<'revokePass'>,
): Promise<Result<{ removed: boolean }, HqFailure>> {
  return transact(deps, async (tx) => {
    const ended = await endPass(deps, tx, keyId);
    if (ended.ok && ended.value.removed) deps.log('info', 'a pass was revoked', { keyId, reason });
    return ended;
  });
}

async function endPass(
  deps: PassDeps,
  tx: HqSession,
  keyId: string,
): Promise<Result<{ removed: boolean }, HqFailure>> {
  const key = await findPassKey(tx, keyId);
  if (key === undefined) return ok({ removed: false });
  await endPassKeys(tx, [keyId], { replaced: false });
  await writeKeysOfMember(tx, key.member_id, deps.nowMs());
  return ok({ removed: true });
}

/** The key that signed a request, at about HQ's time. */
async function proved(
  deps: PassDeps,
  session: HqSession,
  purpose: 'refresh' | 'remove',
  { keyId, at, proof }: Asking,
): Promise<Result<PassKeyRow, HqFailure>> {
  const key = await findPassKey(session, keyId);
  if (key === undefined) return err(hqFailure('pass-unknown', 'keyId'));
  const message = passRequestBytes({ purpose, keyId, at });
  if (!passSignatureFits(key.alg, publicKeyOf(key), message, proof))
    return err(hqFailure('pass-proof-wrong', 'proof'));
  const late = clockDiffers(deps, at);
  return late === undefined ? ok(key) : err(late);
}

/** A request that was kept and sent later, or a phone with a wrong clock, which learns HQ's time by the refusal. */
function clockDiffers({ nowMs }: Pick<PassDeps, 'nowMs'>, at: string): HqFailure | undefined {
  const atMs = nowMs();
  return Math.abs(Date.parse(at) - atMs) <= PASS_REQUEST_WINDOW_MS
    ? undefined
    : hqFailure('clock-differs', 'at', { at: toInstant(atMs) });
}

/** The key with a certificate that says the member's tier of today; its term stays. */
async function withTier(
  deps: PassDeps,
  tx: HqSession,
  key: PassKeyRow,
  { tier }: MemberBody,
): Promise<Result<PassKeyRow, HqFailure>> {
  if (key.tier === tier) return ok(key);
  const issuers = await publishIssuers(tx, deps, deps.issuers);
  if (!issuers.ok) return issuers;
  const certificate = certify(issuers.value, {
    alg: key.alg,
    publicKey: publicKeyOf(key).raw,
    memberId: key.member_id as MemberId,
    tier,
    validFromMs: key.valid_from_ms,
    validUntilMs: key.valid_until_ms,
  });
  await tx.query('UPDATE pass_keys SET certificate = $2, tier = $3 WHERE key_id = $1', [
    key.key_id,
    certificate,
    tier,
  ]);
  return ok({ ...key, certificate, tier });
}

function publicKeyOf({ alg, public_key }: { alg: PassAlg; public_key: string }): PassPublicKey {
  const key = readPassKey(alg, public_key);
  assert(key !== undefined, 'a key that was linked is one');
  return key;
}
