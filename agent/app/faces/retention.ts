import {
  type Failure,
  faceSettingSchema,
  ok,
  type Result,
  type TemplateId,
} from '../../contract/index.ts';
import { whyOver } from '../../domain/face-consent/why-over.ts';
import type { FaceRow } from '../../store/store.ts';
import { storageSafe } from '../work.ts';
import { faceSettingOf } from './consent.ts';
import { endTemplates, type TemplatesEnd } from './end-templates.ts';
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
 * that are over. Also with faces switched off. The till goes on with other things between the pages.
 * @param provenMs the time that the till has seen pass: a clock set wrong for an hour must not cost a year of templates
 * @param turn gives the till its turn after each page; false = stop, and the rest is left to the next time
 * @returns how many ended; {@link ENDED_PER_RUN_MAX} = there may be more
 */
export async function endWhatIsOver(
  parts: FaceParts,
  templates: Pick<KeptTemplates, 'refresh'>,
  provenMs: number,
  turn: () => Promise<boolean> = async () => true,
): Promise<Result<number, Failure>> {
  const { store } = parts;
  let count = 0;
  for (let after = ''; count < ENDED_PER_RUN_MAX; ) {
    const page = storageSafe(() => {
      const rows = store.faces.after(after, PAGE_ROWS);
      const term = termOf(parts, provenMs);
      return { rows, over: rows.filter((row) => endOf(parts, row, term) !== undefined) };
    });
    if (!page.ok) return page;
    const { rows, over } = page.value;
    for (const { template } of over.slice(0, ENDED_PER_RUN_MAX - count)) {
      const done = endNow(parts, template.templateId, provenMs);
      await templates.refresh(template.memberId);
      if (!done.ok) return done;
      count += done.value;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) break;
    after = last.template.templateId;
    if (!(await turn())) break;
  }
  return ok(count);
}

/** Ends a template that is over and still there. @returns how many ended */
function endNow(parts: FaceParts, id: TemplateId, provenMs: number): Result<number, Failure> {
  const read = storageSafe(() => {
    const row = parts.store.faces.find(id);
    return row && endOf(parts, row, termOf(parts, provenMs));
  });
  if (!read.ok) return read;
  if (read.value === undefined) return ok(0);
  const ended = endTemplates(parts, read.value);
  return ended.ok ? ok(1) : ended;
}

/** How long templates are kept, and the day of the store by which that is reckoned. */
interface Term {
  readonly setting: typeof DEFAULTS;
  readonly day: string;
}

function termOf(parts: FaceParts, provenMs: number): Term {
  return { setting: faceSettingOf(parts) ?? DEFAULTS, day: dayOf(parts, provenMs) };
}

/** The end of a template that is over; undefined = it is not. */
function endOf(parts: FaceParts, row: FaceRow, { setting, day }: Term): TemplatesEnd | undefined {
  const { template, seenOn } = row;
  const { store } = parts;
  const memberId = aliveId(parts, template.memberId);
  const age = {
    enrolledOn: dayOf(parts, Date.parse(template.at)),
    seenOn,
    own: template.tillId === store.tillId,
  };
  const reason = whyOver(age, store.members.byId(memberId), setting, day);
  if (reason === undefined) return undefined;
  const templateIds = [template.templateId];
  const atMs = parts.clock.now();
  return { memberId, templateIds, reason, channel: 'rule', staffId: null, atMs };
}
