import { toInstant } from '../../../../agent/contract/time.ts';
import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import type { KeyedDraft } from '../keyed-target.ts';
import type { MemberDraft } from '../member-draft.ts';

/** What a source says of one row, field by field, in the form that HQ keeps it; lists in one order. */
export type Facts = Readonly<Record<string, unknown>>;

/** Numbers by which rows of one source may mean one person: phone, card, GSRN, and the member merged into. */
export type FindKind = 'phone' | 'cards' | 'gsrn' | 'mergedInto';

/** One row of the source after the import's own reading. */
export interface Claim {
  readonly rowNo: number;
  readonly key: string;
  readonly facts: Facts;
  readonly finds: readonly { readonly what: FindKind; readonly value: string }[];
}

/** Fields whose order says nothing. */
export const SET_FIELDS: ReadonlySet<string> = new Set(['cards', 'groups', 'tags', 'entitlements']);

/** A list as a set: each item's one text, sorted. */
export function asSet(list: readonly unknown[] = []): string[] {
  return [
    ...new Set(list.map((item) => (typeof item === 'string' ? item : canonicalJson(item)))),
  ].sort();
}

export function memberClaim(draft: MemberDraft): Claim {
  const { rowNo, memberId, facts, points, pointsExpiresOn, updatedAt } = draft;
  const said: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(facts))
    said[field] = SET_FIELDS.has(field) ? asSet(value as readonly unknown[]) : value;
  if (points !== undefined) said['points'] = points;
  if (pointsExpiresOn !== undefined) said['pointsExpiresOn'] = pointsExpiresOn;
  if (updatedAt !== undefined) said['updatedAt'] = toInstant(Date.parse(updatedAt));
  const finds: Claim['finds'][number][] = [];
  const { phone, gsrn, mergedInto, status, cards = [] } = facts;
  // A merged member claims nobody.
  if (status !== 'merged') {
    if (phone !== undefined) finds.push({ what: 'phone', value: phone });
    if (gsrn !== undefined) finds.push({ what: 'gsrn', value: gsrn });
    for (const card of cards) finds.push({ what: 'cards', value: card });
  } else if (mergedInto !== undefined) finds.push({ what: 'mergedInto', value: mergedInto });
  return { rowNo, key: memberId, facts: said, finds };
}

export function keyedClaim({ rowNo, key, facts }: KeyedDraft): Claim {
  return { rowNo, key, facts, finds: [] };
}

/**
 * What several rows of one key say together, by the rules of the import: a row with an earlier `updatedAt` is left out,
 * later cells replace earlier ones, cards are added and an empty list of them takes all away.
 */
export function foldFacts(before: Facts | undefined, more: Facts): Facts {
  if (before === undefined) return more;
  const [held, said] = [before['updatedAt'], more['updatedAt']] as (string | undefined)[];
  // A row without an hour is of the hour of the import, which is later than those that name one.
  if (said !== undefined && (held === undefined || said < held)) return before;
  const { updatedAt: _hour, ...rest } = before;
  const [own, added] = [before['cards'], more['cards']] as (readonly string[] | undefined)[];
  const cards =
    added === undefined || added.length === 0 ? {} : { cards: asSet([...(own ?? []), ...added]) };
  return { ...rest, ...more, ...cards };
}

/** An expiry day without points says nothing. */
export function settledFacts(facts: Facts): Facts {
  if (facts['pointsExpiresOn'] === undefined || Number(facts['points'] ?? 0) > 0) return facts;
  const { pointsExpiresOn: _day, ...rest } = facts;
  return rest;
}
