import {
  MEMBER_MAX_CARDS,
  MEMBER_MAX_GROUPS,
  MEMBER_MAX_TAGS,
} from '../../../../agent/contract/member.ts';
import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import type { HqSession } from '../../database/database.ts';
import { asSet, type Facts, type FindKind } from './claims.ts';
import {
  aliveOf,
  followMerges,
  type HqMember,
  pointsBrought,
  projectMember,
  readHqMembers,
} from './hq-members.ts';
import { keysThatFind, recordsOf, type SourceRecordOfKey } from './proof-rows.ts';

/** A field in which HQ has something else. */
export interface Difference {
  readonly field: string;
  readonly hq: unknown;
}

/** A row of the source that HQ has, and the fields in which HQ differs without a rule that says so. */
export interface Judged {
  readonly record: SourceRecordOfKey;
  readonly differs: readonly Difference[];
  /** When HQ last changed it, in epoch milliseconds. */
  readonly changedMs: number;
  /** Only points differ, and those were spent or moved since by somebody's booking. */
  readonly isBooked: boolean;
}

/** Everything that the rules of the import look at beside a row itself. */
interface Context {
  readonly hq: ReadonlyMap<string, HqMember>;
  readonly said: ReadonlyMap<string, Facts>;
  readonly partners: ReadonlyMap<string, readonly string[]>;
  readonly holders: ReadonlyMap<string, string>;
}

const FINDS: readonly FindKind[] = ['phone', 'cards', 'gsrn', 'mergedInto'];
/** Lists that a merge unites, and how many each takes. */
const UNITED: Readonly<Record<string, number>> = {
  groups: MEMBER_MAX_GROUPS,
  tags: MEMBER_MAX_TAGS,
  entitlements: 50,
};

/**
 * Compares rows with what HQ has, and takes as equal what a rule of the import explains (agent/decisions/0013-import.md): two
 * rows of one phone are one member, who has what either brought; a card or GSRN that another row of the source, or a
 * member from elsewhere, had first stays there. Nothing else is explained.
 */
export async function judgeMembers(
  tx: HqSession,
  records: readonly SourceRecordOfKey[],
  hq: ReadonlyMap<string, HqMember>,
): Promise<Judged[]> {
  const suspects = records.flatMap((record) => {
    const held = hq.get(record.key);
    if (held === undefined) return [];
    return isEqual(record.facts, projectMember(record.facts, held)) ? [] : [{ record, held }];
  });
  if (suspects.length === 0) return [];
  const context = await contextOf(tx, suspects);
  return suspects.flatMap(({ record, held }) => {
    const differs = differencesOf(record, held, context);
    if (differs.length === 0) return [];
    const alive = aliveOf(context.hq, record.key) ?? held;
    const changedMs = Math.max(hourOf(held), hourOf(alive));
    const isBooked =
      differs.every(({ field }) => field === 'points') &&
      alive.account?.brought?.[record.key] === record.facts['points'] &&
      Object.keys(alive.account?.booked ?? {}).length > 0;
    return [{ record, differs, changedMs, isBooked }];
  });
}

interface Suspect {
  readonly record: SourceRecordOfKey;
  readonly held: HqMember;
}

async function contextOf(tx: HqSession, suspects: readonly Suspect[]): Promise<Context> {
  const hq = new Map(suspects.map(({ held }) => [held.key, held]));
  await followMerges(tx, hq);
  const wanted: Readonly<Record<FindKind, string[]>> = {
    phone: suspects.flatMap(({ record }) => textOf(record.facts['phone'])),
    gsrn: suspects.flatMap(({ record }) => textOf(record.facts['gsrn'])),
    cards: suspects.flatMap(({ record, held }) => [
      ...listOf(record.facts['cards']),
      ...held.cards,
    ]),
    mergedInto: suspects.map(({ record }) => record.key),
  };
  const partners = new Map<string, string[]>();
  const keys = new Set<string>();
  for (const what of FINDS) {
    for (const { value, key } of await keysThatFind(tx, what, [...new Set(wanted[what])])) {
      partners.set(`${what} ${value}`, [...(partners.get(`${what} ${value}`) ?? []), key]);
      keys.add(key);
    }
  }
  const held = await tx.query<{ number: string; key: string }>(
    `SELECT 'cards ' || card AS number, member_id AS key FROM member_cards WHERE card = ANY($1::text[])
     UNION ALL SELECT 'gsrn ' || gsrn, member_id FROM members WHERE gsrn = ANY($2::text[])`,
    [wanted.cards, wanted.gsrn],
  );
  for (const { key } of held) keys.add(key);
  const said = await recordsOf(tx, [...keys]);
  const others = [...keys].filter((key) => !hq.has(key));
  for (const [key, one] of await readHqMembers(tx, others)) hq.set(key, one);
  await followMerges(tx, hq);
  return { hq, said, partners, holders: new Map(held.map(({ number, key }) => [number, key])) };
}

function differencesOf(
  { key, facts }: SourceRecordOfKey,
  held: HqMember,
  context: Context,
): Difference[] {
  if (held.member === undefined) return [{ field: 'body', hq: null }];
  const wasMerged = held.member.status === 'merged' && facts['status'] !== 'merged';
  return wasMerged ? ofMerged(key, facts, held, context) : ofOwn(key, facts, held, context);
}

