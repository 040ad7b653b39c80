import {
  type FaceEndReason,
  type FaceWithdrawal,
  type Failure,
  type MemberId,
  type Result,
  type StaffId,
  type TemplateId,
  toInstant,
} from '../../contract/index.ts';
import { storageSafe } from '../work.ts';
import { type FaceParts, onceId } from './face-parts.ts';

/** Templates that one withdrawal names, at most; what is beyond goes into a further one. */
export const ENDED_TOGETHER_MAX = 16;

/** An end of templates of one member. */
export interface TemplatesEnd {
  readonly memberId: MemberId;
  readonly templateIds: readonly TemplateId[];
  readonly reason: FaceEndReason;
  readonly channel: FaceWithdrawal['channel'];
  readonly staffId: StaffId | null;
  readonly atMs: number;
}

/**
 * Ends templates: their keys are destroyed first, so that a crash at any later point leaves nothing that opens, and then, in
 * one transaction, the rows go and headquarters is told. Without a template headquarters is told all the same: other tills
 * may have some. Where the disk fails after the keys, `reconcile` does the rest.
 */
export function endTemplates(parts: FaceParts, end: TemplatesEnd): Result<FaceWithdrawal, Failure> {
  const { keys, store } = parts;
  return storageSafe(() => {
    for (const id of end.templateIds) keys.erase(id, end.reason, end.atMs);
    const first = store.transaction(() => queueEnd(parts, end));
    parts.onWritten?.();
    return first;
  });
}

/** The second half of {@link endTemplates}, inside the caller's transaction. */
export function queueEnd(
  { store, place }: Pick<FaceParts, 'store' | 'place'>,
  { memberId, templateIds, reason, channel, staffId, atMs }: TemplatesEnd,
): FaceWithdrawal {
  const { tillId } = store;
  const build = (from: number): FaceWithdrawal => ({
    withdrawalId: onceId('face', tillId, memberId, reason, atMs, from),
    memberId,
    templateIds: templateIds.slice(from, from + ENDED_TOGETHER_MAX),
    reason,
    channel,
    staffId,
    storeId: place().store.storeId,
    tillId,
    at: toInstant(atMs),
  });
  const first = build(0);
  for (let from = 0; from === 0 || from < templateIds.length; from += ENDED_TOGETHER_MAX)
    store.outbox.append({ kind: 'face-withdrawal', atMs, withdrawal: build(from) });
  for (const id of templateIds) store.faces.remove(id);
  return first;
}
