import { REGISTRATION_GUESS_WINDOW_MS } from '../../protocol/registration.ts';
import type { HqDeps } from '../deps.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Alarms are kept for so many days. */
export const ALARMS_KEPT_DAYS = 90;
/** A registration code is kept for so many days after its end, so that a till which lost the answer may ask again. */
export const CODES_KEPT_DAYS = 30;
/** A token that ended or was revoked is kept for so many days, for whoever asks what became of it. */
export const TOKENS_KEPT_DAYS = 90;

/** Forgets alarms, registration codes, guesses, console codes and tokens that nobody can need any more. */
export async function forgetOld({ db, nowMs }: Pick<HqDeps, 'db' | 'nowMs'>): Promise<void> {
  const now = nowMs();
  const before = (days: number): number => now - days * DAY_MS;
  await db.query('DELETE FROM alarms WHERE at_ms < $1', [before(ALARMS_KEPT_DAYS)]);
  await db.query('DELETE FROM registration_codes WHERE expires_at_ms < $1', [
    before(CODES_KEPT_DAYS),
  ]);
  await db.query('DELETE FROM registration_guesses WHERE at_ms < $1', [
    now - REGISTRATION_GUESS_WINDOW_MS,
  ]);
  await db.query('DELETE FROM console_codes WHERE expires_at_ms <= $1', [now]);
  await db.query(
    'DELETE FROM access_tokens WHERE coalesce(revoked_at_ms, expires_at_ms) < $1 OR expires_at_ms < $1',
    [before(TOKENS_KEPT_DAYS)],
  );
}
