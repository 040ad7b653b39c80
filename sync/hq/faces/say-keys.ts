import { ok, type Result } from '../../../agent/contract/result.ts';
import { type KeyState, keyStateReplySchema } from '../../protocol/face.ts';
import type { HqReply } from '../../protocol/hq-api.ts';
import type { HqFailure } from '../../protocol/hq-error.ts';
import { transact } from '../books/transact.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDeps, TillCaller } from '../deps.ts';
import { endTemplates } from './end-templates.ts';
import { noteDestroyed, noteHolders } from './face-holders.ts';
import { isFedSql } from './key-rows.ts';

/**
 * Hears which keys a till has and which it has destroyed; what it says again changes nothing. A headquarters that was
 * restored from a backup learns here what it forgot: whose key a till destroyed for good is over everywhere.
 */
export function sayKeys(
  deps: HqDeps,
  till: TillCaller,
  { held, destroyed }: KeyState,
): Promise<Result<HqReply<'sayFaceKeys'>, HqFailure>> {
  const nowMs = deps.nowMs();
  return transact(deps, async (tx) => {
    for (const one of destroyed) await endAsTold(tx, till, one, nowMs);
    const gone = destroyed.map((one) => one.templateId);
    await noteDestroyed(tx, till.tillId, gone, nowMs);
    const rows = await tx.query<{ id: string; fed: boolean | null; over: boolean }>(
      `SELECT id, CASE WHEN t.template_id IS NOT NULL THEN ${isFedSql('t.template_id', '$2')} END AS fed,
         EXISTS (SELECT 1 FROM face_ends e WHERE e.template_id = id) AS over
       FROM unnest($1::text[]) AS id LEFT JOIN face_templates t ON t.template_id = id ORDER BY id`,
      [held, till.storeId],
    );
    const known = rows.filter((one) => one.fed !== null || one.over);
    await noteHolders(
      tx,
      till.tillId,
      known.map((one) => one.id),
      nowMs,
    );
    const over = rows.filter((one) => one.over || one.fed === false).map((one) => one.id);
    const unknown = rows.filter((one) => one.fed === null && !one.over).map((one) => one.id);
    return ok(keyStateReplySchema.parse({ over, unknown }));
  });
}

/**
 * A till that destroyed a key by its own hand, or since headquarters once told it to, ends the template also where
 * headquarters has forgotten. Not where it may have been a store that ceased to carry the member: the others go on.
 */
async function endAsTold(
  tx: HqSession,
  till: TillCaller,
  { templateId, reason }: KeyState['destroyed'][number],
  nowMs: number,
): Promise<void> {
  if (reason === 'not-fed') return;
  const [row] = await tx.query<{
    member_id: string | null;
    owner_id: string | null;
    fed: boolean;
    left: boolean;
  }>(
    `SELECT t.member_id, t.owner_id, ${isFedSql('id', '$2')} AS fed,
       EXISTS (SELECT 1 FROM face_fed f WHERE f.template_id = id AND f.left_at_ms IS NOT NULL) AS left
     FROM (SELECT $1::text AS id) AS said LEFT JOIN face_templates t ON t.template_id = id`,
    [templateId, till.storeId],
  );
  const isAlive = row?.member_id != null && row.owner_id !== null;
  if (isAlive && (!row.fed || (reason === 'told' && row.left))) return;
  const whose = { memberId: row?.member_id ?? '', ownerId: row?.owner_id ?? '' };
  const ended = reason === 'told' ? 'withdrawn' : reason;
  await endTemplates(tx, [templateId], whose, { reason: ended, atMs: nowMs });
}
