import type { MemberId } from '../../contract/ids.ts';

/**
 * Whether a template to be made is that of somebody who is enrolled as another member. Who that is must not be told on.
 * @param near members nearest to it, with their distance in the model's metric
 * @param own all ids of the member who enrols: accounts that have become theirs are no one else
 * @param limit distance at or below which two are taken for one person
 */
export function isDuplicate(
  near: readonly { readonly memberId: MemberId; readonly distance: number }[],
  own: ReadonlySet<MemberId>,
  limit: number,
): boolean {
  return near.some(({ memberId, distance }) => !own.has(memberId) && distance <= limit);
}
