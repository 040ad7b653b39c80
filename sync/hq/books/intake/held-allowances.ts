import { VOUCHER_CODE_PREFIX } from '../../../../agent/contract/voucher.ts';
import { ownValue } from '../../../../agent/domain/benefits/own-value.ts';
import type { HqSession } from '../../database/database.ts';
import type { TillCaller } from '../../deps.ts';
import type { BookException } from '../exceptions.ts';
import type { ReadItem } from './read-items.ts';

interface Allowance {
  readonly id: string;
  readonly tillId: string;
  readonly coupon: string | null;
  /** Uses that the coupon is good for, where it is several: another holder takes nothing from this one then. */
  readonly times: number | null;
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
  /** Uses of those that are good for several. */
  readonly couponTimes?: Readonly<Record<string, number>> | undefined;
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
 * A coupon that works once has one holder, open or settled, or two while a hold takes the place of another; what was used
 * in fact weighs more than what is reserved.
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
              OR (kind = 'coupon' AND coalesce(times, 1) = 1 AND state IN ('open', 'settled') AND coupon = ANY($2))
           ORDER BY allowance_id FOR UPDATE`,
          [ids, coupons],
        );
  const all = new Map<string, Allowance>();
  for (const row of rows) {
    all.set(row.allowance_id, {
      id: row.allowance_id,
      tillId: row.till_id,
      coupon: row.coupon,
      times: row.times === 1 ? null : row.times,
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
  const holders = new Map<string, Set<Allowance>>();
  for (const one of all.values()) noteHolder(one);

  function noteHolder(allowance: Allowance): void {
    const { coupon, times, state } = allowance;
    if (coupon === null || times !== null) return;
    const held = holders.get(coupon) ?? new Set();
    holders.set(coupon, held);
    if (state === 'released') held.delete(allowance);
    else held.add(allowance);
  }

  function move(allowance: Allowance, state: Allowance['state']): void {
    allowance.state = state;
    noteHolder(allowance);
  }

  /** Makes `allowance` the one that used its coupon; not where another one has. */
  function takeCoupon(allowance: Allowance, coupon: string): SpentFault[] {
    const others = [...(holders.get(coupon) ?? [])].filter((one) => one !== allowance);
    const user = others.find(({ state }) => state === 'settled');
    if (user !== undefined) return [usedTwice(coupon, user)];
    for (const other of others) move(other, 'released');
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
    if (allowance.coupon !== null && allowance.times === null)
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
        const found = used.times === null ? takeCoupon(used, code) : [];
        // Nobody else's use stands in the way of one that is counted.
        if (used.times !== null) move(used, 'settled');
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
       hold_until_ms, created_at_ms, closed_at_ms, times)
     SELECT n.id, $1, $2, n.member_id, n.evaluation_id,
       CASE WHEN n.coupon IS NULL THEN 'points' ELSE 'coupon' END, n.coupon, n.state, $3, $3, $3, n.times
     FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[])
       AS n (id, member_id, evaluation_id, coupon, state, times)`,
    [
      till.tillId,
      till.incarnation,
      atMs,
      added.map((one) => one.id),
      added.map((one) => one.memberId),
      added.map((one) => one.evaluationId),
      added.map((one) => one.coupon),
      added.map((one) => one.state),
      added.map((one) => one.times),
    ],
  );
}

function unheardOf(id: string, tillId: string): Allowance {
  return {
    id,
    tillId,
    coupon: null,
    times: null,
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
    times: ownValue(facts.couponTimes ?? {}, code) ?? null,
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
