import { z } from 'zod';
import { SESSION_TTL_MS } from '../../protocol/session.ts';
import type { HqDeps } from '../deps.ts';
import { openToken, sealToken } from './sealed-token.ts';

const factsSchema = z.object({
  till: z.string(),
  incarnation: z.string(),
  protocol: z.number(),
  /** Which registration of the till: the time of it. */
  registered: z.number(),
  /** On which timeline it was opened; absent in tokens of a program that did not name it yet. */
  timeline: z.string().optional(),
  ends: z.number(),
});
export type SessionFacts = z.infer<typeof factsSchema>;

type TokenDeps = Pick<HqDeps, 'nowMs' | 'keys'>;

/** Makes the bearer token of a session, good for {@link SESSION_TTL_MS} by HQ's clock. */
export function makeSessionToken(deps: TokenDeps, facts: Omit<SessionFacts, 'ends'>): string {
  return sealToken(deps.keys.tokens, 'tillside/session-token/1', {
    ...facts,
    ends: deps.nowMs() + SESSION_TTL_MS,
  });
}

/** What a bearer token says, where HQ made it and it has not ended; whether the till may still call is for the database. */
export function readSessionToken(deps: TokenDeps, token: string): SessionFacts | undefined {
  const facts = factsSchema.safeParse(
    openToken(deps.keys.tokens, 'tillside/session-token/1', token),
  );
  return facts.success && facts.data.ends > deps.nowMs() ? facts.data : undefined;
}
