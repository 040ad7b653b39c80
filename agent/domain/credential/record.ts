import {
  CREDENTIAL_HEAD_BYTES,
  CREDENTIAL_PREFIX,
  CREDENTIAL_RECORD_BYTES,
  CREDENTIAL_STEP_SECONDS,
  CREDENTIAL_TEXT_MAX,
  type CredentialUse,
} from '../../contract/credential.ts';
import { decodeBase45, encodeBase45 } from './base45.ts';
import { concatBytes, fromAscii, fromHex, fromNumber, toHex, toNumber } from './bytes.ts';
import { type Certificate, parseCertificate } from './certificate.ts';

/** Version 1 in the high half of the first byte, what follows the record in the low half. */
const FLAGS = { known: 0x10, selfContained: 0x11 };
/** Says what is signed, so that no signature made for anything else fits. */
const SIGNED_AS = 'tillside-pass/1\n';

/** A credential taken apart; nothing of it is verified. */
export interface CredentialRecord extends CredentialUse {
  /** The 16 bytes that the signature covers, behind the member's id. */
  readonly head: Uint8Array;
  readonly signature: Uint8Array;
  /** In a self-contained credential. */
  readonly certificate?: Certificate;
}

/** The running step of a time in epoch milliseconds. */
export function stepOf(epochMs: number): number {
  return Math.floor(epochMs / 1_000 / CREDENTIAL_STEP_SECONDS);
}

/** The first bytes of a record: flags, key id, step and counter. */
export function recordHead(use: CredentialUse, isSelfContained: boolean): Uint8Array {
  return concatBytes(
    Uint8Array.of(isSelfContained ? FLAGS.selfContained : FLAGS.known),
    fromHex(use.keyId),
    fromNumber(use.step, 4),
    fromNumber(use.counter, 3),
  );
}

/** What a pass signs: its purpose, the member, and the head of the record. */
export function recordMessage(memberId: string, head: Uint8Array): Uint8Array {
  return concatBytes(fromAscii(SIGNED_AS), fromAscii(memberId), Uint8Array.of(0), head);
}

/**
 * The text of a pass's QR code.
 * @param certificate the whole certificate, where `head` says that the record is self-contained
 */
export function credentialText(
  head: Uint8Array,
  signature: Uint8Array,
  certificate?: Uint8Array,
): string {
  const bytes = concatBytes(head, signature, certificate ?? new Uint8Array());
  return `${CREDENTIAL_PREFIX}${encodeBase45(bytes)}`;
}

/** Takes a credential's text apart; nothing where it is none of this version. Never throws. */
export function parseCredential(text: string): CredentialRecord | undefined {
  if (!text.startsWith(CREDENTIAL_PREFIX) || text.length > CREDENTIAL_TEXT_MAX) return undefined;
  const bytes = decodeBase45(text.slice(CREDENTIAL_PREFIX.length));
  if (bytes === undefined || bytes.length < CREDENTIAL_RECORD_BYTES) return undefined;
  const isSelfContained = bytes[0] === FLAGS.selfContained;
  if (!isSelfContained && (bytes[0] !== FLAGS.known || bytes.length > CREDENTIAL_RECORD_BYTES))
    return undefined;
  const certificate = isSelfContained
    ? parseCertificate(bytes.subarray(CREDENTIAL_RECORD_BYTES))
    : undefined;
  if (isSelfContained && certificate === undefined) return undefined;
  return {
    keyId: toHex(bytes.subarray(1, 9)),
    step: toNumber(bytes.subarray(9, 13)),
    counter: toNumber(bytes.subarray(13, 16)),
    head: bytes.subarray(0, CREDENTIAL_HEAD_BYTES),
    signature: bytes.subarray(CREDENTIAL_HEAD_BYTES, CREDENTIAL_RECORD_BYTES),
    ...(certificate === undefined ? {} : { certificate }),
  };
}
