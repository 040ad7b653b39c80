import { endTemplates } from './end-templates.ts';
import type { UnderWay } from './enrol.ts';
import { aliveId, enrolledIds, type FaceParts } from './face-parts.ts';
import type { FaceEnrolments } from './ports.ts';
import type { KeptTemplates } from './templates.ts';

/**
 * Takes a member's consent back, at once and without headquarters: what this till has of them opens no more when it answers.
 * It works with faces switched off, for members whose template is elsewhere and for those whom this till does not know:
 * headquarters is told in any case. `withdrawalReceipt` puts the answer into words. Fails as the disk does; then it is to be
 * asked again.
 */
export function createWithdraw(
  parts: FaceParts,
  templates: Pick<KeptTemplates, 'refresh'>,
  underWay: UnderWay,
): FaceEnrolments['withdraw'] {
  return async ({ memberId: asked, channel, staffId }) => {
    const memberId = aliveId(parts, asked);
    const own = enrolledIds(parts, memberId);
    for (const one of underWay) if (own.includes(one.memberId)) one.isWithdrawn = true;
    const templateIds = own
      .flatMap((id) => parts.store.faces.ofMember(id))
      .map(({ template }) => template.templateId);
    const atMs = parts.clock.now();
    const end = { memberId, templateIds, reason: 'withdrawn', channel, staffId, atMs } as const;
    const ended = endTemplates(parts, end);
    // Also where the disk failed in the middle: what has no key any more leaves the gallery.
    for (const id of own) await templates.refresh(id);
    return ended;
  };
}
