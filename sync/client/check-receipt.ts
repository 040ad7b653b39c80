import { createPublicKey, type KeyObject } from 'node:crypto';
import { err, ok, type Result } from '../../agent/contract/result.ts';
import { verifyDocument } from '../protocol/signed-document.ts';
import { RECEIPT_SCHEMA, type Receipt, receiptSchema } from '../protocol/upload.ts';
import type { Registration } from './ports.ts';

/** Whom a receipt must be about. */
export interface ReceiptSubject {
  readonly tillId: string;
  readonly incarnation: string;
  readonly timeline: string;
}

/** The keys of a registration by their id, for checking signatures. */
export function trustedKeysOf({ trustedKeys }: Registration): ReadonlyMap<string, KeyObject> {
  return new Map(
    trustedKeys.map(({ keyId, publicKey }) => [
      keyId,
      createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' }),
    ]),
  );
}

/**
 * Opens a signed receipt: signature by a trusted key, form, till, incarnation, timeline - in this order. Only then may
 * the till forget what it says was received.
 */
export function checkReceipt(
  document: unknown,
  trusted: ReadonlyMap<string, KeyObject>,
  { tillId, incarnation, timeline }: ReceiptSubject,
): Result<Receipt, string> {
  const payload = verifyDocument(document, RECEIPT_SCHEMA, trusted);
  if (!payload.ok) return err(payload.error.message);
  const parsed = receiptSchema.safeParse(payload.value);
  if (!parsed.success) return err('the receipt has another form');
  const receipt = parsed.data;
  if (receipt.tillId !== tillId) return err(`the receipt is for the till ${receipt.tillId}`);
  if (receipt.incarnation !== incarnation) return err('the receipt is for another database');
  if (receipt.timeline !== timeline) return err('the receipt is of another timeline');
  return ok(receipt);
}
