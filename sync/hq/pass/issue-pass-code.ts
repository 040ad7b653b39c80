import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import {
  PASS_CODE_TTL_MS,
  PASS_CODES_MAX,
  PASS_CODES_OPEN_MAX,
  PASS_CODES_WINDOW_MS,
  PASS_PAGE_PATH,
  type PassCode,
} from '../../protocol/pass.ts';
import { transact } from '../books/transact.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDeps, TillCaller } from '../deps.ts';
import { secretHash } from '../tills/secret-hash.ts';
import { type PassDeps, passMember } from './pass-deps.ts';
import { publishIssuers } from './publish-issuers.ts';

/** Crockford's alphabet: no I, L, O, U, which are misread. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LENGTH = 12;

/**
 * Makes a code that links one phone with a member, once, within {@link PASS_CODE_TTL_MS}. Only for members whom the till's
 * store carries: those whom its tills can have identified. Of a member's open codes the oldest end.
 */
export async function issuePassCode(
  deps: PassDeps,
  till: TillCaller,
  memberId: string,
): Promise<Result<PassCode, HqFailure>> {
  const at = deps.url();
  // A code would lead the phone to an address where nothing is, with the member waiting.
  if (at === undefined) return err(hqFailure('pass-page-missing'));
  const code = newCode(deps.random);
  const nowMs = deps.nowMs();
  return transact(deps, async (tx) => {
    // Ahead of the first pass, so that every till knows who certifies before anybody shows one.
    const published = await publishIssuers(tx, deps, deps.issuers);
    if (!published.ok) return published;
    if (!(await isCarried(tx, memberId, till.storeId)))
      return err(hqFailure('member-unknown', 'memberId'));
    const member = await passMember(deps, tx, memberId);
    if (!member.ok) return member;
    if (await askedTooOften(tx, till.tillId, nowMs)) return err(hqFailure('pass-codes-many'));
    const expiresAtMs = nowMs + PASS_CODE_TTL_MS;
    await tx.query(
      `INSERT INTO pass_codes (code_hash, member_id, till_id, created_at_ms, expires_at_ms) VALUES ($1, $2, $3, $4, $5)`,
      [secretHash(code), member.value.memberId, till.tillId, nowMs, expiresAtMs],
    );
    await tx.query(
      `UPDATE pass_codes SET expires_at_ms = $2 WHERE code_hash IN (
         SELECT code_hash FROM pass_codes WHERE member_id = $1 AND used_by IS NULL AND expires_at_ms > $2
         ORDER BY created_at_ms DESC, code_hash = $4 DESC OFFSET $3)`,
      [member.value.memberId, nowMs, PASS_CODES_OPEN_MAX, secretHash(code)],
    );
    const url = new URL(`${PASS_PAGE_PATH}#${code}`, at).href;
    return ok({ code, url, expiresAt: toInstant(expiresAtMs) });
  });
}

async function isCarried(tx: HqSession, memberId: string, storeId: string): Promise<boolean> {
  const found = await tx.query(
    'SELECT 1 FROM member_scopes WHERE member_id = $1 AND store_id = $2',
    [memberId, storeId],
  );
  return found.length > 0;
}

async function askedTooOften(tx: HqSession, tillId: string, nowMs: number): Promise<boolean> {
  const [row] = await tx.query<{ asked: number }>(
    'SELECT count(*) AS asked FROM pass_codes WHERE till_id = $1 AND created_at_ms > $2',
    [tillId, nowMs - PASS_CODES_WINDOW_MS],
  );
  return (row?.asked ?? 0) >= PASS_CODES_MAX;
}

function newCode(random: HqDeps['random']): string {
  const letters = Array.from(random(CODE_LENGTH), (byte) => ALPHABET[byte & 31]).join('');
  return letters.replaceAll(/(.{4})(?=.)/g, '$1-');
}
