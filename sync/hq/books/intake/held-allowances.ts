import { VOUCHER_CODE_PREFIX } from '../../../../agent/contract/voucher.ts';
import type { HqSession } from '../../database/database.ts';
import type { TillCaller } from '../../deps.ts';
import type { BookException } from '../exceptions.ts';
import type { ReadItem } from './read-items.ts';

interface Allowance {
  readonly id: string;
  readonly tillId: string;
  readonly coupon: string | null;
  /** The coupon is good for several uses, so another holder takes nothing from this one. */
  readonly isCounted: boolean;
  state: 'open' | 'settled' | 'released';
  /** Where the row stood when it was read; null where it was not in the database. */
  readonly stored: 'open' | 'settled' | 'released' | null;
  readonly memberId: string | null;
  readonly evaluationId: string;
}

/** What an entry says of reservations and coupons. */
export interface SpentFacts {
  readonly allowanceIds: readonly string[];
  readonly couponsUsed: readonly string[];
  readonly memberId: string | null;
  readonly entryId: string;
}

export interface SpentFault {
  readonly code: Extract<
    BookException,
    `allowance-${string}` | `coupon-${string}` | `voucher-${string}`
  >;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Reservations under lock, settled in memory and written in one go. */
export interface HeldAllowances {
  /** Settles what an entry spent; answers what does not fit, having booked it all the same. */
  spend(facts: SpentFacts): SpentFault[];
  /** Gives a reservation back; one that HQ has not heard of is noted, so that its request, come late, reserves nothing. */
  release(allowanceId: string): void;
  write(atMs: number): Promise<void>;
}

/**
 * Locks every reservation that uploaded items name, and whoever holds a coupon that they name, in the order of the id.
 * A coupon that works once has one holder, open or settled; what was used in fact weighs more than what is reserved.
 */
export async function holdAllowances(
  tx: HqSession,
  till: TillCaller,
  items: readonly ReadItem[],
): Promise<HeldAllowances> {
  const { ids, coupons } = namedIn(items);
  const rows =
    ids.length + coupons.length === 0
      ? []
      : await tx.query<{
          allowance_id: string;
          till_id: string;
          coupon: string | null;
          times: number | null;
          state: Allowance['state'];
          member_id: string | null;
          evaluation_id: string;
        }>(
          `SELECT allowance_id, till_id, coupon, times, state, member_id, evaluation_id FROM allowances
           WHERE allowance_id = ANY($1)
              OR (kind = 'coupon' AND times IS NULL AND state IN ('open', 'settled') AND coupon = ANY($2))
           ORDER BY allowance_id FOR UPDATE`,
          [ids, coupons],
        );
  const all = new Map<string, Allowance>();
  for (const row of rows) {
    all.set(row.allowance_id, {
      id: row.allowance_id,
      tillId: row.till_id,
      coupon: row.coupon,
      isCounted: row.times !== null,
      state: row.state,
      stored: row.state,
      memberId: row.member_id,
      evaluationId: row.evaluation_id,
    });
  }
  return overRows(tx, till, all);
}

function namedIn(items: readonly ReadItem[]): { ids: string[]; coupons: string[] } {
  const ids = new Set<string>();
  const coupons = new Set<string>();
  for (const item of items) {
    if (item.kind === 'release') ids.add(item.allowanceId);
    if (item.kind !== 'entry') continue;
    for (const id of item.facts.allowanceIds) ids.add(id);
    for (const code of item.facts.couponsUsed) coupons.add(code);
  }
  return { ids: [...ids], coupons: [...coupons] };
}

function overRows(tx: HqSession, till: TillCaller, all: Map<string, Allowance>): HeldAllowances {
  const holders = new Map<string, Allowance>();
  for (const one of all.values()) noteHolder(one);

  function noteHolder(allowance: Allowance): void {
    const { coupon, isCounted, state } = allowance;
    if (coupon === null || isCounted) return;
    if (state !== 'released') holders.set(coupon, allowance);
    else if (holders.get(coupon) === allowance) holders.delete(coupon);
  }

  function move(allowance: Allowance, state: Allowance['state']): void {
    allowance.state = state;
    noteHolder(allowance);
  }

  /** Makes `allowance` the one that used its coupon; not where another one has. */
  function takeCoupon(allowance: Allowance, coupon: string): SpentFault[] {
    const holder = holders.get(coupon);
    if (holder !== undefined && holder !== allowance) {
      if (holder.state === 'settled') return [usedTwice(coupon, holder)];
      move(holder, 'released');
    }
    move(allowance, 'settled');
    return [];
  }

  function settle(id: string): SpentFault[] {
    const allowance = all.get(id);
    if (allowance === undefined || allowance.tillId !== till.tillId)
      return [{ code: 'allowance-unknown', detail: { allowanceId: id } }];
    if (allowance.state === 'settled')
      return [{ code: 'allowance-settled-twice', detail: { allowanceId: id } }];
    // A coupon given back and used after all matters only where somebody else has used it.
    if (allowance.coupon !== null && !allowance.isCounted)
      return takeCoupon(allowance, allowance.coupon);
    const wasReleased = allowance.state === 'released';
    move(allowance, 'settled');
    return wasReleased ? [{ code: 'allowance-released', detail: { allowanceId: id } }] : [];
  }

  return {
    spend(facts) {
      const faults = facts.allowanceIds.flatMap(settle);
      const own = facts.allowanceIds.map((id) => all.get(id));
      const judged = new Set(own.map((one) => (one?.tillId === till.tillId ? one.coupon : null)));
      // What was used without a reservation of its own.
      for (const code of facts.couponsUsed.filter((one) => !judged.has(one))) {
        const used = usedCoupon(code, facts, till.tillId);
        const found = takeCoupon(used, code);
        if (found.length === 0) all.set(used.id, used);
        faults.push(...found);
      }
      return faults;
    },
    release(id) {
      const allowance = all.get(id);
      if (allowance === undefined) all.set(id, unheardOf(id, till.tillId));
      else if (allowance.tillId === till.tillId && allowance.state === 'open')
        move(allowance, 'released');
    },
    async write(atMs) {
      const changed = [...all.values()].filter(({ state, stored }) => state !== stored);
      const stored = changed.filter((one) => one.stored !== null);
      // Given back first: until then the next holder of a coupon would be a second one.
      for (const state of ['released', 'settled'] as const) {
        const ids = stored.filter((one) => one.state === state).map((one) => one.id);
        if (ids.length > 0)
          await tx.query(
            'UPDATE allowances SET state = $2, closed_at_ms = $3 WHERE allowance_id = ANY($1)',
            [ids, state, atMs],
          );
      }
      await insertAllowances(
        tx,
        till,
        atMs,
        changed.filter((one) => one.stored === null),
      );
    },
  };
}

/** Coupons that were used without a reservation, which nobody can reserve any more, and what was given back unheard of. */
async function insertAllowances(
  tx: HqSession,
  till: TillCaller,
  atMs: number,
  added: readonly Allowance[],
): Promise<void> {
  if (added.length === 0) return;
  await tx.query(
    `INSERT INTO allowances (allowance_id, till_id, incarnation, member_id, evaluation_id, kind, coupon, state,
       hold_until_ms, created_at_ms, closed_at_ms)
     SELECT n.id, $1, $2, n.member_id, n.evaluation_id,
       CASE WHEN n.coupon IS NULL THEN 'points' ELSE 'coupon' END, n.coupon, n.state, $3, $3, $3
     FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
       AS n (id, member_id, evaluation_id, coupon, state)`,
    [
      till.tillId,
      till.incarnation,
      atMs,
      added.map((one) => one.id),
      added.map((one) => one.memberId),
      added.map((one) => one.evaluationId),
      added.map((one) => one.coupon),
      added.map((one) => one.state),
    ],
  );
}

function unheardOf(id: string, tillId: string): Allowance {
  return {
    id,
    tillId,
    coupon: null,
    isCounted: false,
    state: 'released',
    stored: null,
    memberId: null,
    evaluationId: '',
  };
}

function usedCoupon(code: string, facts: SpentFacts, tillId: string): Allowance {
  return {
    id: `used:${facts.entryId}:${code}`,
    tillId,
    coupon: code,
    isCounted: false,
    state: 'released',
    stored: null,
    memberId: facts.memberId,
    evaluationId: facts.entryId,
  };
}

function usedTwice(coupon: string, holder: Allowance): SpentFault {
  return {
    code: coupon.startsWith(VOUCHER_CODE_PREFIX) ? 'voucher-used-twice' : 'coupon-used-twice',
    detail: { coupon, usedBy: holder.id, usedByTill: holder.tillId },
  };
}
