import { MEMBER_MAX_CARDS } from '../../../agent/contract/member.ts';
import { canonicalJson } from '../../../agent/domain/ledger/canonical-json.ts';
import { earliestDay } from '../books/chain-day.ts';
import { type ProblemCode, type RowProblem, rowProblem } from './import-problem.ts';
import { type ImportedMember, spendYearOf, withSpendYear } from './imported-member.ts';
import { maskValue } from './mask-value.ts';
import { candidateOf, type MemberRules } from './member-candidate.ts';
import type { MemberDraft } from './member-draft.ts';
import { later, mergeMembers, survives } from './member-merge.ts';
import type { MemberShelf } from './member-shelf.ts';
import { BROUGHT_MAX, bringPoints, type ImportedAccount, uniteAccounts } from './points-brought.ts';

/** What became of a row. */
export type RowOutcome = 'added' | 'changed' | 'unchanged' | 'merged' | 'refused';
export interface RowResult {
  readonly outcome: RowOutcome;
  readonly problems: readonly RowProblem[];
}

interface Step {
  readonly shelf: MemberShelf;
  readonly draft: MemberDraft;
  readonly rules: MemberRules;
  readonly problems: RowProblem[];
  say(field: string, code: ProblemCode, value?: unknown, detail?: string): void;
}

/**
 * Applies one row to the shelf by the stated rules (agent/decisions/0013-import.md): the same id updates, the same phone
 * merges, a card or GSRN stays with whoever has it. A refused row leaves the shelf as it was.
 */
export function applyMemberRow(
  shelf: MemberShelf,
  draft: MemberDraft,
  rules: MemberRules,
): RowResult {
  const problems: RowProblem[] = [];
  const step: Step = {
    shelf,
    draft,
    rules,
    problems,
    say(field, code, value = '', detail = '') {
      problems.push(rowProblem(draft.rowNo, field, code, maskValue(field, value), detail));
    },
  };
  const before = shelf.byId(draft.memberId);
  const alive = before?.status === 'merged' ? shelf.alive(draft.memberId) : undefined;
  const wasMerged = before !== undefined && alive !== undefined && draft.facts.status !== 'merged';
  const made = candidateOf(draft, wasMerged ? undefined : before, rules);
  if (!made.ok) {
    const said: Record<string, unknown> = draft.facts;
    for (const { field, code } of made.faults) step.say(field, code, said[field] ?? '');
    return { outcome: 'refused', problems };
  }
  if (wasMerged) return addToSurvivor(step, made.member, before, alive);
  const isOlder = before !== undefined && isBefore(draft.updatedAt, before.updatedAt);
  if (isOlder && rules.sourceWins !== true) {
    step.say('updatedAt', 'older-row', draft.updatedAt);
    return { outcome: 'unchanged', problems };
  }
  if (made.cardsLeft) step.say('cards', 'over-limit', '', String(MEMBER_MAX_CARDS));
  const partner = livingPhoneHolder(shelf, made.member);
  const member = withoutForeignNumbers(step, made.member, [made.member, partner]);
  return partner === undefined
    ? putAlone(step, member, before)
    : putMerged(step, member, before, partner);
}

function putAlone(
  step: Step,
  member: ImportedMember,
  before: ImportedMember | undefined,
): RowResult {
  const { shelf, draft, problems } = step;
  const target = member.status === 'merged' ? targetOf(step, member) : undefined;
  const owner = target?.memberId ?? member.memberId;
  const own = shelf.accountOf(member.memberId);
  const held = shelf.accountOf(owner);
  const moved =
    target === undefined || own.lots.length === 0
      ? undefined
      : uniteAccounts(held, own, todayOf(step));
  const account = withPoints(step, moved?.into ?? held, member.updatedAt);
  if (sharedByTooMany(account)) return refuseShared(step);
  const pointsMoved = account !== held;
  const hourOnly = draft.updatedAt === undefined && before !== undefined;
  const same =
    before !== undefined &&
    canonicalJson(before) ===
      canonicalJson(hourOnly ? { ...member, updatedAt: before.updatedAt } : member);
  if (!same) shelf.put(dated(step, member, before));
  if (pointsMoved) shelf.putAccount(account);
  if (moved !== undefined) shelf.putAccount(moved.emptied);
  if (before === undefined) return { outcome: 'added', problems };
  return { outcome: same && !pointsMoved ? 'unchanged' : 'changed', problems };
}

/** The living member that a row marked as merged points to. */
function targetOf(step: Step, member: ImportedMember): ImportedMember | undefined {
  const target = member.mergedInto === undefined ? undefined : step.shelf.alive(member.mergedInto);
  if (target === undefined) step.say('mergedInto', 'target-unknown', member.mergedInto ?? '');
  return target?.memberId === member.memberId ? undefined : target;
}

function putMerged(
  step: Step,
  member: ImportedMember,
  before: ImportedMember | undefined,
  partner: ImportedMember,
): RowResult {
  const { shelf, problems } = step;
  const keepsRow = survives(member, partner, { a: before !== undefined, b: true });
  const row = dated(step, member, before);
  const { survivor, loser, overLimit } = keepsRow
    ? mergeMembers(row, partner)
    : mergeMembers(partner, row);
  const left = shelf.accountOf(loser.memberId);
  const { into, emptied } = uniteAccounts(shelf.accountOf(survivor.memberId), left, todayOf(step));
  const account = withPoints(step, into, member.updatedAt);
  if (sharedByTooMany(account)) return refuseShared(step);
  for (const { field, max } of overLimit) step.say(field, 'over-limit', '', String(max));
  // The loser first: it gives up what the survivor takes over.
  shelf.put(loser);
  shelf.put(survivor);
  if (left.lots.length > 0) shelf.putAccount(emptied);
  if (account.lots.length > 0) shelf.putAccount(account);
  if (loser.homeStoreId !== undefined && loser.homeStoreId !== survivor.homeStoreId) {
    shelf.carry(survivor.memberId, loser.homeStoreId);
  }
  step.say('phone', 'merged', member.phone ?? '', `${loser.memberId} -> ${survivor.memberId}`);
  return { outcome: 'merged', problems };
}

