import { assert, err, ok, type Result } from '../../../agent/contract/result.ts';
import { storeSchema } from '../../../agent/contract/store.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import { publicKeyText } from '../../protocol/public-key-text.ts';
import {
  REGISTRATION_GUESS_WINDOW_MS,
  REGISTRATION_GUESSES_MAX,
  type RegisterReply,
  type registerRequestSchema,
} from '../../protocol/registration.ts';
import { requestSignatureFits } from '../../protocol/signed-request.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDeps } from '../deps.ts';
import { raiseAlarm } from './alarms.ts';
import { beginLedger } from './begin-ledger.ts';
import { publicKeyOf } from './public-key.ts';
import { secretHash } from './secret-hash.ts';
import { readTimeline } from './timeline.ts';

type RegisterRequest = typeof registerRequestSchema._output;

/** Registrations happen one after the other in all HQ processes, so that guesses are counted exactly. */
const REGISTRATION_LOCK = 7_405_001;

interface CodeRow {
  readonly till_id: string;
  readonly store_id: string;
  readonly expires_at_ms: number;
  readonly used_at_ms: number | null;
  readonly used_by: string | null;
}

/**
 * Registers a till by its one-time code. Checked in this order: the public key is one and signed the request
 * (`invalid-input`); the code is one of this till (`code-wrong`, counted in all processes together; after too many
 * wrong ones lately `too-many-guesses`, which a right code never meets); not used by another key (`code-used`; the same
 * key gets the same answer again as long as nothing replaced it); not expired (`code-wrong`). Key and incarnation then take the place of those before, whose
 * sessions end and whose reservations are given back.
 */
export async function registerTill(
  deps: HqDeps,
  request: RegisterRequest,
): Promise<Result<RegisterReply, HqFailure>> {
  const key = publicKeyOf(request.publicKey);
  if (key === undefined) return err(hqFailure('invalid-input', 'publicKey'));
  if (!requestSignatureFits('tillside/register/1', request, key))
    return err(hqFailure('invalid-input', 'signature'));
  const nowMs = deps.nowMs();
  return deps.db.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [REGISTRATION_LOCK]);
    const codeHash = secretHash(request.code);
    const [code] = await tx.query<CodeRow>(
      `SELECT till_id, store_id, expires_at_ms, used_at_ms, used_by
       FROM registration_codes WHERE code_hash = $1`,
      [codeHash],
    );
    if (code === undefined || code.till_id !== request.tillId) {
      const tooMany = await guessedTooOften(tx, nowMs);
      if (tooMany !== undefined) return err(tooMany);
      await countGuess(tx, nowMs);
      return err(hqFailure('code-wrong', 'code'));
    }
    if (code.used_at_ms !== null) {
      return (await stillStands(tx, code, request))
        ? ok(await answer(deps, tx, code))
        : err(hqFailure('code-used', 'code'));
    }
    if (code.expires_at_ms <= nowMs) return err(hqFailure('code-wrong', 'code'));
    await tx.query(
      'UPDATE registration_codes SET used_at_ms = $2, used_by = $3 WHERE code_hash = $1',
      [codeHash, nowMs, request.publicKey],
    );
    await takeOver(tx, code, request, nowMs);
    return ok(await answer(deps, tx, code));
  });
}

async function guessedTooOften(tx: HqSession, nowMs: number): Promise<HqFailure | undefined> {
  const [row] = await tx.query<{ guesses: number; first: number | null }>(
    'SELECT count(*) AS guesses, min(at_ms) AS first FROM registration_guesses WHERE at_ms > $1',
    [nowMs - REGISTRATION_GUESS_WINDOW_MS],
  );
  if (row === undefined || row.guesses < REGISTRATION_GUESSES_MAX) return undefined;
  const endsInMs = (row.first ?? nowMs) + REGISTRATION_GUESS_WINDOW_MS - nowMs;
  return hqFailure('too-many-guesses', undefined, {
    retryAfterSeconds: Math.max(1, Math.ceil(endsInMs / 1_000)),
  });
}

async function countGuess(tx: HqSession, nowMs: number): Promise<void> {
  const since = nowMs - REGISTRATION_GUESS_WINDOW_MS;
  await tx.query('DELETE FROM registration_guesses WHERE at_ms <= $1', [since]);
  await tx.query('INSERT INTO registration_guesses (at_ms) VALUES ($1)', [nowMs]);
  const [row] = await tx.query<{ guesses: number }>(
    'SELECT count(*) AS guesses FROM registration_guesses',
  );
  if (row?.guesses === REGISTRATION_GUESSES_MAX)
    await raiseAlarm(tx, { atMs: nowMs, code: 'registration-guessed', tillId: null });
}

/** Whether a used code was used by this key, and the till is still as that registration left it. */
async function stillStands(
  tx: HqSession,
  code: CodeRow,
  { publicKey, incarnation }: RegisterRequest,
): Promise<boolean> {
  if (code.used_by !== publicKey) return false;
  const found = await tx.query(
    `SELECT 1 FROM tills
     WHERE till_id = $1 AND state = 'registered' AND public_key = $2 AND incarnation = $3`,
    [code.till_id, publicKey, incarnation],
  );
  return found.length === 1;
}

async function takeOver(
  tx: HqSession,
  { till_id: tillId, store_id: storeId }: CodeRow,
  { publicKey, incarnation, version, former = [] }: RegisterRequest,
  nowMs: number,
): Promise<void> {
  // The time of registration also tells sessions of one registration from those of the next, so it always rises.
  await tx.query(
    `UPDATE tills SET store_id = $2, state = 'registered', public_key = $3, incarnation = $4, proof = NULL,
       protocol = NULL, version = $5, registered_at_ms = greatest($6, coalesce(registered_at_ms, 0) + 1),
       cursor_pos = NULL, clock_offset_ms = NULL, challenge_at_ms = NULL, revoked_reason = NULL
     WHERE till_id = $1`,
    [tillId, storeId, publicKey, incarnation, version, nowMs],
  );
  await beginLedger(tx, tillId, incarnation, former);
  // Nobody can spend under the former incarnation any more, and nobody would ever give its reservations back.
  await tx.query(
    `UPDATE allowances SET state = 'released', closed_at_ms = $3
     WHERE till_id = $1 AND incarnation <> $2 AND state = 'open'`,
    [tillId, incarnation, nowMs],
  );
}

async function answer(deps: HqDeps, tx: HqSession, code: CodeRow): Promise<RegisterReply> {
  const [store] = await tx.query<{ body: string }>('SELECT body FROM stores WHERE store_id = $1', [
    code.store_id,
  ]);
  assert(store !== undefined, `the store ${code.store_id} of a registration code exists`);
  const { keyId, privateKey } = deps.keys.signing;
  return {
    place: {
      tillId: code.till_id as RegisterReply['place']['tillId'],
      store: storeSchema.parse(JSON.parse(store.body)),
    },
    timeline: await readTimeline(tx),
    trustedKeys: [{ keyId, publicKey: publicKeyText(privateKey) }],
  };
}
