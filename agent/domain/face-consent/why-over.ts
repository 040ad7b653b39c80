import type { FaceEndReason, FaceSetting } from '../../contract/face-facts.ts';
import type { Member } from '../../contract/member.ts';
import { addDays } from '../calendar/day.ts';
import { isOldEnough } from '../face/face-age.ts';

/**
 * A till that did not enrol a template ends it so many days later than the one that did, which hears of visits first; it
 * does so at all because the other till may be gone.
 */
export const RETENTION_LATER_DAYS = 30;

/** A template as the rules about its end see it. Days are business days, `YYYY-MM-DD`. */
export interface TemplateAge {
  readonly enrolledOn: string;
  /** The last day on which the face was recognised here; null = never. */
  readonly seenOn: string | null;
  /** Whether this till enrolled it. */
  readonly own: boolean;
}

/**
 * Why a template is over by a rule on a day; undefined = it is not. A birthday that proves the member a minor ends it; one
 * that is not known any more does not, though nobody is recognised by it. A member who is blocked keeps it, and so does one
 * whose last valid day is over: a renewal is common, and until then no match counts.
 * @param member who the account has become; undefined = this till does not know, so only the time counts
 */
export function whyOver(
  template: TemplateAge,
  member: Member | undefined,
  { retentionDays, ageMin }: Pick<FaceSetting, 'retentionDays' | 'ageMin'>,
  day: string,
): Extract<FaceEndReason, 'retention' | 'minor' | 'membership-ended'> | undefined {
  if (member?.status === 'expired') return 'membership-ended';
  if (member?.birthday !== undefined && !isOldEnough(member.birthday, day, ageMin)) return 'minor';
  const bought = member?.lastPurchaseOn?.store ?? '';
  const last = [template.enrolledOn, template.seenOn ?? '', bought].sort().at(-1) ?? '';
  const keptDays = retentionDays + (template.own ? 0 : RETENTION_LATER_DAYS);
  return addDays(last, keptDays) < day ? 'retention' : undefined;
}
