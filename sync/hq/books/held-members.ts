import { assert } from '../../../agent/contract/result.ts';
import { MERGE_CHAIN_MAX } from '../../../agent/domain/identify/follow-merge.ts';
import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import type { PointsAccount } from '../../protocol/feed.ts';
import type { HqSession } from '../database/database.ts';
import { emptyAccount } from './account.ts';
import { fitAccounts } from './fit-account.ts';
import { type MemberBody, readMemberBody, writeMemberBody } from './member-body.ts';
import { changedMeanwhile } from './transact.ts';

/** Who a member id stands for today. */
export interface Living {
  /** Where bookings of the id go. */
  readonly memberId: string;
  /** Absent where HQ has no such member. */
  readonly member: MemberBody | undefined;
  /** The merge leads nowhere or on and on: bookings stay with the id itself. */
  readonly broken: boolean;
}

/** Members and accounts under lock, changed in memory and written in one go. */
export interface HeldMembers {
  living(memberId: string): Living;
  member(memberId: string): MemberBody | undefined;
  account(memberId: string): PointsAccount;
  setMember(member: MemberBody): void;
  /** A member that is not in the records yet, with the phone that finds them. */
  addMember(member: MemberBody, phone: string | null): void;
  setAccount(account: PointsAccount): void;
  /** @param atMs HQ's time */
  write(atMs: number): Promise<void>;
}

/** Members by id, with all that they were merged into. Reads without locks. */
export async function readMembers(
  session: HqSession,
  ids: Iterable<string>,
): Promise<Map<string, MemberBody>> {
  const found = new Map<string, MemberBody>();
  let wanted = [...new Set(ids)];
  for (let step = 0; step <= MERGE_CHAIN_MAX && wanted.length > 0; step++) {
    const rows = await session.query<{ body: string }>(
      'SELECT body FROM members WHERE member_id = ANY($1)',
      [wanted],
    );
    const members = rows.map(({ body }) => readMemberBody(body));
    for (const member of members) found.set(member.memberId, member);
    wanted = mergeTargets(members).filter((id) => !found.has(id));
  }
  return found;
}

/** Follows merges among the members given. */
export function livingOf(members: ReadonlyMap<string, MemberBody>, memberId: string): Living {
  const start = members.get(memberId);
  let member = start;
  for (let step = 0; step <= MERGE_CHAIN_MAX && member !== undefined; step++) {
    if (member.status !== 'merged') return { memberId: member.memberId, member, broken: false };
    member = member.mergedInto === undefined ? undefined : members.get(member.mergedInto);
  }
  return { memberId, member: start, broken: start !== undefined };
}

/**
 * Locks members, all that they were merged into, and their accounts, each in the order of the id, so that two bookings
 * never wait for each other in a circle. A booking whose member is merged while it waits begins again.
 */
export async function holdMembers(tx: HqSession, ids: Iterable<string>): Promise<HeldMembers> {
  const named = [...new Set(ids)];
  const all = [...new Set([...named, ...(await readMembers(tx, named)).keys()])].sort();
  const members = new Map<string, MemberBody>();
  const accounts = new Map<string, PointsAccount>();
  if (all.length > 0) {
    const memberRows = await tx.query<{ body: string }>(
      'SELECT body FROM members WHERE member_id = ANY($1) ORDER BY member_id FOR UPDATE',
      [all],
    );
    for (const { body } of memberRows) {
      const member = readMemberBody(body);
      members.set(member.memberId, member);
    }
    const held = new Set(all);
    if (mergeTargets([...members.values()]).some((id) => !held.has(id)))
      throw changedMeanwhile('a member');
    const accountRows = await tx.query<{ member_id: string; body: string }>(
      'SELECT member_id, body FROM point_accounts WHERE member_id = ANY($1) ORDER BY member_id FOR UPDATE',
      [all],
    );
    for (const { member_id, body } of accountRows)
      accounts.set(member_id, JSON.parse(body) as PointsAccount);
  }
  return overRows(tx, members, accounts);
}

function overRows(
  tx: HqSession,
  members: Map<string, MemberBody>,
  accounts: Map<string, PointsAccount>,
): HeldMembers {
  const stored = { members: new Set(members.keys()), accounts: new Set(accounts.keys()) };
  const changed = { members: new Set<string>(), accounts: new Set<string>() };
  const phones = new Map<string, string | null>();

  function setMember(member: MemberBody): void {
    members.set(member.memberId, member);
    changed.members.add(member.memberId);
  }

  return {
    living: (memberId) => livingOf(members, memberId),
    member: (memberId) => members.get(memberId),
    account: (memberId) => accounts.get(memberId) ?? emptyAccount(memberId),
    setMember,
    addMember(member, phone) {
      assert(!members.has(member.memberId), 'a member is added once');
      phones.set(member.memberId, phone);
      setMember(member);
    },
    setAccount(account) {
      accounts.set(account.memberId, account);
      changed.accounts.add(account.memberId);
    },
    async write(atMs) {
      const held = [...changed.accounts].flatMap((id) => accounts.get(id) ?? []);
      for (const account of await fitAccounts(tx, held, atMs))
        accounts.set(account.memberId, account);
      const added = [...changed.members].filter((id) => !stored.members.has(id)).sort();
      await insertMembers(tx, added.map(memberOf), phones);
      const others = [...changed.members].filter((id) => stored.members.has(id)).sort();
      await updateBodies(tx, 'members', others, (id) => writeMemberBody(memberOf(id)));
      const fresh = [...changed.accounts].filter((id) => !stored.accounts.has(id)).sort();
      await insertAccounts(tx, fresh, accountText);
      const booked = [...changed.accounts].filter((id) => stored.accounts.has(id)).sort();
      await updateBodies(tx, 'point_accounts', booked, accountText);
    },
  };

  function memberOf(id: string): MemberBody {
    const member = members.get(id);
    assert(member !== undefined, 'a changed member is held');
    return member;
  }

  function accountText(id: string): string {
    return canonicalJson(accounts.get(id));
  }
}

async function insertMembers(
  tx: HqSession,
  added: readonly MemberBody[],
  phones: ReadonlyMap<string, string | null>,
): Promise<void> {
  if (added.length === 0) return;
  await tx.query(
    `INSERT INTO members (member_id, phone, home_store_id, body)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])`,
    [
      added.map((one) => one.memberId),
      added.map((one) => phones.get(one.memberId) ?? null),
      added.map((one) => one.homeStoreId ?? null),
      added.map(writeMemberBody),
    ],
  );
}

async function insertAccounts(
  tx: HqSession,
  ids: readonly string[],
  text: (id: string) => string,
): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `INSERT INTO point_accounts (member_id, body) SELECT * FROM unnest($1::text[], $2::text[])`,
    [ids, ids.map(text)],
  );
}

async function updateBodies(
  tx: HqSession,
  table: 'members' | 'point_accounts',
  ids: readonly string[],
  text: (id: string) => string,
): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `UPDATE ${table} AS t SET body = n.body FROM unnest($1::text[], $2::text[]) AS n (id, body)
     WHERE t.member_id = n.id`,
    [ids, ids.map(text)],
  );
}

function mergeTargets(members: readonly MemberBody[]): string[] {
  return members.flatMap(({ status, mergedInto }) =>
    status === 'merged' && mergedInto !== undefined ? [mergedInto] : [],
  );
}
