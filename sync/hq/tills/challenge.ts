import { z } from 'zod';
import { CHALLENGE_TTL_MS } from '../../protocol/session.ts';
import type { HqDeps } from '../deps.ts';
import { openToken, sealToken } from './sealed-token.ts';

const NONCE_BYTES = 12;
const factsSchema = z.object({
  till: z.string(),
  at: z.number(),
  nonce: z.string(),
  /** Absent in challenges of a program that did not name it yet. */
  timeline: z.string().optional(),
});

type ChallengeDeps = Pick<HqDeps, 'nowMs' | 'random' | 'keys'>;

/**
 * Makes a challenge for one till on one timeline. HQ remembers nothing of it: any of its processes recognises it by the secret.
 * What was asked before a restore is no answer after it, however it was held up on the way.
 */
export function makeChallenge(deps: ChallengeDeps, tillId: string, timeline: string): string {
  return sealToken(deps.keys.tokens, 'tillside/challenge/1', {
    till: tillId,
    at: deps.nowMs(),
    timeline,
    nonce: Buffer.from(deps.random(NONCE_BYTES)).toString('base64url'),
  });
}

/** What a challenge says of itself. */
export interface Challenged {
  /** When it was made, in epoch milliseconds. */
  readonly atMs: number;
  /** On which timeline; `undefined` = it does not say. */
  readonly timeline: string | undefined;
}

/**
 * Reads a challenge; `undefined` unless it was made for this till within {@link CHALLENGE_TTL_MS} by HQ's clock. It may come
 * from as far ahead: the clocks of two HQ processes differ a little.
 */
export function readChallenge(
  deps: ChallengeDeps,
  tillId: string,
  challenge: string,
): Challenged | undefined {
  const facts = factsSchema.safeParse(
    openToken(deps.keys.tokens, 'tillside/challenge/1', challenge),
  );
  if (!facts.success || facts.data.till !== tillId) return undefined;
  const { at: atMs, timeline } = facts.data;
  return Math.abs(deps.nowMs() - atMs) <= CHALLENGE_TTL_MS ? { atMs, timeline } : undefined;
}
