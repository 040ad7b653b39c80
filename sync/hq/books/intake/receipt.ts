import { toInstant } from '../../../../agent/contract/time.ts';
import { type SignedDocument, signDocument } from '../../../protocol/signed-document.ts';
import { RECEIPT_SCHEMA, type Receipt } from '../../../protocol/upload.ts';
import type { HqDeps, TillCaller } from '../../deps.ts';
import type { LedgerHead } from './place-items.ts';

/** Signs what HQ holds of a till's ledger, so that the till may forget its outbox up to there. */
export function signReceipt(
  { keys, nowMs }: Pick<HqDeps, 'keys' | 'nowMs'>,
  { tillId, incarnation }: TillCaller,
  timeline: string,
  head: LedgerHead,
): SignedDocument {
  const receipt: Receipt = {
    tillId: tillId as Receipt['tillId'],
    incarnation,
    timeline,
    outboxNo: head.outboxNo,
    seq: head.seq,
    hash: head.hash,
    backedUpSeq: head.backedUpSeq,
    at: toInstant(nowMs()),
  };
  return signDocument(RECEIPT_SCHEMA, receipt, keys.signing.keyId, keys.signing.privateKey);
}
