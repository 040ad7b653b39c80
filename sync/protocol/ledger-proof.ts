import { z } from 'zod';
import { NODE_BYTES } from './tree-shape.ts';
import { uploadEntrySchema } from './upload.ts';

/**
 * The upward proof: a till's ledger against what headquarters holds of it, as a tree over (till, incarnation, seq). What
 * was received is compared up to the till's signed receipts, from both sides' rows each time:
 *
 * 1. `nodes`: the till's sums of nodes, {@link PROOF_NODES_MAX} a question; headquarters names those that differ, each with
 *    its own sums of the leaves below.
 * 2. `leaves`: headquarters' digests of the entries in the leaves that differ.
 * 3. `refillLedger`: the till's own entries of those that headquarters lacks or has otherwise. Headquarters judges by the
 *    chain which is right; nothing is booked again.
 * 4. `report`: what could not be put right, for the people at headquarters.
 */
export const LEAF_ENTRIES = 256;
/** Entries below a node: 16 leaves. */
export const NODE_ENTRIES = 16 * LEAF_ENTRIES;
/** Nodes in a question, so that each is a bounded piece of work for headquarters: 16,384 entries. */
export const PROOF_NODES_MAX = 4;
/** Leaves in a question. */
export const PROOF_LEAVES_MAX = 16;
/** Entries named in one report; the rest is counted. */
export const PROOF_NAMED_MAX = 100;
/** Entries in one refill. */
export const REFILL_MAX_ENTRIES = 50;
/** Bytes of one refill's JSON. */
export const REFILL_MAX_BYTES = 4 * 1024 * 1024;
/** Bytes of an entry's content. */
export const CONTENT_BYTES = 16;

/** The leaf of an entry, from 0 on. */
export function leafOf(seq: number): number {
  return Math.floor((seq - 1) / LEAF_ENTRIES);
}

const seq = z.int().min(1);
const sums = (nodes: number) =>
  z
    .base64()
    .max(Math.ceil((NODE_BYTES * nodes) / 3) * 4)
    .refine((text) => Buffer.from(text, 'base64').length % NODE_BYTES === 0, {
      error: `expected whole sums of ${NODE_BYTES} bytes`,
    });
const scope = {
  incarnation: z.string().min(8).max(64),
  /** Entries after this one ... */
  from: z.int().min(0),
  /** ... up to this one are compared. */
  to: z.int().min(0),
};

/** Why a till does not trust an entry of its own: gone, not what was hashed, or not chained to the one before. */
export const ownFaultSchema = z.enum(['missing', 'hash', 'link', 'sealed']);
export type OwnFault = z.infer<typeof ownFaultSchema>;

export const ledgerProofRequestSchema = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('nodes'),
    ...scope,
    /** The first node, from 0 on. */
    first: z.int().min(0),
    /** Sums of it and those after it: two words of 32 bits each. */
    sums: sums(PROOF_NODES_MAX),
  }),
  z.strictObject({
    t: z.literal('leaves'),
    ...scope,
    leaves: z.array(z.int().min(0)).min(1).max(PROOF_LEAVES_MAX),
  }),
  z.strictObject({
    t: z.literal('report'),
    ...scope,
    /** Headquarters lacks them or has them damaged, and the till cannot send them: pruned, or gone or damaged there too. */
    lost: z.array(seq).max(PROOF_NAMED_MAX),
    lostCount: z.int().min(0),
    /** The till's own. */
    damaged: z.array(z.strictObject({ seq, why: ownFaultSchema })).max(PROOF_NAMED_MAX),
    damagedCount: z.int().min(0),
    /** The till's head where headquarters is ahead of it, as after the till went back to an image; null = it is not. */
    behind: z.int().min(0).nullable(),
  }),
]);
export type LedgerProofRequest = z.infer<typeof ledgerProofRequestSchema>;

export const ledgerProofReplySchema = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('nodes'),
    /** Headquarters' head; below `to` it has forgotten and is told again. */
    headSeq: z.int().min(0),
    /** Nodes that differ, with headquarters' sums of their 16 leaves. */
    differ: z
      .array(z.strictObject({ node: z.int().min(0), leaves: sums(16) }))
      .max(PROOF_NODES_MAX),
  }),
  z.strictObject({
    t: z.literal('leaves'),
    /** seq, and the first 8 bytes of the digest as hex. */
    entries: z
      .array(z.tuple([seq, z.string().regex(/^[0-9a-f]{16}$/)]))
      .max(PROOF_LEAVES_MAX * LEAF_ENTRIES),
  }),
  z.strictObject({ t: z.literal('report') }),
]);
export type LedgerProofReply = z.infer<typeof ledgerProofReplySchema>;

export const refillRequestSchema = z.strictObject({
  incarnation: scope.incarnation,
  /** Falling by their number: each is proved by the one after it. */
  entries: z.array(uploadEntrySchema).min(1).max(REFILL_MAX_ENTRIES),
});
export type RefillEntry = z.infer<typeof uploadEntrySchema>;

/**
 * `refilled`: was not there, and is. `mended`: was damaged, and is right; the damaged image is kept. `whole`: headquarters'
 * own is right. `till-damaged`: headquarters' is right and the till's body is not. `unproved`: neither can be proved.
 * `forked`: the chain has another entry under that number.
 */
export const refillOutcomeSchema = z.enum([
  'refilled',
  'mended',
  'whole',
  'till-damaged',
  'unproved',
  'forked',
]);
export type RefillOutcome = z.infer<typeof refillOutcomeSchema>;

export const refillReplySchema = z.strictObject({
  outcomes: z.array(z.strictObject({ seq, outcome: refillOutcomeSchema })).max(REFILL_MAX_ENTRIES),
});
