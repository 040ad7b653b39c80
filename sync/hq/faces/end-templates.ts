import type { HqSession } from '../database/database.ts';

/** Why and when templates end. */
export interface Ending {
  readonly reason: string;
  readonly atMs: number;
}

/** Whose templates: the id that was named, and who that is today. */
export interface Whose {
  readonly memberId: string;
  readonly ownerId: string;
}

/** Who a member id stands for today; undefined = headquarters has no such member. */
export async function ownerOf(tx: HqSession, memberId: string): Promise<string | undefined> {
  const [row] = await tx.query<{ owner: string }>(
    'SELECT living_member(member_id) AS owner FROM members WHERE member_id = $1',
    [memberId],
  );
  return row?.owner;
}

/** Ids of all live templates of a member, the oldest first. */
export async function templatesOf(
  tx: HqSession,
  { memberId, ownerId }: Whose,
): Promise<{ template_id: string; at_ms: number }[]> {
  return tx.query(
    `SELECT template_id, at_ms FROM face_templates WHERE owner_id = $1 OR member_id = $2
     ORDER BY at_ms, template_id`,
    [ownerId, memberId],
  );
}

/**
 * Ends templates for good, also those that headquarters has yet to hear of: their rows, and what is asked about them, are
 * deleted, and every store that has them is told (see migration 0018). Those of another member stay.
 * @returns how many were in use
 */
export async function endTemplates(
  tx: HqSession,
  templateIds: readonly string[],
  { memberId, ownerId }: Whose,
  { reason, atMs }: Ending,
): Promise<number> {
  if (templateIds.length === 0) return 0;
  // In the order in which stores that begin to carry the member lock them.
  const ids = [...new Set(templateIds)].sort();
  await tx.query(
    'SELECT 1 FROM face_templates WHERE template_id = ANY ($1) ORDER BY template_id FOR UPDATE',
    [ids],
  );
  await tx.query(
    `INSERT INTO face_ends (template_id, member_id, owner_id, reason, at_ms)
     SELECT id, coalesce(t.member_id, $2), coalesce(t.owner_id, $3), $4::text, $5::bigint
     FROM unnest($1::text[]) AS id LEFT JOIN face_templates t ON t.template_id = id
     WHERE t.template_id IS NULL OR t.owner_id = $3 OR t.member_id = $2
     ON CONFLICT DO NOTHING`,
    [ids, memberId, ownerId, reason, atMs],
  );
  const ended = await tx.query(
    `DELETE FROM face_templates WHERE template_id = ANY ($1) AND (owner_id = $3 OR member_id = $2)
     RETURNING template_id`,
    [ids, memberId, ownerId],
  );
  return ended.length;
}

/**
 * Tells the tills of a store that a template is over which they were never given: the one that made it has its key.
 */
export async function tellOver(
  tx: HqSession,
  templateId: string,
  storeId: string,
  atMs: number,
): Promise<void> {
  const told = await tx.query(
    `INSERT INTO face_fed VALUES ($1, $2, $3, $3) ON CONFLICT DO NOTHING RETURNING template_id`,
    [templateId, storeId, atMs],
  );
  if (told.length > 0)
    await tx.query(`SELECT publish_row($1, 'face', $2, NULL, true)`, [storeId, templateId]);
}
