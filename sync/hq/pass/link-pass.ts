import type { PassAlg } from '../../../agent/contract/credential.ts';
import type { MemberId } from '../../../agent/contract/ids.ts';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import type { HqInput } from '../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import {
  PASS_GUESS_WINDOW_MS,
  PASS_GUESSES_MAX,
  PASS_KEY_DAYS,
  type PassReply,
  passRequestBytes,
} from '../../protocol/pass.ts';
import type { MemberBody } from '../books/member-body.ts';
import { transact } from '../books/transact.ts';
import type { HqSession } from '../database/database.ts';
import { raiseAlarm } from '../tills/alarms.ts';
import { secretHash } from '../tills/secret-hash.ts';
import { certify } from './certify.ts';
import { type PassDeps, passMember } from './pass-deps.ts';
import { CLOCK_SLACK_MS, type PassIssuer } from './pass-issuers.ts';
import {
  addPassKey,
  findPassKey,
  isDeniedKey,
  type PassKeyRow,
  writeKeysOfMember,
} from './pass-keys.ts';
import { passReply } from './pass-reply.ts';
import { type PassPublicKey, passSignatureFits, readPassKey } from './pass-signatures.ts';
import { publishIssuers } from './publish-issuers.ts';

const CERTIFIED_MS = PASS_KEY_DAYS * 24 * 60 * 60_000;

/**
 * Links a phone: its code is worth nothing afterwards, its key is certified and stands in the member's row. The same code
 * with the same key answers the same again, so that a lost answer costs no second code.
 */
export async function linkPass(
  deps: PassDeps,
  { code, alg, publicKey, proof }: HqInput<'linkPass'>,
): Promise<Result<PassReply, HqFailure>> {
  const key = readPassKey(alg, publicKey);
  if (key === undefined) return err(hqFailure('invalid-input', 'publicKey'));
  const message = passRequestBytes({ purpose: 'link', code, alg, publicKey });
  if (!passSignatureFits(alg, key, message, proof))
    return err(hqFailure('pass-proof-wrong', 'proof'));
  return transact(deps, async (tx) => {
    const issuers = await publishIssuers(tx, deps, deps.issuers);
    if (!issuers.ok) return issuers;
    const memberId = await takeCode(deps, tx, code, key.keyId);
    if (!memberId.ok) return memberId;
    const member = await passMember(deps, tx, memberId.value);
    if (!member.ok) return member;
    const known = await findPassKey(tx, key.keyId);
    if (known !== undefined) {
      if (known.member_id !== member.value.memberId)
        return err(hqFailure('pass-code-wrong', 'code'));
      return ok(await passReply(deps, tx, member.value, known));
    }
    // Whoever holds the phone may ask again with its code, which must not bring back a pass that was revoked.
    if (await isDeniedKey(tx, key.keyId)) return err(hqFailure('pass-code-wrong', 'code'));
    const made = certifiedKey(deps, issuers.value, member.value, { alg, key });
    const ended = await addPassKey(tx, made);
    await writeKeysOfMember(tx, made.member_id, deps.nowMs());
    return ok(await passReply(deps, tx, member.value, made, ended));
  });
}

/** A key of a member, certified for a whole term. */
export function certifiedKey(
  { nowMs }: Pick<PassDeps, 'nowMs'>,
  issuers: readonly PassIssuer[],
  { memberId, tier }: Pick<MemberBody, 'memberId' | 'tier'>,
  { alg, key }: { readonly alg: PassAlg; readonly key: PassPublicKey },
): Omit<PassKeyRow, 'counter'> {
  const atMs = nowMs();
  const validFromMs = atMs - CLOCK_SLACK_MS;
  const validUntilMs = atMs + CERTIFIED_MS;
  const claims = { alg, publicKey: key.raw, memberId: memberId as MemberId, tier };
  return {
    key_id: key.keyId,
    member_id: memberId,
    alg,
    public_key: key.raw.toString('base64url'),
    certificate: certify(issuers, { ...claims, validFromMs, validUntilMs }),
    tier,
    linked_at_ms: atMs,
    valid_from_ms: validFromMs,
    valid_until_ms: validUntilMs,
  };
}

/** Whose code it is, used up by this key from here on. A wrong one is counted, and so is a second use. */
async function takeCode(
  { nowMs }: Pick<PassDeps, 'nowMs'>,
  tx: HqSession,
  code: string,
  keyId: string,
): Promise<Result<string, HqFailure>> {
  const atMs = nowMs();
  const [row] = await tx.query<{
    member_id: string;
    expires_at_ms: number;
    used_by: string | null;
  }>('SELECT member_id, expires_at_ms, used_by FROM pass_codes WHERE code_hash = $1 FOR UPDATE', [
    secretHash(code),
  ]);
  const isGood =
    row !== undefined &&
    row.expires_at_ms > atMs &&
    (row.used_by === null || row.used_by === keyId);
  if (!isGood) return err(await countGuess(tx, atMs));
  await tx.query('UPDATE pass_codes SET used_by = $2 WHERE code_hash = $1', [
    secretHash(code),
    keyId,
  ]);
  return ok(row.member_id);
}

/** A right code always works, or anybody could keep members out: this is a tripwire, the 60 bits are the lock. */
async function countGuess(tx: HqSession, atMs: number): Promise<HqFailure> {
  await tx.query('DELETE FROM pass_guesses WHERE at_ms <= $1', [atMs - PASS_GUESS_WINDOW_MS]);
  const [row] = await tx.query<{ guesses: number; first: number | null }>(
    'SELECT count(*) AS guesses, min(at_ms) AS first FROM pass_guesses',
  );
  const guesses = row?.guesses ?? 0;
  if (guesses >= PASS_GUESSES_MAX) {
    const endsInMs = (row?.first ?? atMs) + PASS_GUESS_WINDOW_MS - atMs;
    return hqFailure('pass-guesses', 'code', {
      retryAfterSeconds: Math.max(1, Math.ceil(endsInMs / 1_000)),
    });
  }
  await tx.query('INSERT INTO pass_guesses (at_ms) VALUES ($1)', [atMs]);
  if (guesses + 1 === PASS_GUESSES_MAX)
    await raiseAlarm(tx, { atMs, code: 'pass-codes-guessed', tillId: null });
  return hqFailure('pass-code-wrong', 'code');
}