/** A row whose member HQ has united with another one: what that one must have of it. */
function ofMerged(key: string, facts: Facts, held: HqMember, context: Context): Difference[] {
  const alive = aliveOf(context.hq, key);
  const phone = facts['phone'];
  if (alive?.member === undefined || phone === undefined || alive.member.phone !== phone) {
    return [{ field: 'status', hq: 'merged' }];
  }
  const differs: Difference[] = [];
  if (alive.phone !== phone) differs.push({ field: 'phone', hq: alive.phone });
  const cards = [...alive.cards, ...held.cards];
  const lost = listOf(facts['cards']).filter(
    (card) => !cards.includes(card) && !staysElsewhere('cards', card, alive.key, context),
  );
  if (lost.length > 0) differs.push({ field: 'cards', hq: asSet(cards) });
  const { gsrn } = facts;
  const hasGsrn = gsrn === undefined || [alive.gsrn, held.gsrn].includes(gsrn as string);
  if (!hasGsrn && !staysElsewhere('gsrn', gsrn as string, alive.key, context))
    differs.push({ field: 'gsrn', hq: alive.gsrn });
  for (const [field, most] of Object.entries(UNITED)) {
    const has = asSet(alive.member[field as 'tags']);
    const lacks = listOf(facts[field]).some((item) => !has.includes(item));
    if (lacks && has.length < most) differs.push({ field, hq: has });
  }
  const points = pointsBrought(alive.account, key);
  if (facts['points'] !== undefined && !isEqual(facts['points'], points))
    differs.push({ field: 'points', hq: points });
  return differs;
}

function ofOwn(key: string, facts: Facts, held: HqMember, context: Context): Difference[] {
  const projected: Record<string, unknown> = { ...projectMember(facts, held) };
  const into = facts['status'] === 'merged' ? aliveOf(context.hq, key) : undefined;
  if (into !== undefined && 'points' in facts)
    projected['points'] = pointsBrought(into.account, key);
  const group = groupOf(key, facts, held, context);
  return Object.entries(projected).flatMap(([field, hq]) => {
    const said = facts[field];
    if (isEqual(said, hq) || isExplained(field, said, hq, { key, facts, held, group, context }))
      return [];
    return [{ field, hq }];
  });
}

/** What the other rows say that HQ has united with this one. */
function groupOf(
  key: string,
  facts: Facts,
  held: HqMember,
  { partners, said, hq }: Context,
): Facts[] {
  const numbers = [
    ...textOf(facts['phone']).map((value) => `phone ${value}`),
    ...textOf(facts['gsrn']).map((value) => `gsrn ${value}`),
    ...held.cards.map((value) => `cards ${value}`),
    `mergedInto ${key}`,
  ];
  const keys = new Set(numbers.flatMap((number) => partners.get(number) ?? []));
  keys.delete(key);
  return [...keys].flatMap((other) => {
    const theirs = said.get(other);
    return theirs !== undefined && aliveOf(hq, other)?.key === key ? [theirs] : [];
  });
}

interface Asked {
  readonly key: string;
  readonly facts: Facts;
  readonly held: HqMember;
  readonly group: readonly Facts[];
  readonly context: Context;
}

function isExplained(field: string, said: unknown, hq: unknown, asked: Asked): boolean {
  const { key, facts, held, group, context } = asked;
  switch (field) {
    case 'cards': {
      const [own, has] = [listOf(said), listOf(hq)];
      const isFull = held.cards.length >= MEMBER_MAX_CARDS;
      return (
        has.filter((card) => !own.includes(card)).every((card) => inGroup(group, 'cards', card)) &&
        own
          .filter((card) => !has.includes(card))
          .every((card) => isFull || staysElsewhere('cards', card, key, context))
      );
    }
    case 'gsrn':
      return hq === null && staysElsewhere('gsrn', said as string, key, context);
    case 'phone':
      // A merged member's phone is that of whoever it was merged into.
      return facts['status'] === 'merged' && hq === null;
    case 'groups':
    case 'tags':
    case 'entitlements': {
      const [own, has] = [listOf(said), listOf(hq)];
      const hasOwn = own.every((item) => has.includes(item));
      return hasOwn && has.every((item) => own.includes(item) || inGroup(group, field, item));
    }
    case 'completedOrders':
    case 'yearSpendMinor':
      return group.some((other) => isEqual(other[field], hq));
    case 'updatedAt':
      return group.length > 0 && typeof hq === 'string' && hq >= (said as string);
    default:
      return false;
  }
}

function inGroup(group: readonly Facts[], field: string, item: string): boolean {
  return group.some((other) => listOf(other[field]).includes(item));
}

/** Whether a number rightly lies with somebody else: with a row that brings it too, or with a member from elsewhere. */
function staysElsewhere(
  what: 'cards' | 'gsrn',
  value: string,
  key: string,
  { holders, said, hq }: Context,
): boolean {
  const holder = holders.get(`${what} ${value}`);
  if (holder === undefined || holder === key) return false;
  if (aliveOf(hq, holder)?.key === key) return true;
  const theirs = said.get(holder);
  return (
    theirs === undefined ||
    (what === 'gsrn' ? theirs['gsrn'] === value : listOf(theirs['cards']).includes(value))
  );
}

function isEqual(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null);
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as string[]) : [];
}

function textOf(value: unknown): string[] {
  return typeof value === 'string' ? [value] : [];
}

function hourOf({ member }: HqMember): number {
  return member === undefined ? 0 : Date.parse(member.updatedAt);
}
