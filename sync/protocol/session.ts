import { z } from 'zod';
import { tillIdSchema } from '../../agent/contract/ids.ts';
import { instantSchema } from '../../agent/contract/time.ts';
import { PROTOCOL_VERSION } from './version.ts';

/** A challenge is good for so long by HQ's clock alone, in milliseconds: a till's clock may be a year off. */
export const CHALLENGE_TTL_MS = 60_000;
/** A session token is good for so long by HQ's clock, in milliseconds; the till asks for the next one in time. */
export const SESSION_TTL_MS = 15 * 60_000;

export const challengeReplySchema = z.strictObject({
  challenge: z.string().min(16).max(512),
  /** HQ's time. */
  at: instantSchema,
});

/** An incarnation that a database went on from: its last entry, and the last row of the outbox that HQ had confirmed. */
export const formerIncarnationSchema = z.strictObject({
  incarnation: z.string().min(8).max(64),
  seq: z.int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  outboxNo: z.int().min(0),
});
export type FormerIncarnation = z.infer<typeof formerIncarnationSchema>;
/** Former incarnations that a till names, at most. */
export const FORMER_MAX = 16;

const proofSchema = z.string().regex(/^[A-Za-z0-9_-]{22,64}$/);

/**
 * Opens a session. `proofs` are what the till believes HQ remembers of it (the last one, and the one that it had sent
 * when the answer was lost); `nextProof` is written to the till's disk before it is sent and remembered by HQ instead.
 * A copied data folder therefore shows an old proof as soon as the other one has spoken to HQ (`till-copied`).
 */
export const sessionRequestSchema = z.strictObject({
  tillId: tillIdSchema,
  incarnation: z.string().min(8).max(64),
  protocol: z
    .int()
    .min(1)
    .max(PROTOCOL_VERSION + 100),
  version: z.string().max(64),
  challenge: z.string().min(16).max(512),
  /** The timeline that the till knows; null before its first session. */
  timeline: z.string().min(8).max(64).nullable(),
  proofs: z.array(proofSchema).max(2),
  nextProof: proofSchema,
  /**
   * Where this database went on from another incarnation of the till, all of them, oldest first: HQ that knows the till under
   * one of them follows it, once the proof fits. The ledger begins after the last one's entry.
   */
  former: z.array(formerIncarnationSchema).min(1).max(FORMER_MAX).optional(),
  /** The till's own wall clock, so that HQ can say how far it is off. */
  clock: instantSchema,
  /** Ed25519 by the till's key over canonical JSON of the other fields with `purpose: 'tillside/session/1'`. */
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
});
export type SessionRequest = z.infer<typeof sessionRequestSchema>;

export const sessionReplySchema = z.strictObject({
  /** Bearer token for the other calls of this till. */
  token: z.string().min(20).max(1_024),
  expiresInMs: z.int().min(1_000),
  /** HQ's time. */
  at: instantSchema,
  timeline: z.string().min(8).max(64),
  /** The protocol that both speak. */
  protocol: z.int().min(1),
  /** What HQ holds of this till's ledger and outbox under this incarnation. */
  received: z.strictObject({
    seq: z.int().min(0),
    hash: z.string().regex(/^[0-9a-f]{64}$/),
    outboxNo: z.int().min(0),
    backedUpSeq: z.int().min(0),
  }),
  /** Key of the digests, 64 hex digits; for tills from protocol 4 on. */
  digestKey: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
export type SessionReply = z.infer<typeof sessionReplySchema>;
