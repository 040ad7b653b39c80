import { toInstant } from '../../../../agent/contract/time.ts';
import { MERGE_CHAIN_MAX } from '../../../../agent/domain/identify/follow-merge.ts';
import { lotIdOf } from '../../books/account.ts';
import type { HqSession } from '../../database/database.ts';
import { type ImportedMember, readImportedMember } from '../imported-member.ts';
import type { ImportedAccount } from '../points-brought.ts';
import { asSet, type Facts, SET_FIELDS } from './claims.ts';

/** A member as HQ has it: row, account, and the numbers under which it is found. */
export interface HqMember {
  readonly key: string;
  /** `undefined` where the row cannot be read. */
  readonly member: ImportedMember | undefined;
  readonly account: ImportedAccount | undefined;
  readonly phone: string | null;
  readonly gsrn: string | null;
  readonly cards: readonly string[];
}

export async function readHqMembers(
  tx: HqSession,
  keys: readonly string[],
): Promise<Map<string, HqMember>> {
  const rows = await tx.query<{
    key: string;
    phone: string | null;
    gsrn: string | null;
    body: string;
    account: string | null;
    cards: string[];
  }>(
    `SELECT m.member_id AS key, m.phone, m.gsrn, m.body, a.body AS account,
       ARRAY(SELECT card::text FROM member_cards AS c WHERE c.member_id = m.member_id) AS cards
     FROM members AS m LEFT JOIN point_accounts AS a ON a.member_id = m.member_id
     WHERE m.member_id = ANY($1::text[])`,
    [keys],
  );
  return new Map(
    rows.map(({ key, phone, gsrn, body, account, cards }) => {
      const read = parsed(() => readImportedMember(body));
      const balance =
        account === null ? undefined : parsed(() => JSON.parse(account) as ImportedAccount);
      return [key, { key, member: read, account: balance, phone, gsrn, cards }];
    }),
  );
}

/** Adds whom merged members were merged into. */
export async function followMerges(tx: HqSession, known: Map<string, HqMember>): Promise<void> {
  for (let step = 0; step < MERGE_CHAIN_MAX; step += 1) {
    const next = new Set<string>();
    for (const { member } of known.values()) {
      const into = member?.status === 'merged' ? member.mergedInto : undefined;
      if (into !== undefined && !known.has(into)) next.add(into);
    }
    if (next.size === 0) return;
    for (const [key, one] of await readHqMembers(tx, [...next])) known.set(key, one);
  }
}

/** The living member at the end of a chain of merges. */
export function aliveOf(known: ReadonlyMap<string, HqMember>, key: string): HqMember | undefined {
  let one = known.get(key);
  for (let step = 0; step < MERGE_CHAIN_MAX; step += 1) {
    if (one?.member?.status !== 'merged') return one;
    one = one.member.mergedInto === undefined ? undefined : known.get(one.member.mergedInto);
  }
  return one?.member?.status === 'merged' ? undefined : one;
}

/**
 * What HQ has of the fields that a source names, in the same form. A number that the row has but that does not find the
 * member differs from any number.
 */
export function projectMember(
  facts: Facts,
  { key, member, account, phone, gsrn, cards }: HqMember,
): Facts {
  if (member === undefined) return { body: null };
  const found: Readonly<Record<string, unknown>> = {
    phone:
      member.phone === (phone ?? undefined)
        ? member.phone
        : { row: member.phone ?? null, index: phone },
    gsrn:
      member.gsrn === (gsrn ?? undefined) ? member.gsrn : { row: member.gsrn ?? null, index: gsrn },
    cards: sameSet(member.cards, cards) ? member.cards : [...cards, { row: member.cards }],
    points: pointsBrought(account, key),
    pointsExpiresOn: lotBrought(account, key)?.expiresOn,
    updatedAt: instantOf(member.updatedAt),
  };
  const all: Readonly<Record<string, unknown>> = { ...member, ...found };
  return Object.fromEntries(
    Object.keys(facts).map((field) => {
      const value = all[field] ?? null;
      return [field, SET_FIELDS.has(field) ? asSet((value ?? []) as readonly unknown[]) : value];
    }),
  );
}

/** The balance that imports brought, where its lot still has it; else both. */
export function pointsBrought(account: ImportedAccount | undefined, key: string): unknown {
  const brought = account?.brought?.[key] ?? 0;
  const left = lotBrought(account, key)?.points ?? 0;
  return brought === left ? brought : { brought, left };
}

function lotBrought(account: ImportedAccount | undefined, key: string) {
  const lotId = lotIdOf(`import-${key}`);
  return account?.lots.find((lot) => lot.lotId === lotId);
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return asSet(a).join('\n') === asSet(b).join('\n');
}

function instantOf(text: string): string {
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) ? text : toInstant(epochMs);
}

function parsed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    // A row that is no JSON differs from everything, which is what the proof then says.
    return undefined;
  }
}
