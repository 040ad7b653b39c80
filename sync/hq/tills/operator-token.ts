import { z } from 'zod';
import type { HqDeps } from '../deps.ts';
import { openToken, sealToken } from './sealed-token.ts';

/** An operator's token is good for so long, in milliseconds: one command on HQ's own machine. */
export const OPERATOR_TOKEN_TTL_MS = 60_000;
const factsSchema = z.object({ ends: z.number() });

type TokenDeps = Pick<HqDeps, 'nowMs' | 'keys'>;

/** Makes an admin token from the keys folder itself: who may read that folder may do everything anyway. */
export function makeOperatorToken({ keys, nowMs }: TokenDeps): string {
  return sealToken(keys.tokens, 'tillside/operator-token/1', {
    ends: nowMs() + OPERATOR_TOKEN_TTL_MS,
  });
}

/** Whether somebody with the keys folder made this token within its time. */
export function isOperatorToken({ keys, nowMs }: TokenDeps, token: string): boolean {
  const facts = factsSchema.safeParse(openToken(keys.tokens, 'tillside/operator-token/1', token));
  return facts.success && facts.data.ends > nowMs();
}
