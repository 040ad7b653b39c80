import { type FaceConsent, templateIdSchema } from '../../../agent/contract/face-facts.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import type { FaceReceipts } from '../../protocol/face.ts';
import type { HqSession } from '../database/database.ts';

interface TemplateRow {
  readonly template_id: string;
  readonly reason: string | null;
  readonly at_ms: number | null;
}

/**
 * What became of a member's templates: which stores had them, which tills had their keys, and which of these have said that
 * they destroyed them. Nothing where nobody of that id ever enrolled; of an erased member what is left is this.
 */
export async function readFaceReceipts(db: HqSession, memberId: string): Promise<FaceReceipts> {
  const [{ owner } = { owner: memberId }] = await db.query<{ owner: string }>(
    'SELECT living_member($1) AS owner',
    [memberId],
  );
  const ids = [memberId, owner];
  const consents = await db.query<{ body: string }>(
    `SELECT body FROM face_consents
     WHERE member_id = ANY ($1) OR member_id IN (SELECT member_id FROM face_templates WHERE owner_id = ANY ($1))
     ORDER BY at_ms, consent_id`,
    [ids],
  );
  const rows = await db.query<TemplateRow>(
    `SELECT template_id, NULL::text AS reason, NULL::bigint AS at_ms FROM face_templates
       WHERE owner_id = ANY ($1) OR member_id = ANY ($1)
     UNION ALL SELECT template_id, reason, at_ms FROM face_ends WHERE owner_id = ANY ($1) OR member_id = ANY ($1)
     ORDER BY 1`,
    [ids],
  );
  const templateIds = rows.map((row) => row.template_id);
  const fed = await db.query<{ template_id: string; store_id: string }>(
    'SELECT template_id, store_id FROM face_fed WHERE template_id = ANY ($1) ORDER BY store_id',
    [templateIds],
  );
  const holders = await db.query<{
    template_id: string;
    till_id: string;
    confirmed_at_ms: number | null;
    is_gone: boolean;
  }>(
    `SELECT h.template_id, h.till_id, h.confirmed_at_ms, COALESCE(t.state = 'revoked', TRUE) AS is_gone
     FROM face_holders h LEFT JOIN tills t ON t.till_id = h.till_id
     WHERE h.template_id = ANY ($1) ORDER BY h.till_id`,
    [templateIds],
  );
  return {
    consents: consents.map(({ body }) => {
      const consent = JSON.parse(body) as FaceConsent;
      const { consentId, scope, textVersion, language, channel, witnessId, storeId, at } = consent;
      return { consentId, scope, textVersion, language, channel, witnessId, storeId, at };
    }),
    templates: rows.map(({ template_id, reason, at_ms }) => {
      const own = holders.filter((one) => one.template_id === template_id);
      const ended = reason === null || at_ms === null ? null : { reason, at: toInstant(at_ms) };
      return {
        templateId: templateIdSchema.parse(template_id),
        ended,
        stores: fed.filter((one) => one.template_id === template_id).map((one) => one.store_id),
        tills: own.map(({ till_id, confirmed_at_ms, is_gone }) => ({
          tillId: till_id,
          confirmedAt: confirmed_at_ms === null ? null : toInstant(confirmed_at_ms),
          isGone: is_gone,
        })),
        destroyed: ended !== null && own.every((one) => one.confirmed_at_ms !== null),
      };
    }),
  };
}
