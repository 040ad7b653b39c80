import { createHash } from 'node:crypto';
import { CREDENTIAL_STEP_SECONDS, WALLET_PREFIX } from '../../../agent/contract/credential.ts';
import type { MemberId } from '../../../agent/contract/ids.ts';
import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import { walletKeyId } from '../../../agent/domain/credential/judge-wallet-code.ts';
import { isWalletCardNumber, WALLET_DIGITS } from '../../../agent/domain/credential/wallet-code.ts';
import type { HqInput } from '../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import type { WalletCard } from '../../protocol/wallet-card.ts';
import { holdMembers } from '../books/held-members.ts';
import { transact } from '../books/transact.ts';
import { type PassDeps, passMember } from './pass-deps.ts';

/** Bytes of a secret (RFC 4226 section 4, R6). */
const SECRET_BYTES = 20;

/**
 * Gives a member a wallet card in the place of the one before, whose codes end with the row that tills get. The secret is
 * said in this answer alone.
 * @param by who asked, for the record
 */
export async function issueWalletCard(
  deps: PassDeps,
  by: string,
  { memberId, reason }: HqInput<'issueWalletCard'>,
): Promise<Result<WalletCard, HqFailure>> {
  const secret = Buffer.from(deps.random(SECRET_BYTES));
  const issued = await transact(deps, async (tx) => {
    const found = await passMember(deps, tx, memberId);
    if (!found.ok) return found;
    const members = await holdMembers(tx, [found.value.memberId]);
    const member = members.member(found.value.memberId);
    if (member === undefined) return err(hqFailure('member-unknown', 'memberId'));
    const card = member.cards?.find(isWalletCardNumber);
    if (card === undefined) return err(hqFailure('wallet-no-card', 'memberId'));
    const updatedAt = toInstant(deps.nowMs());
    members.setMember({ ...member, walletSecret: secret.toString('base64url'), updatedAt });
    await members.write(deps.nowMs());
    return ok({ card, memberId: member.memberId });
  });
  if (!issued.ok) return issued;
  const { card } = issued.value;
  note(deps, 'a wallet card was issued', { by, reason, memberId: issued.value.memberId });
  return ok({
    card,
    valuePattern: `${WALLET_PREFIX}${card}-{totp_timestamp_seconds}-{totp_value_0}`,
    secretHex: secret.toString('hex'),
    digits: WALLET_DIGITS,
    periodSeconds: CREDENTIAL_STEP_SECONDS,
  });
}

/** Ends a member's wallet card; whatever the member's standing is. */
export async function revokeWalletCard(
  deps: PassDeps,
  by: string,
  { memberId, reason }: HqInput<'revokeWalletCard'>,
): Promise<Result<{ removed: boolean }, HqFailure>> {
  const revoked = await transact(deps, async (tx) => {
    const members = await holdMembers(tx, [memberId]);
    const living = members.living(memberId);
    if (living.member === undefined) return err(hqFailure('member-unknown', 'memberId'));
    const { walletSecret, ...member } = living.member;
    if (walletSecret === undefined) return ok({ removed: false });
    members.setMember({ ...member, updatedAt: toInstant(deps.nowMs()) });
    await members.write(deps.nowMs());
    return ok({ removed: true });
  });
  if (revoked.ok && revoked.value.removed)
    note(deps, 'a wallet card was revoked', { by, reason, memberId });
  return revoked;
}

/** Says whose card it was as tills say it of a code that they took: no log names a member. */
function note(
  { log }: Pick<PassDeps, 'log'>,
  what: string,
  { by, reason, memberId }: { by: string; reason: string; memberId: string },
): void {
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
  log('info', what, { by, reason, keyId: walletKeyId({ sha256 }, memberId as MemberId) });
}
