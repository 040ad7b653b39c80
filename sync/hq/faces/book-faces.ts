import type { FaceEnrolment, FaceWithdrawal } from '../../../agent/contract/face-facts.ts';
import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import { TEMPLATES_PER_MEMBER_MAX } from '../../protocol/face.ts';
import { carryMembers } from '../books/carry-members.ts';
import type { ReadItem } from '../books/intake/read-items.ts';
import type { HqSession } from '../database/database.ts';
import type { HqLog, TillCaller } from '../deps.ts';
import { endTemplates, ownerOf, tellOver, templatesOf } from './end-templates.ts';
import { noteDestroyed, noteHolders } from './face-holders.ts';

export interface FaceBooking {
  readonly till: TillCaller;
  /** HQ's time. */
  readonly atMs: number;
  readonly log: HqLog;
}

/** After these a member has no template anywhere; the others name those that end. */
const EMBRACES_ALL: readonly FaceWithdrawal['reason'][] = [
  'withdrawn',
  'minor',
  'membership-ended',
];

/** Members whom the face items of an upload are about: they are locked before anything of them is booked. */
export function faceMembers(items: readonly ReadItem[]): string[] {
  return items.flatMap((item) => {
    if (item.kind === 'face-enrolment') return [item.enrolment.template.memberId];
    return item.kind === 'face-withdrawal' ? [item.withdrawal.memberId] : [];
  });
}

/**
 * Books what tills say of faces, in their order; each counts once, whether its outbox number or its own id comes again. The
 * order of tills does not matter: of an enrolment and the withdrawal that its consent was given before, the withdrawal
 * wins whichever is heard of first.
 * @param tx the upload's transaction, which holds the members, joins already booked
 */
export async function bookFaces(
  tx: HqSession,
  booking: FaceBooking,
  items: readonly ReadItem[],
): Promise<void> {
  for (const item of items) {
    if (item.kind === 'face-enrolment') await bookEnrolment(tx, booking, item.enrolment);
    if (item.kind === 'face-withdrawal') await bookWithdrawal(tx, booking, item.withdrawal);
  }
}

async function bookEnrolment(
  tx: HqSession,
  { till, atMs, log }: FaceBooking,
  { consent, template }: FaceEnrolment,
): Promise<void> {
  const { templateId, memberId, storeId } = template;
  const known = await tx.query('SELECT 1 FROM face_templates WHERE template_id = $1', [templateId]);
  if (known.length > 0) return;
  const ownerId = await ownerOf(tx, memberId);
  const over = await whyOver(tx, { consent, template }, ownerId, till);
  if (over === undefined && ownerId !== undefined) {
    const carrying = { storeId, reason: 'visit', atMs } as const;
    await carryMembers(tx, carrying, [memberId, ownerId]);
    await insert(tx, { consent, template }, ownerId);
    await noteHolders(tx, till.tillId, [templateId], atMs);
    await endOldest(tx, { memberId, ownerId }, atMs);
    return;
  }
  if (over === 'refused')
    log('warn', 'a face template does not fit its consent', { tillId: till.tillId, templateId });
  const whose = { memberId, ownerId: ownerId ?? memberId };
  await endTemplates(tx, [templateId], whose, { reason: over ?? 'membership-ended', atMs });
  // Of a template that ended unheard nobody had said whose it was.
  await tx.query(
    `UPDATE face_ends SET member_id = $2, owner_id = $3 WHERE template_id = $1 AND member_id = ''`,
    [templateId, memberId, whose.ownerId],
  );
  await noteHolders(tx, till.tillId, [templateId], atMs);
  await tellOver(tx, templateId, till.storeId, atMs);
}

/** Why an enrolment is over before it is heard of; undefined = it is not. */
async function whyOver(
  tx: HqSession,
  { consent, template }: FaceEnrolment,
  ownerId: string | undefined,
  till: TillCaller,
): Promise<string | undefined> {
  const fits =
    template.tillId === till.tillId &&
    consent.memberId === template.memberId &&
    consent.consentId === template.consentId &&
    consent.scope === template.scope &&
    consent.storeId === template.storeId;
  if (!fits) return 'refused';
  if (ownerId === undefined) return 'membership-ended';
  const [ended] = await tx.query<{ reason: string }>(
    `SELECT reason FROM face_ends WHERE template_id = $1
     UNION ALL (
       SELECT reason FROM face_withdrawals
       WHERE embraces_all AND at_ms >= $4 AND (owner_id IN ($2, $3) OR member_id IN ($2, $3))
       ORDER BY at_ms LIMIT 1)
     LIMIT 1`,
    [template.templateId, template.memberId, ownerId, Date.parse(consent.at)],
  );
  return ended?.reason;
}

async function insert(
  tx: HqSession,
  { consent, template }: FaceEnrolment,
  ownerId: string,
): Promise<void> {
  await tx.query('INSERT INTO face_consents VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [
    consent.consentId,
    consent.memberId,
    canonicalJson(consent),
    Date.parse(consent.at),
  ]);
  await tx.query('INSERT INTO face_templates VALUES ($1, $2, $3, $4, $5, $6, $7)', [
    template.templateId,
    template.memberId,
    ownerId,
    template.scope,
    template.storeId,
    canonicalJson(template),
    Date.parse(template.at),
  ]);
}

async function endOldest(
  tx: HqSession,
  whose: { readonly memberId: string; readonly ownerId: string },
  atMs: number,
): Promise<void> {
  const all = await templatesOf(tx, whose);
  const oldest = all.slice(0, Math.max(0, all.length - TEMPLATES_PER_MEMBER_MAX));
  const ids = oldest.map((one) => one.template_id);
  await endTemplates(tx, ids, whose, { reason: 'replaced', atMs });
}

async function bookWithdrawal(
  tx: HqSession,
  { till, atMs }: FaceBooking,
  withdrawal: FaceWithdrawal,
): Promise<void> {
  const { memberId, reason, templateIds } = withdrawal;
  const ownerId = (await ownerOf(tx, memberId)) ?? memberId;
  const embracesAll = EMBRACES_ALL.includes(reason);
  const fresh = await tx.query(
    `INSERT INTO face_withdrawals VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT DO NOTHING RETURNING withdrawal_id`,
    [
      withdrawal.withdrawalId,
      memberId,
      ownerId,
      embracesAll,
      reason,
      canonicalJson(withdrawal),
      Date.parse(withdrawal.at),
    ],
  );
  if (fresh.length === 0) return;
  const whose = { memberId, ownerId };
  const all = embracesAll ? await templatesOf(tx, whose) : [];
  const ids = [...templateIds, ...all.map((one) => one.template_id)];
  await endTemplates(tx, ids, whose, { reason, atMs });
  await noteDestroyed(tx, till.tillId, templateIds, atMs);
}
