import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import {
  REGISTRATION_CODE_TTL_MS,
  REGISTRATION_TICKET_SCHEMA,
  type RegistrationTicket,
} from '../../protocol/registration.ts';
import type { HqDeps } from '../deps.ts';
import { secretHash } from './secret-hash.ts';

/** Crockford's alphabet: no I, L, O, U, which are misread. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LENGTH = 16;

/** Where tills find HQ, and the authority that they pin. */
export interface HqAddress {
  readonly url: string;
  /** PEM; null for plain HTTP on loopback. */
  readonly ca: string | null;
}

/**
 * Makes the ticket that registers one till at one store, once, within a day. Earlier codes of the till that nobody used
 * are worth nothing from then on; a till that is registered goes on as it is until the code is used.
 */
export async function issueTicket(
  deps: Pick<HqDeps, 'db' | 'nowMs' | 'random'>,
  request: { readonly tillId: RegistrationTicket['tillId']; readonly storeId: string },
  address: HqAddress,
): Promise<Result<RegistrationTicket, HqFailure>> {
  const { tillId, storeId } = request;
  const code = newCode(deps.random);
  return deps.db.transaction(async (tx) => {
    const [store] = await tx.query('SELECT 1 FROM stores WHERE store_id = $1', [storeId]);
    if (store === undefined)
      return err(hqFailure('store-unknown', 'storeId', { problem: storeId }));
    await tx.query(
      `INSERT INTO tills (till_id, store_id, state) VALUES ($1, $2, 'waiting')
       ON CONFLICT (till_id) DO UPDATE SET store_id = $2 WHERE tills.state = 'waiting'`,
      [tillId, storeId],
    );
    await tx.query('DELETE FROM registration_codes WHERE till_id = $1 AND used_at_ms IS NULL', [
      tillId,
    ]);
    await tx.query(
      `INSERT INTO registration_codes (code_hash, till_id, store_id, expires_at_ms)
       VALUES ($1, $2, $3, $4)`,
      [secretHash(code), tillId, storeId, deps.nowMs() + REGISTRATION_CODE_TTL_MS],
    );
    return ok({ schema: REGISTRATION_TICKET_SCHEMA, ...address, code, tillId });
  });
}

function newCode(random: HqDeps['random']): string {
  const letters = Array.from(random(CODE_LENGTH), (byte) => ALPHABET[byte & 31]).join('');
  return letters.replaceAll(/(.{4})(?=.)/g, '$1-');
}
