import { ok } from '../../../agent/contract/result.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import type { HqDeps, HqHandlers } from '../deps.ts';
import { makeAccessToken, makeConsoleCode } from '../tills/access-tokens.ts';
import { makeChallenge } from '../tills/challenge.ts';
import { type HqAddress, issueTicket } from '../tills/issue-ticket.ts';
import { openSession } from '../tills/open-session.ts';
import { registerTill } from '../tills/register-till.ts';
import { revokeTill } from '../tills/revoke-till.ts';
import { readTimeline } from '../tills/timeline.ts';

/** Registration, sessions, tickets, revocation and access tokens. @param address where tills find HQ unless a ticket says otherwise */
export function createTillHandlers(
  deps: HqDeps,
  address: () => HqAddress,
): Pick<
  HqHandlers,
  | 'register'
  | 'challenge'
  | 'openSession'
  | 'issueTicket'
  | 'revokeTill'
  | 'makeToken'
  | 'makeConsoleLink'
> {
  return {
    register: (_caller, request) => registerTill(deps, request),
    async challenge(_caller, { tillId }) {
      const challenge = makeChallenge(deps, tillId, await readTimeline(deps.db));
      return ok({ challenge, at: toInstant(deps.nowMs()) });
    },
    openSession: (_caller, request) => openSession(deps, request),
    issueTicket: (_caller, { url, ...request }) =>
      issueTicket(deps, request, { ...address(), ...(url === undefined ? {} : { url }) }),
    revokeTill: (_caller, request) => revokeTill(deps, request),
    async makeToken(_caller, { ttlMs, ...request }) {
      const made = await makeAccessToken(deps, {
        ...request,
        ...(ttlMs === undefined ? {} : { ttlMs }),
      });
      const { token, expiresAtMs } = made;
      return ok({ token, expiresAt: expiresAtMs === null ? null : toInstant(expiresAtMs) });
    },
    makeConsoleLink: async () =>
      ok({ link: `${address().url}/#code=${await makeConsoleCode(deps)}` }),
  };
}
