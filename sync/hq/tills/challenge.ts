import { z } from 'zod';
import { CHALLENGE_TTL_MS } from '../../protocol/session.ts';
import type { HqDeps } from '../deps.ts';
import { openToken, sealToken } from './sealed-token.ts';

const NONCE_BYTES = 12;
const factsSchema = z.object({ till: z.string(), at: z.number(), nonce: z.string() });

type ChallengeDeps = Pick<HqDeps, 'nowMs' | 'random' | 'keys'>;

/** Makes a challenge for one till. HQ remembers nothing: any of its processes recognises it by the secret. */
export function makeChallenge(deps: ChallengeDeps, tillId: string): string {
  return sealToken(deps.keys.tokens, 'tillside/challenge/1', {
    till: tillId,
    at: deps.nowMs(),
    nonce: Buffer.from(deps.random(NONCE_BYTES)).toString('base64url'),
  });
}

/**
 * When a challenge was made, in epoch milliseconds; `undefined` unless it was made for this till within
 * {@link CHALLENGE_TTL_MS} by HQ's clock. It may come from as far ahead: the clocks of two HQ processes differ a little.
 */
export function challengeTime(
  deps: ChallengeDeps,
  tillId: string,
  challenge: string,
): number | undefined {
  const facts = factsSchema.safeParse(
    openToken(deps.keys.tokens, 'tillside/challenge/1', challenge),
  );
  if (!facts.success || facts.data.till !== tillId) return undefined;
  return Math.abs(deps.nowMs() - facts.data.at) <= CHALLENGE_TTL_MS ? facts.data.at : undefined;
}
