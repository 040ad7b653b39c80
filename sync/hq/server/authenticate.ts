import { err, ok, type Result } from '../../../agent/contract/result.ts';
import type { Access } from '../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import type { HqCaller, HqDeps } from '../deps.ts';
import { authenticateAccess } from '../tills/access-tokens.ts';
import { authenticateTill } from '../tills/authenticate-till.ts';
import { isOperatorToken } from '../tills/operator-token.ts';

/** What a request shows of who sent it. */
export interface Credentials {
  readonly authorization: string | undefined;
  readonly address: string;
}

/** Proves who calls an endpoint with that access. */
export async function authenticate(
  deps: HqDeps,
  access: Access,
  { authorization, address }: Credentials,
): Promise<Result<HqCaller, HqFailure>> {
  if (access === 'open') return ok({ kind: 'open', address });
  const token = bearerOf(authorization);
  if (token === undefined) return err(hqFailure('unauthenticated'));
  if (access === 'admin' && isOperatorToken(deps, token))
    return ok({ kind: 'admin', name: 'operator' });
  if (access !== 'till') return authenticateAccess(deps, token, access);
  const till = await authenticateTill(deps, token);
  return till.ok ? ok(till.value.caller) : till;
}

/** The token of an `Authorization: Bearer` header. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer ([A-Za-z0-9._~+/=-]{1,1024})$/i.exec(authorization ?? '')?.[1];
}
