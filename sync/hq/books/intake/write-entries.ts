import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import type { UploadItem } from '../../../protocol/upload.ts';
import type { HqSession } from '../../database/database.ts';
import type { TillCaller } from '../../deps.ts';
import type { ReadEntry } from './read-items.ts';

/** Bytes of a subject's key. */
export const SUBJECT_KEY_BYTES = 32;

/** Appends entries to the chain's ledger as they came, with the keys of their bodies. */
export async function writeEntries(
  tx: HqSession,
  { tillId, incarnation }: TillCaller,
  atMs: number,
  entries: readonly ReadEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  const headers = entries.map(({ read }) => read);
  await tx.query(
    `INSERT INTO ledger (till_id, incarnation, received_at_ms, seq, entry_id, kind, sale_id, return_id, store_id,
       business_day, at_ms, payable_minor, currency, points_earned, points_spent, exception, header, hash, sealed,
       key_id, member_id, facts)
     SELECT $1, $2, $3, n.seq, n.entry_id, n.kind, n.sale_id, n.return_id, n.store_id, n.business_day, n.at_ms,
       n.payable_minor, n.currency, n.points_earned, n.points_spent, n.exception, n.header, n.hash,
       decode(n.sealed, 'base64'), n.key_id, n.member_id, n.facts
     FROM unnest($4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
         $11::bigint[], $12::bigint[], $13::text[], $14::bigint[], $15::bigint[], $16::text[], $17::text[],
         $18::text[], $19::text[], $20::text[], $21::text[], $22::text[])
       AS n (seq, entry_id, kind, sale_id, return_id, store_id, business_day, at_ms, payable_minor, currency,
         points_earned, points_spent, exception, header, hash, sealed, key_id, member_id, facts)`,
    [
      tillId,
      incarnation,
      atMs,
      headers.map((one) => one.seq),
      headers.map((one) => one.entryId),
      headers.map((one) => one.kind),
      headers.map((one) => one.saleId),
      headers.map((one) => one.returnId),
      headers.map((one) => one.storeId),
      headers.map((one) => one.businessDay),
      headers.map((one) => Date.parse(one.at)),
      headers.map((one) => one.payableMinor),
      headers.map((one) => one.currency),
      headers.map((one) => one.pointsEarned),
      headers.map((one) => one.pointsSpent),
      headers.map((one) => one.exception),
      entries.map((one) => one.header),
      entries.map((one) => one.hash),
      entries.map((one) => plainBase64(one.sealed)),
      headers.map((one) => one.keyId),
      entries.map((one) => one.facts.memberId),
      entries.map((one) => canonicalJson(one.facts)),
    ],
  );
  await writeKeys(tx, tillId, entries);
}

async function writeKeys(
  tx: HqSession,
  tillId: string,
  entries: readonly ReadEntry[],
): Promise<void> {
  const keyed = entries.filter(({ key }) => key !== null && isSubjectKey(key));
  if (keyed.length === 0) return;
  await tx.query(
    `INSERT INTO subject_keys (key_id, till_id, member_id, key)
     SELECT n.key_id, $1, n.member_id, decode(n.key, 'base64')
     FROM unnest($2::text[], $3::text[], $4::text[]) AS n (key_id, member_id, key) ORDER BY 1
     ON CONFLICT (key_id) DO NOTHING`,
    [
      tillId,
      keyed.map((one) => one.read.keyId),
      keyed.map((one) => one.facts.memberId),
      keyed.map((one) => plainBase64(one.key ?? '')),
    ],
  );
}

/** Appends what people did at the till. */
export async function writeAudit(
  tx: HqSession,
  tillId: string,
  items: readonly Extract<UploadItem, { kind: 'audit' }>[],
): Promise<void> {
  if (items.length === 0) return;
  await tx.query(
    `INSERT INTO audit (till_id, at_ms, staff_id, action, detail)
     SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[])`,
    [
      tillId,
      items.map((one) => Date.parse(one.at)),
      items.map((one) => one.staffId),
      items.map((one) => one.action),
      items.map((one) => canonicalJson(one.detail)),
    ],
  );
}

export function isBase64(text: string): boolean {
  return plainBase64(text) === text;
}

export function isSubjectKey(text: string): boolean {
  return isBase64(text) && Buffer.from(text, 'base64').length === SUBJECT_KEY_BYTES;
}

/** What can be read as base64 in its plain form, so that a wrong character is no error of the database. */
function plainBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('base64');
}
