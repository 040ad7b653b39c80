import type { StoreId } from '../../../../agent/contract/ids.ts';
import type { JoinFacts } from '../../../../agent/contract/join.ts';
import { plainPhone } from '../../../../agent/domain/identify/plain-phone.ts';
import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import type { HqSession } from '../../database/database.ts';
import type { TillCaller } from '../../deps.ts';
import { mergeAccounts, settleAccount } from '../account.ts';
import type { MemberBody } from '../member-body.ts';
import { moveReservations } from '../move-reservations.ts';
import { phoneForms } from '../phone-forms.ts';
import type { Books } from './book-entry.ts';

/** Somebody who joined, and who they turned out to be. */
export interface Joined {
  readonly provisionalId: string;
  readonly memberId: string;
}

/** Joins of an upload, with what HQ knows of their phones and of joins that it has booked before. */
export interface HeldJoins {
  /** Members whom these joins may touch. */
  readonly memberIds: readonly string[];
  /** Who a provisional id was booked as; undefined = not booked yet. */
  booked(provisionalId: string): string | undefined;
  memberWithPhone(phone: string): string | undefined;
  book(books: Books, join: JoinFacts): void;
  write(tx: HqSession, till: TillCaller): Promise<void>;
}

/** Reads what the joins of an upload need; the members themselves are locked later. */
export async function readJoins(
  session: HqSession,
  joins: readonly JoinFacts[],
): Promise<HeldJoins> {
  const forms = [...new Set(joins.flatMap(({ phone }) => phoneForms(keptPhone(phone))))];
  const byPhone = new Map<string, string>();
  const done = new Map<string, string>();
  if (joins.length > 0) {
    const known = await session.query<{ phone: string; member_id: string }>(
      'SELECT phone, member_id FROM members WHERE phone = ANY($1) ORDER BY member_id',
      [forms],
    );
    for (const { phone, member_id } of known) byPhone.set(keptPhone(phone), member_id);
    const rows = await session.query<{ provisional_id: string; member_id: string }>(
      'SELECT provisional_id, member_id FROM joins WHERE provisional_id = ANY($1)',
      [joins.map((one) => one.provisionalId)],
    );
    for (const row of rows) done.set(row.provisional_id, row.member_id);
  }
  const added: { join: JoinFacts; memberId: string }[] = [];

  return {
    memberIds: [...joins.map((one) => one.provisionalId), ...byPhone.values(), ...done.values()],
    booked: (provisionalId) => done.get(provisionalId),
    memberWithPhone: (phone) => byPhone.get(keptPhone(phone)),
    book(books, join) {
      const { provisionalId } = join;
      if (done.has(provisionalId)) return;
      const memberId = bookJoin(books, join, byPhone.get(keptPhone(join.phone)));
      byPhone.set(keptPhone(join.phone), memberId);
      done.set(provisionalId, memberId);
      added.push({ join, memberId });
    },
    async write(tx, { tillId }) {
      if (added.length === 0) return;
      await tx.query(
        `INSERT INTO joins (provisional_id, member_id, till_id, consent, at_ms)
         SELECT n.provisional_id, n.member_id, $1, n.consent, n.at_ms
         FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) AS n (provisional_id, member_id, consent, at_ms)`,
        [
          tillId,
          added.map((one) => one.join.provisionalId),
          added.map((one) => one.memberId),
          added.map((one) => consentOf(one.join)),
          added.map((one) => Date.parse(one.join.at)),
        ],
      );
      const merged = added.map(({ join, memberId }) => ({
        fromId: join.provisionalId,
        toId: memberId,
      }));
      await moveReservations(
        tx,
        merged.filter(({ fromId, toId }) => fromId !== toId),
      );
    },
  };
}

/**
 * Whoever joins with a phone that HQ knows is that member: the provisional one is merged into them, points and all.
 * Anybody else becomes a member under the id that the till gave, which is unique by itself, so that nothing that names
 * them has to change.
 */
function bookJoin(books: Books, join: JoinFacts, knownId: string | undefined): string {
  const { members, till, settings, at } = books;
  const { provisionalId, phone } = join;
  const known = knownId === undefined ? undefined : members.living(knownId);
  if (members.member(provisionalId) !== undefined) {
    noteTaken(books, join);
    return provisionalId;
  }
  if (known?.member === undefined) {
    books.homes.add(provisionalId);
    const member: MemberBody = {
      ...joinedMember(join, settings.joinTier, at),
      phone: keptPhone(phone),
      homeStoreId: till.storeId as StoreId,
      status: 'active',
    };
    members.addMember(member, keptPhone(phone));
    return provisionalId;
  }
  const target = known.member;
  books.visits.add(provisionalId);
  books.visits.add(target.memberId);
  const merged: MemberBody = {
    ...joinedMember(join, settings.joinTier, at),
    status: 'merged',
    mergedInto: target.memberId,
  };
  members.addMember(merged, null);
  moveAccount(books, provisionalId, target.memberId);
  return target.memberId;
}

/** An id that is somebody's already stays theirs: no till can make a member out of another one. */
function noteTaken({ exceptions, till }: Books, { provisionalId }: JoinFacts): void {
  exceptions.push({
    code: 'join-differs',
    tillId: till.tillId,
    incarnation: till.incarnation,
    seq: null,
    memberId: provisionalId,
    detail: { provisionalId },
  });
}

/** Points of entries that came before the join. */
function moveAccount({ members, today }: Books, fromId: string, toId: string): void {
  const from = members.account(fromId);
  if (from.lots.length === 0 && Object.keys(from.booked).length === 0) return;
  const moved = mergeAccounts(from, members.account(toId), today);
  members.setAccount(moved.from);
  members.setAccount(settleAccount(moved.to, today).account);
}

function joinedMember(join: JoinFacts, tier: string, at: string): MemberBody {
  const { provisionalId, name, phone, birthday } = join;
  return {
    memberId: provisionalId,
    name: name ?? `会员${phone.slice(-4)}`,
    tier,
    cards: [],
    groups: [],
    tags: [],
    entitlements: [],
    completedOrders: 0,
    yearSpendMinor: 0,
    ...(birthday === undefined ? {} : { birthday }),
    updatedAt: at,
  };
}

function consentOf({ consentVersion, consentChannel, staffId, at }: JoinFacts): string {
  return canonicalJson({ consentVersion, consentChannel, staffId, at });
}

/** The form in which a phone is kept; one too short to be looked up stays as it is. */
function keptPhone(phone: string): string {
  return plainPhone(phone) ?? phone;
}
