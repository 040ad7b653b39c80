import {
  MEMBER_MAX_CARDS,
  MEMBER_MAX_ENTITLEMENTS,
  MEMBER_MAX_GROUPS,
  MEMBER_MAX_MONTHS,
  MEMBER_MAX_TAGS,
  type MemberStatus,
} from '../../../agent/contract/member.ts';
import {
  type ImportedMember,
  spendYearOf,
  withSpendYear,
  withYearFigure,
} from './imported-member.ts';

/** Lower is better: an active account is never swallowed by a blocked one. */
const RANK: Readonly<Record<MemberStatus, number>> = {
  active: 0,
  blocked: 1,
  expired: 2,
  merged: 3,
};

/** Two records of one person after merging. */
export interface MergedMembers {
  readonly survivor: ImportedMember;
  readonly loser: ImportedMember;
  /** What did not fit into the survivor. */
  readonly overLimit: readonly {
    readonly field: 'cards' | 'groups' | 'tags' | 'entitlements';
    readonly max: number;
  }[];
}

/**
 * Whether `a` keeps its id when it and `b` are one person: the better status, then the one that HQ has had longer, then
 * the lower id (shorter first, so that m-9 comes before m-10).
 */
export function survives(
  a: ImportedMember,
  b: ImportedMember,
  known: { readonly a: boolean; readonly b: boolean },
): boolean {
  if (RANK[a.status] !== RANK[b.status]) return RANK[a.status] < RANK[b.status];
  if (known.a !== known.b) return known.a;
  if (a.memberId.length !== b.memberId.length) return a.memberId.length < b.memberId.length;
  return a.memberId < b.memberId;
}

/**
 * Merges two records of one person. The survivor keeps its own facts; gaps are filled, cards, tags, groups and
 * entitlements united; of orders and spend the larger figure counts, because importing a file again must not count them
 * twice. The loser points to the survivor and keeps what the survivor has no room for, so that an old card still
 * finds its owner.
 */
export function mergeMembers(survivor: ImportedMember, loser: ImportedMember): MergedMembers {
  const overLimit: { field: 'cards' | 'groups' | 'tags' | 'entitlements'; max: number }[] = [];
  const unite = <T>(
    field: 'cards' | 'groups' | 'tags' | 'entitlements',
    max: number,
    keyOf: (item: T) => string,
    own: readonly T[],
    more: readonly T[],
  ): { kept: T[]; left: T[] } => {
    const seen = new Set(own.map(keyOf));
    const fresh = more.filter((item) => !seen.has(keyOf(item)));
    const kept = [...own, ...fresh.slice(0, Math.max(0, max - own.length))];
    const left = fresh.slice(Math.max(0, max - own.length));
    if (left.length > 0) overLimit.push({ field, max });
    return { kept, left };
  };
  const itself = (item: string): string => item;
  const cards = unite('cards', MEMBER_MAX_CARDS, itself, survivor.cards, loser.cards);
  const groups = unite('groups', MEMBER_MAX_GROUPS, itself, survivor.groups, loser.groups);
  const tags = unite('tags', MEMBER_MAX_TAGS, itself, survivor.tags, loser.tags);
  const entitlements = unite(
    'entitlements',
    MEMBER_MAX_ENTITLEMENTS,
    (item) => JSON.stringify(item),
    survivor.entitlements,
    loser.entitlements,
  );
  const { phone, gsrn, birthday, homeStoreId, validUntil } = loser;
  const gaps = { phone, gsrn, birthday, homeStoreId, validUntil };
  const filling = Object.entries(gaps).filter(([, value]) => value !== undefined);
  const updatedAt = later(survivor.updatedAt, loser.updatedAt);
  const { phone: _phone, gsrn: ownGsrn, mergedInto: _into, ...rest } = loser;
  const keepsGsrn =
    ownGsrn !== undefined && survivor.gsrn !== undefined && survivor.gsrn !== ownGsrn;
  const figure = figureOf(survivor, loser);
  const year = spendYearOf(figure);
  const { completedOrdersBeyond, ...own } = withYearFigure(survivor, figure);
  const completedOrders = Math.max(survivor.completedOrders, loser.completedOrders);
  const ordersStay = completedOrders === survivor.completedOrders;
  const united: ImportedMember = {
    ...(Object.fromEntries(filling) as Partial<ImportedMember>),
    ...own,
    cards: cards.kept,
    groups: groups.kept,
    tags: tags.kept,
    entitlements: entitlements.kept,
    completedOrders,
    ...historyOf(survivor, loser),
    ...(ordersStay && completedOrdersBeyond !== undefined ? { completedOrdersBeyond } : {}),
    updatedAt,
  };
  return {
    survivor: withSpendYear(united, year),
    loser: {
      ...rest,
      ...(keepsGsrn ? { gsrn: ownGsrn } : {}),
      cards: cards.left,
      groups: [],
      tags: [],
      entitlements: [],
      status: 'merged',
      mergedInto: survivor.memberId,
      updatedAt,
    },
    overLimit,
  };
}

/** Of each month the larger figure, of each channel the later purchase. */
function historyOf(
  survivor: ImportedMember,
  loser: ImportedMember,
): Pick<ImportedMember, 'monthSpendMinor' | 'lastPurchaseOn'> {
  const months = larger(survivor.monthSpendMinor, loser.monthSpendMinor);
  const kept = Object.entries(months).sort().slice(-MEMBER_MAX_MONTHS);
  const purchases = larger(survivor.lastPurchaseOn, loser.lastPurchaseOn);
  return {
    ...(kept.length === 0 ? {} : { monthSpendMinor: Object.fromEntries(kept) }),
    ...(Object.keys(purchases).length === 0 ? {} : { lastPurchaseOn: purchases }),
  };
}

function larger<Value extends number | string>(
  own: Readonly<Record<string, Value>> = {},
  more: Readonly<Record<string, Value>> = {},
): Record<string, Value> {
  const all = { ...more, ...own };
  for (const [key, value] of Object.entries(more))
    if (value > (all[key] ?? value)) all[key] = value;
  return all;
}

/** Whose spend counts: that of the later year; within one year the larger, and of equal ones the survivor's. */
function figureOf(survivor: ImportedMember, loser: ImportedMember): ImportedMember {
  const years = spendYearOf(loser) - spendYearOf(survivor);
  const isLarger = years === 0 && loser.yearSpendMinor > survivor.yearSpendMinor;
  return years > 0 || isLarger ? loser : survivor;
}

/** The later of two instants, whatever their offsets. */
export function later(a: string, b: string): string {
  return Date.parse(a) >= Date.parse(b) ? a : b;
}