/**
 * A row of an id that was merged away belongs to whoever it was merged into. What it says about itself was settled by
 * that merge; cards, tags and points that are still missing are added.
 */
function addToSurvivor(
  step: Step,
  row: ImportedMember,
  before: ImportedMember,
  alive: ImportedMember,
): RowResult {
  const { shelf, draft, rules, problems } = step;
  const { phone: _phone, gsrn: _gsrn, homeStoreId: _home, ...rest } = row;
  const cards = rest.cards.filter((card) => !before.cards.includes(card));
  const added = withoutForeignNumbers(step, { ...rest, cards }, [alive]);
  const { survivor, overLimit } = mergeMembers(alive, {
    ...added,
    completedOrders: 0,
    yearSpendMinor: 0,
    spendYear: spendYearOf(alive),
    updatedAt: alive.updatedAt,
  });
  const account = withPoints(step, shelf.accountOf(alive.memberId), rules.startedAt);
  if (sharedByTooMany(account)) return refuseShared(step);
  const same = canonicalJson(survivor) === canonicalJson(alive);
  const pointsMoved = account !== shelf.accountOf(alive.memberId);
  for (const { field, max } of overLimit) step.say(field, 'over-limit', '', String(max));
  const updatedAt = later(alive.updatedAt, draft.updatedAt ?? rules.startedAt);
  if (!same) shelf.put({ ...survivor, updatedAt });
  if (pointsMoved) shelf.putAccount(account);
  step.say('memberId', 'merged-before', draft.memberId, alive.memberId);
  return { outcome: same && !pointsMoved ? 'unchanged' : 'changed', problems };
}

/** The living member with another id who has this member's phone. A merged member claims nobody. */
function livingPhoneHolder(shelf: MemberShelf, member: ImportedMember): ImportedMember | undefined {
  if (member.phone === undefined || member.status === 'merged') return undefined;
  const holder = shelf.phoneHolder(member.phone);
  if (holder === undefined) return undefined;
  const alive = holder.status === 'merged' ? shelf.alive(holder.memberId) : holder;
  return alive?.memberId === member.memberId ? undefined : alive;
}

/**
 * Numbers that find somebody else stay there: a shared card is no proof that two are one person. A number that still
 * lies with an id merged into one of `own` finds them anyway.
 */
function withoutForeignNumbers(
  step: Step,
  member: ImportedMember,
  own: readonly (ImportedMember | undefined)[],
): ImportedMember {
  const { shelf, say } = step;
  const ids = new Set(own.map((one) => one?.memberId));
  const { phone, gsrn, ...rest } = member;
  const stays = (
    holder: ImportedMember | undefined,
    field: 'phone' | 'gsrn' | 'cards',
    value: string,
  ): boolean => {
    if (holder === undefined || ids.has(holder.memberId)) return true;
    if (ids.has(shelf.alive(holder.memberId)?.memberId)) return false;
    const code = { phone: 'phone-taken', gsrn: 'gsrn-taken', cards: 'card-taken' } as const;
    say(field, code[field], value, holder.memberId);
    return false;
  };
  return {
    ...rest,
    cards: member.cards.filter((card) => stays(shelf.cardHolder(card), 'cards', card)),
    ...(gsrn !== undefined && stays(shelf.gsrnHolder(gsrn), 'gsrn', gsrn) ? { gsrn } : {}),
    ...(phone !== undefined && stays(shelf.phoneHolder(phone), 'phone', phone) ? { phone } : {}),
  };
}

/** A row that says nothing of the spend leaves it to the year that it was counted in. */
function dated(
  { draft }: Step,
  member: ImportedMember,
  before: ImportedMember | undefined,
): ImportedMember {
  const says = before === undefined || draft.facts.yearSpendMinor !== undefined;
  const { spendYear: _year, ...rest } = member;
  return says ? rest : withSpendYear(member, spendYearOf(before));
}

/** The day of the import, or the one before it. */
function todayOf({ rules }: Step): string {
  return earliestDay(Date.parse(rules.startedAt));
}

/** The account with what the row brings; the same account where that changes nothing. */
function withPoints(step: Step, account: ImportedAccount, earnedAt: string): ImportedAccount {
  const { memberId, points, pointsExpiresOn } = step.draft;
  if (points === undefined) return account;
  const terms = { earnedAt, expiresOn: pointsExpiresOn, today: todayOf(step) };
  const brought = bringPoints(account, memberId, points, terms);
  if (brought.notTaken > 0) step.say('points', 'points-spent', points, String(brought.notTaken));
  return brought.account;
}

/** Nobody has so many cards: rows that would fill the account of one member beyond what a till takes are refused. */
function sharedByTooMany(account: ImportedAccount): boolean {
  return Object.keys(account.brought ?? {}).length > BROUGHT_MAX;
}

function refuseShared({ draft, problems, say }: Step): RowResult {
  say('phone', 'phone-shared', draft.facts.phone, String(BROUGHT_MAX));
  return { outcome: 'refused', problems };
}

function isBefore(row: string | undefined, held: string): boolean {
  return row !== undefined && Date.parse(row) < Date.parse(held);
}
