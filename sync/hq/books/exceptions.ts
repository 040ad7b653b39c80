import type { EntryException } from '../../../agent/contract/ledger.ts';
import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import type { HqSession } from '../database/database.ts';

/** Why a booking needs a person to look at it; the fact itself is booked all the same. */
export type BookException =
  /** What the till itself noted on the entry. */
  | EntryException
  /** HQ has no such member; points wait in an account under that id. */
  | 'member-unknown'
  /** The member was merged into one that is not there, or along too many steps. */
  | 'merge-broken'
  /** More points are gone than there were. */
  | 'points-overdrawn'
  /** The movements do not sum up to what the entry's header says. */
  | 'points-differ'
  | 'points-out-of-range'
  /** Points moved, and nobody's. */
  | 'points-without-member'
  /** A lot that HQ never heard of. */
  | 'lot-unknown'
  | 'coupon-used-twice'
  /** A partner's voucher that was taken without asking had been used elsewhere. */
  | 'voucher-used-twice'
  /** Goods came back that had come back before, at another till while one of the two was away. */
  | 'returned-twice'
  /** Two tills took goods of one sale back without knowing of each other: what was paid is not what was due. */
  | 'returns-overlapped'
  /** Somebody joined under an id that a member has already. */
  | 'join-differs'
  | 'allowance-unknown'
  /** Spent after it was given back. */
  | 'allowance-released'
  | 'allowance-settled-twice'
  /** The entry names another store than the one that the till is registered for. */
  | 'other-store'
  | 'currency-differs'
  /** The business day lies ahead of the chain's. */
  | 'clock-ahead'
  /** Text that no database can keep: it was booked with a replacement character in each such place. */
  | 'ill-formed-text'
  /** The sealed body or its key is not in the form of one. */
  | 'body-unreadable';

/** A case for a person. `detail` carries figures and references, no personal data. */
export interface BookedException {
  readonly code: BookException;
  readonly tillId: string | null;
  readonly incarnation: string | null;
  readonly seq: number | null;
  readonly memberId: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Writes cases for a person, in the transaction of what they are about. */
export async function writeExceptions(
  tx: HqSession,
  atMs: number,
  cases: readonly BookedException[],
): Promise<void> {
  if (cases.length === 0) return;
  await tx.query(
    `INSERT INTO exceptions (at_ms, code, till_id, incarnation, seq, member_id, detail)
     SELECT $1::bigint, * FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[])`,
    [
      atMs,
      cases.map((one) => one.code),
      cases.map((one) => one.tillId),
      cases.map((one) => one.incarnation),
      cases.map((one) => one.seq),
      cases.map((one) => one.memberId),
      cases.map((one) => canonicalJson(one.detail)),
    ],
  );
}
