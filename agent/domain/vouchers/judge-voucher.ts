import type { MemberId } from '../../contract/ids.ts';
import type { Partner, VoucherState } from '../../contract/voucher.ts';
import type { VoucherCrypto } from './voucher-crypto.ts';
import type { VoucherText } from './voucher-text.ts';

export interface VoucherJudgement {
  readonly partners: readonly Partner[];
  readonly crypto: VoucherCrypto;
  /** The store's business day, `yyyymmdd`. */
  readonly today: number;
  /** Who is identified; null = a guest. */
  readonly memberId: MemberId | null;
  /** Whether two ids are one member's, of whom accounts were merged; absent = only where they are equal. */
  readonly isSameMember?: (bound: MemberId, present: MemberId) => boolean;
}

/** What a till can see of a voucher by itself: everything but whether it was used. */
export type VoucherVerdict = Exclude<VoucherState, 'unreadable' | 'used' | 'unreachable'>;

/**
 * Judges a voucher by its text, the keys of its partner and the day. Checks, the first that fails decides: partner known,
 * key known, signature fits, key not revoked, day within both bounds, member the one it is bound to.
 */
export function judgeVoucher(
  { claims, signed, signature }: VoucherText,
  { partners, crypto, today, memberId, isSameMember }: VoucherJudgement,
): VoucherVerdict {
  const partner = partners.find(({ id }) => id === claims.partner);
  const key = partner?.keys.find(({ keyId }) => keyId === claims.keyId);
  if (key === undefined) return 'foreign';
  if (!crypto.verify(signed, signature, key.publicKey)) return 'altered';
  if (key.revoked === true) return 'revoked';
  if (today < claims.notBefore) return 'not-yet';
  if (today > claims.notAfter) return 'expired';
  const { memberId: bound } = claims;
  if (bound === undefined) return 'available';
  const isTheirs =
    memberId !== null && (bound === memberId || isSameMember?.(bound, memberId) === true);
  return isTheirs ? 'available' : 'other-member';
}
