import { err, ok, type Result } from '../../../agent/contract/result.ts';
import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import type { HqInput, HqReply } from '../../protocol/hq-api.ts';
import { type HqFailure, hqFailure } from '../../protocol/hq-error.ts';
import { holdMembers } from '../books/held-members.ts';
import { transact } from '../books/transact.ts';
import type { HqDeps } from '../deps.ts';
import { endTemplates, ownerOf, templatesOf } from './end-templates.ts';

const ID_BYTES = 16;

/**
 * Ends every template of a member who asked headquarters for it, by phone say; the tills are told. Consents up to this
 * moment are over too, so an enrolment that a till has yet to send comes too late.
 * @param by who did it, for the record
 */
export async function withdrawFaces(
  deps: HqDeps,
  by: string,
  { memberId, reason }: HqInput<'withdrawFaces'>,
): Promise<Result<HqReply<'withdrawFaces'>, HqFailure>> {
  const withdrawalId = `hq-${Buffer.from(deps.random(ID_BYTES)).toString('hex')}`;
  const done = await transact(deps, async (tx) => {
    await holdMembers(tx, [memberId]);
    const ownerId = await ownerOf(tx, memberId);
    if (ownerId === undefined) return err(hqFailure('member-unknown', 'memberId'));
    const whose = { memberId, ownerId };
    const all = await templatesOf(tx, whose);
    const nowMs = deps.nowMs();
    // A till's clock may be fast: what was agreed to there is over all the same.
    const atMs = Math.max(nowMs, ...all.map(({ at_ms }) => at_ms));
    await tx.query('INSERT INTO face_withdrawals VALUES ($1, $2, $3, true, $4, $5, $6)', [
      withdrawalId,
      memberId,
      ownerId,
      'withdrawn',
      canonicalJson({ by, reason }),
      atMs,
    ]);
    const ids = all.map((one) => one.template_id);
    const ended = await endTemplates(tx, ids, whose, { reason: 'withdrawn', atMs: nowMs });
    return ok({ ended });
  });
  // No log names a member; the record by this id does.
  if (done.ok) deps.log('info', 'a face was withdrawn', { by, withdrawalId, ...done.value });
  return done;
}
