import { type Member, memberSchema } from '../agent/contract/member.ts';
import { assert } from '../agent/contract/result.ts';
import { toInstant } from '../agent/contract/time.ts';
import { DAY_MS, dayOf } from './calendar.ts';
import { withCheckDigit } from './check-digit.ts';
import { drawGroups, drawHistory, drawTags, PRIORITY_LANE_SPEND_MINOR } from './member-facts.ts';
import { drawName } from './names.ts';
import type { Prng } from './prng.ts';

export const DEMO_MEMBERS = 5_000;

/**
 * China keeps no block of mobile numbers for examples. These three prefixes have the shape of one
 * and are allotted to no carrier that we know of, so a demo number should reach nobody.
 */
const phonePrefixes = ['154', '161', '164'] as const;

/** Static cards: prefix of the restricted range for use inside a company, ten digits, check digit. */
const CARD_PREFIX = '29';
/** GS1's prefix for demonstrations with a company part; nine digits and the check digit follow. */
const GSRN_PREFIX = '95200019';

/** How many of ten thousand members do not shop as usual. */
const statusShare = { blocked: 40, expired: 80, merged: 50 } as const;

/** How many of ten thousand members name no birthday, no phone or no card. */
const missing = { birthday: 400, phone: 150, card: 1_200 } as const;

/** Draws the members of the demo chain; ids, phones, cards and GSRNs are unique. */
export function drawMembers(prng: Prng, storeIds: readonly string[], nowMs: number): Member[] {
  const phones = new Set<string>();
  const members: Member[] = [];
  for (let index = 0; index < DEMO_MEMBERS; index += 1) {
    members.push(drawMember(prng, index, storeIds, phones, nowMs));
  }
  return members.map((member, index) =>
    member.status === 'merged' ? { ...member, mergedInto: activeBeside(members, index) } : member,
  );
}

/** The number of the static card with this running number: 13 digits. */
export function cardNumber(running: number): string {
  return withCheckDigit(`${CARD_PREFIX}${String(running).padStart(10, '0')}`);
}

/** The right not to queue, for members whose spend of the year reaches the bound. */
export function entitlementsFor(yearSpendMinor: number): Member['entitlements'] {
  return yearSpendMinor >= PRIORITY_LANE_SPEND_MINOR ? [{ kind: 'priority-lane' }] : [];
}

function drawMember(
  prng: Prng,
  index: number,
  storeIds: readonly string[],
  phones: Set<string>,
  nowMs: number,
): Member {
  const history = drawHistory(prng);
  const birthday = prng.chance(missing.birthday) ? null : drawBirthday(prng);
  const birthYear = birthday === null ? null : Number(birthday.slice(0, 4));
  const facts = { ...history, birthYear };
  const status = drawStatus(prng);
  return memberSchema.parse({
    memberId: `m-${String(index + 1).padStart(5, '0')}`,
    name: drawName(prng),
    ...(!prng.chance(missing.phone) && { phone: drawPhone(prng, phones) }),
    cards: prng.chance(missing.card) ? [] : [cardNumber(5_200_000 + index * 7)],
    gsrn: withCheckDigit(`${GSRN_PREFIX}${String(100_000_000 + index)}`),
    ...history,
    groups: drawGroups(prng, facts),
    tags: drawTags(prng, facts),
    status,
    ...(status === 'expired' && { validUntil: dayOf(nowMs - prng.between(2, 400) * DAY_MS) }),
    ...(birthday !== null && { birthday }),
    homeStoreId: prng.weighted(storeIds.map((id, nth) => [id, [55, 30, 15][nth] ?? 5] as const)),
    entitlements: entitlementsFor(history.yearSpendMinor),
    updatedAt: toInstant(nowMs - prng.below(30 * DAY_MS)),
  });
}

function drawPhone(prng: Prng, taken: Set<string>): string {
  for (;;) {
    // No leading zero after the prefix: those numbers belong to the showcase.
    const phone = `${prng.pick(phonePrefixes)}${prng.between(10_000_000, 99_999_999)}`;
    if (!taken.has(phone)) {
      taken.add(phone);
      return phone;
    }
  }
}

/** Mostly adults; one in a hundred is a child whose guardian signed up. */
function drawBirthday(prng: Prng): string {
  const year = prng.chance(100) ? prng.between(2013, 2016) : prng.between(1946, 2007);
  const month = String(prng.between(1, 12)).padStart(2, '0');
  return `${year}-${month}-${String(prng.between(1, 28)).padStart(2, '0')}`;
}

function drawStatus(prng: Prng): Member['status'] {
  const usual = 10_000 - statusShare.blocked - statusShare.expired - statusShare.merged;
  return prng.weighted<Member['status']>([
    ['active', usual],
    ['blocked', statusShare.blocked],
    ['expired', statusShare.expired],
    ['merged', statusShare.merged],
  ]);
}

function activeBeside(members: readonly Member[], index: number): Member['memberId'] {
  const isActive = ({ status }: Member): boolean => status === 'active';
  const found =
    members.slice(index + 1).find(isActive) ?? members.slice(0, index).findLast(isActive);
  assert(found !== undefined, 'the demo chain has an active member');
  return found.memberId;
}
