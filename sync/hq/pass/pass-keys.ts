import {
  MEMBER_MAX_PASS_KEYS,
  type PassAlg,
  passCard,
} from '../../../agent/contract/credential.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import { holdMembers } from '../books/held-members.ts';
import type { HqSession } from '../database/database.ts';

/** A key of a pass as HQ keeps it. */
export interface PassKeyRow {
  readonly key_id: string;
  readonly member_id: string;
  readonly alg: PassAlg;
  readonly public_key: string;
  readonly certificate: string;
  readonly tier: string;
  readonly linked_at_ms: number;
  readonly valid_from_ms: number;
  readonly valid_until_ms: number;
  readonly counter: number;
}

const COLUMNS = `key_id, member_id, alg, public_key, certificate, tier, linked_at_ms, valid_from_ms, valid_until_ms,
  counter`;

/** A key by its id; nothing where HQ has none that counts. */
export async function findPassKey(
  session: HqSession,
  keyId: string,
): Promise<PassKeyRow | undefined> {
  const [row] = await session.query<PassKeyRow>(
    `SELECT ${COLUMNS} FROM pass_keys WHERE key_id = $1`,
    [keyId],
  );
  return row;
}

/** Whether a key was ended before its time: it never counts again, whoever brings it. */
export async function isDeniedKey(tx: HqSession, keyId: string): Promise<boolean> {
  const found = await tx.query('SELECT 1 FROM denied_keys WHERE key_id = $1', [keyId]);
  return found.length > 0;
}

/** The keys of a member, the oldest first. */
export async function passKeysOf(session: HqSession, memberId: string): Promise<PassKeyRow[]> {
  return session.query<PassKeyRow>(
    `SELECT ${COLUMNS} FROM pass_keys WHERE member_id = $1 ORDER BY linked_at_ms, key_id`,
    [memberId],
  );
}

/**
 * Ends keys. Tills that carry the member lose them with the member's row, all others are told to refuse them, see migration
 * 0016, unless `replaced` says that nobody has their private halves any more. The member's row is another call's, see
 * {@link writeKeysOfMember}.
 */
export async function endPassKeys(
  tx: HqSession,
  keyIds: readonly string[],
  { replaced }: { readonly replaced: boolean },
): Promise<void> {
  if (keyIds.length === 0) return;
  if (replaced)
    await tx.query('UPDATE pass_keys SET replaced = true WHERE key_id = ANY ($1)', [keyIds]);
  await tx.query('DELETE FROM pass_keys WHERE key_id = ANY ($1)', [keyIds]);
}

/** Adds a key; of a member who has {@link MEMBER_MAX_PASS_KEYS} already the oldest end. @returns how many did */
export async function addPassKey(tx: HqSession, key: Omit<PassKeyRow, 'counter'>): Promise<number> {
  const others = await passKeysOf(tx, key.member_id);
  const ended = others.slice(0, Math.max(0, others.length + 1 - MEMBER_MAX_PASS_KEYS));
  await endPassKeys(
    tx,
    ended.map(({ key_id }) => key_id),
    { replaced: false },
  );
  await tx.query(
    `INSERT INTO pass_keys (key_id, member_id, alg, public_key, certificate, tier, linked_at_ms, valid_from_ms, valid_until_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      key.key_id,
      key.member_id,
      key.alg,
      key.public_key,
      key.certificate,
      key.tier,
      key.linked_at_ms,
      key.valid_from_ms,
      key.valid_until_ms,
    ],
  );
  return ended.length;
}

/**
 * Puts the keys of a member as they stand into the member's row and among the cards that find them, so that feed,
 * snapshots, checks and erasure carry them like everything of a member.
 */
export async function writeKeysOfMember(
  tx: HqSession,
  memberId: string,
  atMs: number,
): Promise<void> {
  const members = await holdMembers(tx, [memberId]);
  const member = members.member(memberId);
  if (member === undefined) return;
  const keys = await passKeysOf(tx, memberId);
  const { passKeys: _before, ...rest } = member;
  const updatedAt = toInstant(atMs);
  const passKeys = keys.map((key) => ({
    keyId: key.key_id,
    alg: key.alg,
    publicKey: key.public_key,
    validFrom: toInstant(key.valid_from_ms),
    validUntil: toInstant(key.valid_until_ms),
  }));
  members.setMember({ ...rest, ...(passKeys.length === 0 ? {} : { passKeys }), updatedAt });
  await members.write(atMs);
  const cards = keys.map(({ key_id }) => passCard(key_id));
  await tx.query(
    `DELETE FROM member_cards WHERE member_id = $1 AND card LIKE 'pass:%' AND card <> ALL ($2::text[])`,
    [memberId, cards],
  );
  await tx.query(
    `INSERT INTO member_cards (card, member_id) SELECT card, $1 FROM unnest($2::text[]) AS card
     ON CONFLICT (card) DO UPDATE SET member_id = excluded.member_id`,
    [memberId, cards],
  );
}
