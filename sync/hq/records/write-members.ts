import { findingCards, type Member } from '../../../agent/contract/member.ts';
import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import type { PointsAccount } from '../../protocol/feed.ts';
import type { HqSession } from '../database/database.ts';
import { type Carrier, carriersOf, type MembersRule } from './members-rule.ts';

/** Members and their accounts as they are to stand in HQ. */
export interface MemberWrites {
  readonly members: readonly Member[];
  readonly accounts: readonly PointsAccount[];
  /** Stores that carry a member beside those that the rule names. */
  readonly visits?: readonly { readonly memberId: string; readonly storeId: string }[];
  readonly rule: MembersRule;
  /** Since when a store carries them, in epoch milliseconds. */
  readonly nowMs: number;
}

/**
 * Writes members with cards, accounts and the stores that carry them. Rows that say what HQ has already are not written,
 * so no till hears of them. A phone, GSRN or card of a member who is not among `members` breaks a unique constraint.
 */
export async function writeMembers(tx: HqSession, writes: MemberWrites): Promise<void> {
  await writeBodies(tx, writes.members);
  await writeCards(tx, writes.members);
  await writeAccounts(tx, writes.accounts);
  // Last: a store that begins to carry a member gets member and account as they stand then.
  await writeScopes(tx, writes);
}

async function writeBodies(tx: HqSession, members: readonly Member[]): Promise<void> {
  if (members.length === 0) return;
  const columns = [
    members.map(({ memberId }) => memberId),
    members.map(({ phone }) => phone ?? null),
    members.map(({ gsrn }) => gsrn ?? null),
    members.map(({ homeStoreId }) => homeStoreId ?? null),
    members.map((member) => canonicalJson(member)),
  ];
  // Numbers that change hands within one statement would collide on their way.
  await tx.query(
    `UPDATE members AS m SET phone = NULL, gsrn = NULL
     FROM unnest($1::text[], $2::text[], $3::text[]) AS n (member_id, phone, gsrn)
     WHERE m.member_id = n.member_id
       AND ((m.phone IS NOT NULL AND m.phone IS DISTINCT FROM n.phone)
         OR (m.gsrn IS NOT NULL AND m.gsrn IS DISTINCT FROM n.gsrn))`,
    columns.slice(0, 3),
  );
  await tx.query(
    `INSERT INTO members AS m (member_id, phone, gsrn, home_store_id, body)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
     ON CONFLICT (member_id) DO UPDATE SET phone = EXCLUDED.phone, gsrn = EXCLUDED.gsrn,
       home_store_id = EXCLUDED.home_store_id, body = EXCLUDED.body
     WHERE m.body IS DISTINCT FROM EXCLUDED.body
       OR m.phone IS DISTINCT FROM EXCLUDED.phone OR m.gsrn IS DISTINCT FROM EXCLUDED.gsrn`,
    columns,
  );
}

async function writeCards(tx: HqSession, members: readonly Member[]): Promise<void> {
  if (members.length === 0) return;
  const pairs = members.flatMap((member) =>
    findingCards(member).map((card) => ({ card, memberId: member.memberId })),
  );
  const values = [pairs.map(({ card }) => card), pairs.map(({ memberId }) => memberId)];
  await tx.query(
    `DELETE FROM member_cards WHERE member_id = ANY($3::text[])
       AND (card, member_id) NOT IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [...values, members.map(({ memberId }) => memberId)],
  );
  if (pairs.length === 0) return;
  await tx.query(
    `INSERT INTO member_cards (card, member_id)
     SELECT * FROM unnest($1::text[], $2::text[])
     EXCEPT SELECT card, member_id FROM member_cards WHERE card = ANY($1::text[])`,
    values,
  );
}

async function writeAccounts(tx: HqSession, accounts: readonly PointsAccount[]): Promise<void> {
  if (accounts.length === 0) return;
  await tx.query(
    `INSERT INTO point_accounts AS a (member_id, body) SELECT * FROM unnest($1::text[], $2::text[])
     ON CONFLICT (member_id) DO UPDATE SET body = EXCLUDED.body
     WHERE a.body IS DISTINCT FROM EXCLUDED.body`,
    [accounts.map(({ memberId }) => memberId), accounts.map((account) => canonicalJson(account))],
  );
}

async function writeScopes(tx: HqSession, writes: MemberWrites): Promise<void> {
  const { members, visits = [], rule, nowMs } = writes;
  const carriers = new Map<string, Carrier[]>();
  const scopes = members.flatMap(({ memberId, homeStoreId }) => {
    if (homeStoreId === undefined) return [];
    const known = carriers.get(homeStoreId) ?? carriersOf(rule, homeStoreId);
    carriers.set(homeStoreId, known);
    return known.map((carrier) => ({ memberId, ...carrier }));
  });
  const ids = scopes.map(({ memberId }) => memberId);
  const stores = scopes.map(({ storeId }) => storeId);
  if (members.length === 0) return;
  await tx.query(
    `DELETE FROM member_scopes WHERE member_id = ANY($3::text[]) AND reason IN ('home', 'region')
       AND (member_id, store_id) NOT IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [ids, stores, members.map(({ memberId }) => memberId)],
  );
  if (scopes.length > 0) {
    await tx.query(
      `INSERT INTO member_scopes AS s (member_id, store_id, reason, since_ms)
       SELECT n.*, $4::bigint FROM unnest($1::text[], $2::text[], $3::text[]) AS n
       ON CONFLICT (member_id, store_id) DO UPDATE SET reason = EXCLUDED.reason
       WHERE s.reason <> EXCLUDED.reason`,
      [ids, stores, scopes.map(({ reason }) => reason), nowMs],
    );
  }
  if (visits.length === 0) return;
  await tx.query(
    `INSERT INTO member_scopes AS s (member_id, store_id, reason, since_ms)
     SELECT n.*, 'visit', $3::bigint FROM unnest($1::text[], $2::text[]) AS n
     ON CONFLICT (member_id, store_id) DO UPDATE SET reason = EXCLUDED.reason, since_ms = EXCLUDED.since_ms
     WHERE s.reason = 'lookup'`,
    [visits.map(({ memberId }) => memberId), visits.map(({ storeId }) => storeId), nowMs],
  );
}
