import { MEMBER_MAX_CARDS, memberSchema } from '../../../agent/contract/member.ts';
import type { ProblemCode } from './import-problem.ts';
import { type ImportedMember, withYearFigure } from './imported-member.ts';
import type { MemberDraft } from './member-draft.ts';
import { later } from './member-merge.ts';

export interface MemberRules {
  readonly storeIds: ReadonlySet<string>;
  /** For a member without one; `undefined` = the row must name it. */
  readonly defaultTier: string | undefined;
  /** Stands for `updatedAt` where the row has none: when the import began. */
  readonly startedAt: string;
  /** A row counts also where HQ has one of a later hour. */
  readonly sourceWins?: boolean | undefined;
}

export interface CandidateFault {
  readonly field: string;
  readonly code: ProblemCode;
}

export type Candidate =
  | { readonly ok: true; readonly member: ImportedMember; readonly cardsLeft: boolean }
  | { readonly ok: false; readonly faults: readonly CandidateFault[] };

/**
 * The member that a row describes: what HQ has, with what the row says in its place. Cards are added, because systems
 * export one row for each card and a merged member has those of both; an empty list takes them away.
 */
export function candidateOf(
  draft: MemberDraft,
  before: ImportedMember | undefined,
  rules: MemberRules,
): Candidate {
  const faults: CandidateFault[] = [];
  const { homeStoreId } = draft.facts;
  if (homeStoreId !== undefined && !rules.storeIds.has(homeStoreId)) {
    faults.push({ field: 'homeStoreId', code: 'unknown-store' });
  }
  const facts = { ...before, ...draft.facts };
  if (facts.name === undefined) faults.push({ field: 'name', code: 'missing' });
  const tier = facts.tier ?? rules.defaultTier;
  if (tier === undefined) faults.push({ field: 'tier', code: 'missing' });
  if (facts.status === 'merged' && facts.mergedInto === undefined) {
    faults.push({ field: 'mergedInto', code: 'merged-without-target' });
  }
  if (faults.length > 0) return { ok: false, faults };
  const cards = cardsOf(before?.cards ?? [], draft.facts.cards);
  const { mergedInto, ...rest } = facts;
  const parsed = memberSchema.safeParse({
    ...rest,
    ...(facts.status === 'merged' ? { mergedInto } : {}),
    memberId: draft.memberId,
    cards: cards.slice(0, MEMBER_MAX_CARDS),
    tier,
    updatedAt: draft.updatedAt ?? later(before?.updatedAt ?? rules.startedAt, rules.startedAt),
  });
  if (parsed.success) {
    const member: ImportedMember = { ...keptBeside(before, draft, parsed.data), ...parsed.data };
    return { ok: true, member, cardsLeft: cards.length > MEMBER_MAX_CARDS };
  }
  const fields = new Set(parsed.error.issues.map(({ path }) => String(path[0] ?? '')));
  return { ok: false, faults: [...fields].map((field) => ({ field, code: 'invalid' })) };
}

/**
 * What HQ keeps beside the facts, without what belongs to a figure that the row replaces. A tier is given by hand from
 * then on only where the row says it: what spend has reached stays for the monthly run to judge, whatever spend a row says.
 */
function keptBeside(
  before: ImportedMember | undefined,
  { facts }: MemberDraft,
  after: ImportedMember,
): Partial<ImportedMember> {
  if (before === undefined) return {};
  const saysSpend = facts.yearSpendMinor !== undefined;
  const counted = saysSpend ? withYearFigure(before, after) : before;
  const { mergedInto: _into, tierGiven, completedOrdersBeyond, ...kept } = counted;
  const saysTier = facts.tier !== undefined;
  const saysOrders = facts.completedOrders !== undefined;
  return {
    ...kept,
    ...(saysTier || tierGiven === undefined ? {} : { tierGiven }),
    ...(saysOrders || completedOrdersBeyond === undefined ? {} : { completedOrdersBeyond }),
  };
}

function cardsOf(before: readonly string[], said: readonly string[] | undefined): string[] {
  if (said === undefined) return [...before];
  return said.length === 0 ? [] : [...new Set([...before, ...said])];
}
