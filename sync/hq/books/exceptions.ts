import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import type { ExceptionCode } from '../../protocol/exceptions.ts';
import type { HqSession } from '../database/database.ts';

/** Why a booking needs a person to look at it; the fact itself is booked all the same. */
export type BookException = ExceptionCode;

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
