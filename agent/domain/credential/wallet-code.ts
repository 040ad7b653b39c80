import { CREDENTIAL_STEP_SECONDS, WALLET_PREFIX } from '../../contract/credential.ts';
import { fromNumber } from './bytes.ts';
import type { CredentialCrypto } from './credential-crypto.ts';
import { stepOf } from './record.ts';

/** Digits of a wallet card's TOTP. */
export const WALLET_DIGITS = 8;
/** Card numbers that a code can hold. */
const CARD = /^[A-Za-z0-9 _.:-]{4,32}$/;
/** Card number, unix seconds as the wallet wrote them, digits. The card may hold hyphens: the last two parts are the code's. */
const FORM = /^([A-Za-z0-9 _.:-]{4,32})-(\d{1,11})-(\d{8})$/;

/** A wallet card's text taken apart; nothing of it is verified. */
export interface WalletCode {
  readonly card: string;
  readonly step: number;
  readonly digits: string;
}

/** Whether a member's card number fits into the text of a wallet card. */
export function isWalletCardNumber(card: string): boolean {
  return CARD.test(card);
}

/** Takes a wallet card's text apart; nothing where it is none. Never throws. */
export function parseWalletCode(text: string): WalletCode | undefined {
  if (!text.startsWith(WALLET_PREFIX)) return undefined;
  const [, card, seconds, digits] = FORM.exec(text.slice(WALLET_PREFIX.length)) ?? [];
  if (card === undefined || seconds === undefined || digits === undefined) return undefined;
  return { card, step: stepOf(Number(seconds) * 1_000), digits };
}

/**
 * The time-based one-time password of a step: RFC 6238 with HMAC-SHA-1 and 8 digits, its counter the step of
 * {@link CREDENTIAL_STEP_SECONDS} since 1970, truncated as RFC 4226 section 5.3 says.
 */
export function totp(
  crypto: Pick<CredentialCrypto, 'hmacSha1'>,
  secret: Uint8Array,
  step: number,
): string {
  const mac = crypto.hmacSha1(secret, fromNumber(step, 8));
  const at = (mac[mac.length - 1] ?? 0) & 0xf;
  const value =
    (((mac[at] ?? 0) & 0x7f) << 24) |
    ((mac[at + 1] ?? 0) << 16) |
    ((mac[at + 2] ?? 0) << 8) |
    (mac[at + 3] ?? 0);
  return String(value % 10 ** WALLET_DIGITS).padStart(WALLET_DIGITS, '0');
}

/** The text of a wallet card at a time, as a wallet writes it; for tests and the operator's tool. */
export function walletText(
  crypto: Pick<CredentialCrypto, 'hmacSha1'>,
  { card, secret, epochMs }: { card: string; secret: Uint8Array; epochMs: number },
): string {
  const seconds = stepOf(epochMs) * CREDENTIAL_STEP_SECONDS;
  return `${WALLET_PREFIX}${card}-${seconds}-${totp(crypto, secret, stepOf(epochMs))}`;
}
