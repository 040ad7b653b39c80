import type { HqSession } from '../database/database.ts';

/** Notes that a till has the keys of templates. One that has destroyed a key never has it again. */
export async function noteHolders(
  tx: HqSession,
  tillId: string,
  templateIds: readonly string[],
  atMs: number,
): Promise<void> {
  await tx.query(
    `INSERT INTO face_holders (template_id, till_id, since_ms)
     SELECT id, $2::text, $3::bigint FROM unnest($1::text[]) AS id ORDER BY id ON CONFLICT DO NOTHING`,
    [templateIds, tillId, atMs],
  );
}

/** Notes a till's word that it has destroyed keys; the first one counts. */
export async function noteDestroyed(
  tx: HqSession,
  tillId: string,
  templateIds: readonly string[],
  atMs: number,
): Promise<void> {
  await tx.query(
    `INSERT INTO face_holders AS h (template_id, till_id, since_ms, confirmed_at_ms)
     SELECT id, $2::text, $3::bigint, $3::bigint FROM unnest($1::text[]) AS id ORDER BY id
     ON CONFLICT (template_id, till_id) DO UPDATE SET confirmed_at_ms = excluded.confirmed_at_ms
     WHERE h.confirmed_at_ms IS NULL`,
    [[...new Set(templateIds)], tillId, atMs],
  );
}
