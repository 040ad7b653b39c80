import { type Failure, faceSettingSchema, ok, type Result } from '../../contract/index.ts';
import { whyOver } from '../../domain/face-consent/why-over.ts';
import { faceSettingOf } from './consent.ts';
import { endTemplates } from './end-templates.ts';
import { aliveId, dayOf, type FaceParts } from './face-parts.ts';
import type { KeptTemplates } from './templates.ts';

/** Rows read at a time. */
const PAGE_ROWS = 500;
/** Templates that one run ends at most: each costs flushes of the disk. */
export const ENDED_PER_RUN_MAX = 100;

/** What counts where headquarters has set nothing: templates end whether or not faces are in use. */
const { retentionDays, ageMin } = faceSettingSchema.shape;
const DEFAULTS = {
  retentionDays: retentionDays.parse(undefined),
  ageMin: ageMin.parse(undefined),
};

/**
 * Ends templates that nobody was seen by for the time that they are kept, of members found to be minors, and of memberships
 * that are over. Also with faces switched off.
 * @param provenMs the time that the till has seen pass: a clock set wrong for an hour must not cost a year of templates
 * @returns how many ended; {@link ENDED_PER_RUN_MAX} = there may be more
 */
export async function endWhatIsOver(
  parts: FaceParts,
  templates: Pick<KeptTemplates, 'refresh'>,
  provenMs: number,
): Promise<Result<number, Failure>> {
  const { store } = parts;
  const setting = faceSettingOf(parts) ?? DEFAULTS;
  const day = dayOf(parts, provenMs);
  let count = 0;
  for (let after = ''; count < ENDED_PER_RUN_MAX; ) {
    const page = store.faces.after(after, PAGE_ROWS);
    for (const { template, seenOn } of page) {
      if (count === ENDED_PER_RUN_MAX) break;
      after = template.templateId;
      const memberId = aliveId(parts, template.memberId);
      const age = {
        enrolledOn: dayOf(parts, Date.parse(template.at)),
        seenOn,
        own: template.tillId === store.tillId,
      };
      const reason = whyOver(age, store.members.byId(memberId), setting, day);
      if (reason === undefined) continue;
      const ended = endTemplates(parts, {
        memberId,
        templateIds: [template.templateId],
        reason,
        channel: 'rule',
        staffId: null,
        atMs: parts.clock.now(),
      });
      await templates.refresh(template.memberId);
      if (!ended.ok) return ended;
      count += 1;
    }
    if (page.length < PAGE_ROWS) break;
  }
  return ok(count);
}
