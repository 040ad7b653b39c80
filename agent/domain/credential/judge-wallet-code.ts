import type { CredentialRefusal, CredentialUse } from '../../contract/credential.ts';
import type { MemberId } from '../../contract/ids.ts';
import { err, ok, type Result } from '../../contract/result.ts';
import { fromAscii, fromBase64url, toHex } from './bytes.ts';
import type { CredentialCrypto } from './credential-crypto.ts';
import { outsideWindow } from './judge-credential.ts';
import { totp, type WalletCode } from './wallet-code.ts';

/** Says what the id of a wallet card is made from. */
const NAMED_AS = 'tillside-wallet/1\n';
const KEY_ID_LENGTH = 16;

/** What a wallet card's code is judged by. */
export interface WalletJudgement {
  readonly crypto: CredentialCrypto;
  /** The till's trusted time in epoch milliseconds. */
  readonly nowMs: number;
  /** See `CredentialJudgement.clockTrusted`. */
  readonly clockTrusted: boolean;
  readonly memberId: MemberId;
  /** Of the member's row; absent = the member has no wallet card. */
  readonly secret: string | undefined;
  /** Whether this code made the identification that is open, and was read once more for it. */
  readonly isSameShowing: (use: CredentialUse) => boolean;
  /** Whether this very code was taken before. */
  readonly wasTaken: (use: CredentialUse) => boolean;
  /** The highest step of this card that was ever taken here. */
  highestStep(keyId: string): number | undefined;
}

/**
 * Judges a wallet card's one-time password (RFC 6238): the member has a card, the digits are those of the step that it
 * names, the step is within the window, and neither this nor a later one was taken before (section 5.2: each counts once).
 */
export function judgeWalletCode(
  { step, digits }: WalletCode,
  judgement: WalletJudgement,
): Result<{ readonly use: CredentialUse; readonly isFresh: boolean }, CredentialRefusal> {
  const { crypto, nowMs, clockTrusted, memberId, secret, isSameShowing, wasTaken } = judgement;
  const key = secret === undefined ? undefined : fromBase64url(secret);
  if (key === undefined) return err('unknown-key');
  if (totp(crypto, key, step) !== digits) return err('wrong-signature');
  const untimely = outsideWindow(step, nowMs);
  if (clockTrusted && untimely !== undefined) return err(untimely);
  const use: CredentialUse = { keyId: walletKeyId(crypto, memberId), step, counter: 0 };
  const isSpent = wasTaken(use) || step <= (judgement.highestStep(use.keyId) ?? -1);
  if (isSpent && !isSameShowing(use)) return err('replayed');
  return ok({ use, isFresh: untimely === undefined });
}

/** Under which the codes of a member's wallet card are remembered. */
export function walletKeyId(crypto: Pick<CredentialCrypto, 'sha256'>, memberId: MemberId): string {
  return toHex(crypto.sha256(fromAscii(`${NAMED_AS}${memberId}`))).slice(0, KEY_ID_LENGTH);
}
