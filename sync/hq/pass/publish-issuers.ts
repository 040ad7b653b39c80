import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import { PASS_KEY_DAYS } from '../../protocol/pass.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDeps } from '../deps.ts';
import type { PassIssuer, PassIssuers } from './pass-issuers.ts';

/** One lock for whoever turns the issuers or publishes them: of several processes one does it at a time. */
const ISSUERS_LOCK = 5_201_601;
const CERTIFIED_MS = PASS_KEY_DAYS * 24 * 60 * 60_000;

type IssuerDeps = Pick<HqDeps, 'nowMs' | 'log'>;

/**
 * Gives the issuers to all tills, and turns to the next one when the current one may not certify for a whole term any more.
 * @param tx a transaction: the lock lasts until it ends
 */
export async function publishIssuers(
  tx: HqSession,
  deps: IssuerDeps,
  keys: PassIssuers,
): Promise<Result<readonly PassIssuer[], HqFailure>> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [ISSUERS_LOCK]);
  const nowMs = deps.nowMs();
  const found = keys.read(nowMs);
  if (!found.ok) return unreadable(deps, found.error.detail);
  const current = found.value.find(({ state }) => state === 'current');
  if (current === undefined || current.validUntilMs < nowMs + CERTIFIED_MS)
    return turn(tx, deps, keys);
  await write(tx, found.value);
  return ok(found.value);
}

/** Retires the current issuer: what it has certified stays good to its end, and the next one certifies from here on. */
export async function rotateIssuers(
  tx: HqSession,
  deps: IssuerDeps,
  keys: PassIssuers,
): Promise<Result<readonly PassIssuer[], HqFailure>> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [ISSUERS_LOCK]);
  return turn(tx, deps, keys);
}

async function turn(
  tx: HqSession,
  deps: IssuerDeps,
  keys: PassIssuers,
): Promise<Result<readonly PassIssuer[], HqFailure>> {
  const nowMs = deps.nowMs();
  const [longest] = await tx.query<{ ends: number | null }>(
    'SELECT max(valid_until_ms) AS ends FROM pass_keys',
  );
  const turned = keys.rotate(nowMs, Math.max(nowMs, longest?.ends ?? nowMs));
  if (!turned.ok) return unreadable(deps, turned.error.detail);
  await write(tx, turned.value);
  return turned;
}

async function write(tx: HqSession, issuers: readonly PassIssuer[]): Promise<void> {
  await tx.query(
    `INSERT INTO pass_issuers AS i (issuer_id, body, valid_until_ms)
     SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
     ON CONFLICT (issuer_id) DO UPDATE SET body = excluded.body, valid_until_ms = excluded.valid_until_ms
     WHERE i.body <> excluded.body`,
    [
      issuers.map(({ issuerId }) => issuerId),
      issuers.map(({ publicKey, validFromMs, validUntilMs }) =>
        canonicalJson({
          publicKey,
          validFrom: toInstant(validFromMs),
          validUntil: toInstant(validUntilMs),
        }),
      ),
      issuers.map(({ validUntilMs }) => validUntilMs),
    ],
  );
}

function unreadable({ log }: Pick<HqDeps, 'log'>, detail: string): Result<never, HqFailure> {
  log('error', 'the issuers of passes cannot be used', { detail });
  return err(hqFailure('internal'));
}
