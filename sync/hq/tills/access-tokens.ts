import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import type { HqCaller, HqDeps } from '../deps.ts';
import { secretHash } from './secret-hash.ts';

/** Who holds an access token: IT at the console, or the web shop. */
export type AccessRole = 'admin' | 'online';

/** A console code opens the console once and for so long, in milliseconds. */
export const CONSOLE_CODE_TTL_MS = 15 * 60_000;
/** An admin token from a console code ends after so long, in milliseconds. */
export const CONSOLE_TOKEN_TTL_MS = 12 * 60 * 60_000;
const SECRET_BYTES = 32;

type TokenDeps = Pick<HqDeps, 'db' | 'nowMs' | 'random'>;

/**
 * Makes a bearer token for IT or the web shop; HQ keeps its hash only, so it is shown once.
 * @param ttlMs how long it is good for; absent = until revoked
 */
export async function makeAccessToken(
  { db, nowMs, random }: TokenDeps,
  { role, name, ttlMs }: { role: AccessRole; name: string; ttlMs?: number },
): Promise<{ readonly token: string; readonly expiresAtMs: number | null }> {
  const token = `${role}_${Buffer.from(random(SECRET_BYTES)).toString('base64url')}`;
  const createdMs = nowMs();
  const expiresAtMs = ttlMs === undefined ? null : createdMs + ttlMs;
  await db.query(
    `INSERT INTO access_tokens (token_hash, role, name, created_at_ms, expires_at_ms)
     VALUES ($1, $2, $3, $4, $5)`,
    [secretHash(token), role, name, createdMs, expiresAtMs],
  );
  return { token, expiresAtMs };
}

/**
 * Proves by a bearer token that IT or the web shop calls. IT may do what the web shop may, since it makes the shop's
 * tokens anyway; the shop may do nothing of IT's.
 */
export async function authenticateAccess(
  { db, nowMs }: Pick<HqDeps, 'db' | 'nowMs'>,
  token: string,
  role: AccessRole,
): Promise<Result<HqCaller, HqFailure>> {
  const [row] = await db.query<{ role: AccessRole; name: string }>(
    `SELECT role, name FROM access_tokens
     WHERE token_hash = $1 AND revoked_at_ms IS NULL AND (expires_at_ms IS NULL OR expires_at_ms > $2)`,
    [secretHash(token), nowMs()],
  );
  if (row === undefined) return err(hqFailure('unauthenticated'));
  const may = row.role === role || row.role === 'admin';
  return may ? ok({ kind: role, name: row.name }) : err(hqFailure('forbidden'));
}

/** Ends every token of that role and name. @returns how many */
export async function revokeAccessTokens(
  { db, nowMs }: Pick<HqDeps, 'db' | 'nowMs'>,
  { role, name }: { readonly role: AccessRole; readonly name: string },
): Promise<number> {
  const ended = await db.query(
    `UPDATE access_tokens SET revoked_at_ms = $3
     WHERE role = $1 AND name = $2 AND revoked_at_ms IS NULL RETURNING 1`,
    [role, name, nowMs()],
  );
  return ended.length;
}

/** Makes a code that opens the console once, within {@link CONSOLE_CODE_TTL_MS}. */
export async function makeConsoleCode({ db, nowMs, random }: TokenDeps): Promise<string> {
  const code = Buffer.from(random(SECRET_BYTES)).toString('base64url');
  await db.query('DELETE FROM console_codes WHERE expires_at_ms <= $1', [nowMs()]);
  await db.query('INSERT INTO console_codes (code_hash, expires_at_ms) VALUES ($1, $2)', [
    secretHash(code),
    nowMs() + CONSOLE_CODE_TTL_MS,
  ]);
  return code;
}

/** Exchanges a console code for an admin token; the code is worth nothing afterwards. */
export async function redeemConsoleCode(
  deps: TokenDeps,
  code: string,
): Promise<Result<{ readonly token: string; readonly expiresAtMs: number }, HqFailure>> {
  const [taken] = await deps.db.query<{ expires_at_ms: number }>(
    'DELETE FROM console_codes WHERE code_hash = $1 RETURNING expires_at_ms',
    [secretHash(code)],
  );
  if (taken === undefined || taken.expires_at_ms <= deps.nowMs())
    return err(hqFailure('unauthenticated', 'code'));
  const made = await makeAccessToken(deps, {
    role: 'admin',
    name: 'console',
    ttlMs: CONSOLE_TOKEN_TTL_MS,
  });
  return ok({ token: made.token, expiresAtMs: made.expiresAtMs ?? taken.expires_at_ms });
}
