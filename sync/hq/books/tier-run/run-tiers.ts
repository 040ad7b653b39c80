import { err, ok, type Result } from '../../../../agent/contract/result.ts';
import { toInstant } from '../../../../agent/contract/time.ts';
import { monthOf } from '../../../../agent/domain/calendar/month.ts';
import { MERGE_CHAIN_MAX } from '../../../../agent/domain/identify/follow-merge.ts';
import { canonicalJson } from '../../../../agent/domain/ledger/canonical-json.ts';
import { yearsOf } from '../../../../agent/domain/members/count-booking.ts';
import type { HqFailure } from '../../../protocol/hq-error.ts';
import type { HqSession } from '../../database/database.ts';
import type { HqDeps } from '../../deps.ts';
import { chainDay } from '../chain-day.ts';
import { holdMembers } from '../held-members.ts';
import { type MemberBody, readMemberBody } from '../member-body.ts';
import { readSettings } from '../settings.ts';
import { transact } from '../transact.ts';
import { judgeTier, type TierInputs, type TierRules } from './judge-tier.ts';
import { type LedgerPlace, readTierInputs } from './read-tier-inputs.ts';
import { readTierRules } from './read-tier-rules.ts';

/** Members that are judged at a time. */
export const TIER_BATCH_MEMBERS = 500;
/** The advisory lock under which a run writes; arbitrary, but this program's only one of the number. */
const TIER_RUN_LOCK = 7_101_018;
/** Changes that a run names; all of them stand in `tier_changes`. */
export const TIER_CHANGES_NAMED_MAX = 1_000;

export interface TierChange {
  readonly memberId: string;
  readonly from: string;
  readonly to: string;
  readonly inputs: TierInputs;
}

export interface TierRun {
  readonly month: string;
  readonly dryRun: boolean;
  readonly ruleSetVersion: number | null;
  readonly judged: number;
  readonly changed: number;
  /** The first {@link TIER_CHANGES_NAMED_MAX}, by member id. */
  readonly changes: readonly TierChange[];
}

export type TierRunRefusal =
  | { readonly code: 'month-not-over'; readonly running: string }
  | { readonly code: 'month-before-last-run'; readonly lastMonth: string }
  | { readonly code: 'tiers-missing' }
  | HqFailure;

export interface TierRunRequest {
  /** `YYYY-MM`, over by the chain's day. */
  readonly month: string;
  /** Says what would change and changes nothing. */
  readonly dryRun: boolean;
}

interface Judging {
  readonly rules: TierRules;
  readonly place: LedgerPlace;
  readonly month: string;
  sources(memberId: string): readonly string[];
}

/**
 * Judges the tier of every member by the figures of the ledgers: what goods that came back had reached is lost, what has
 * expired is lost, what was missed is given. The same run again changes nothing. Members are judged in batches and only
 * those that change are locked, so entries go on being taken; one that changes meanwhile is judged once more.
 */
export async function runTiers(
  deps: HqDeps,
  { month, dryRun }: TierRunRequest,
): Promise<Result<TierRun, TierRunRefusal>> {
  const { db, timeZone, currency } = deps;
  const nowMs = deps.nowMs();
  const running = monthOf(chainDay(nowMs, timeZone));
  if (month >= running) return err({ code: 'month-not-over', running });
  const [last] = await db.query<{ month: string | null }>(
    'SELECT max(month) AS month FROM tier_runs',
  );
  if (last?.month != null && month < last.month)
    return err({ code: 'month-before-last-run', lastMonth: last.month });
  const { ruleSetVersion, ...rules } = await readTierRules(db, await readSettings(db, deps.log), {
    month,
    timeZone,
  });
  if (rules.steps.length === 0) return err({ code: 'tiers-missing' });
  const judging: Judging = {
    rules,
    month,
    place: { currency, timeZone, month, running },
    sources: sourcesOf(await readMerged(db)),
  };
  const changes: TierChange[] = [];
  let judged = 0;
  let changed = 0;
  for (let after = ''; ; ) {
    const rows = await db.query<{ member_id: string; body: string }>(
      'SELECT member_id, body FROM members WHERE member_id > $1 ORDER BY member_id LIMIT $2',
      [after, TIER_BATCH_MEMBERS],
    );
    const members = rows.map(({ body }) => readMemberBody(body)).filter(isJudged);
    judged += members.length;
    const found = await judge(db, members, judging);
    const written = dryRun ? ok(found) : await write(deps, found, judging, nowMs);
    if (!written.ok) return written;
    changed += written.value.length;
    changes.push(...written.value.slice(0, TIER_CHANGES_NAMED_MAX - changes.length));
    const lastId = rows.at(-1)?.member_id;
    if (lastId === undefined || rows.length < TIER_BATCH_MEMBERS) break;
    after = lastId;
  }
  if (!dryRun)
    await db.query(
      `INSERT INTO tier_runs (month, at_ms, rule_set_version, judged, changed) VALUES ($1, $2, $3, $4, $5)`,
      [month, nowMs, ruleSetVersion, judged, changed],
    );
  return ok({ month, dryRun, ruleSetVersion, judged, changed, changes });
}

function isJudged({ status }: MemberBody): boolean {
  return status !== 'merged';
}

async function judge(
  session: HqSession,
  members: readonly MemberBody[],
  { rules, place, month, sources }: Judging,
): Promise<TierChange[]> {
  if (members.length === 0) return [];
  const inputsOf = await readTierInputs(session, members, sources, place);
  return members.flatMap(({ memberId, tier }) => {
    const inputs = inputsOf.get(memberId);
    if (inputs === undefined) return [];
    const to = judgeTier(inputs, rules, { month, running: place.running });
    return to === tier ? [] : [{ memberId, from: tier, to, inputs }];
  });
}

/** Judges those once more under their locks, and writes what stands. */
async function write(
  deps: HqDeps,
  found: readonly TierChange[],
  judging: Judging,
  nowMs: number,
): Promise<Result<TierChange[], HqFailure>> {
  if (found.length === 0) return ok([]);
  return transact(deps, async (tx) => {
    // Two runs at a time write one after the other, and a merge meanwhile brings its bookings along.
    await tx.query('SELECT pg_advisory_xact_lock($1)', [TIER_RUN_LOCK]);
    const sources = sourcesOf(await readMerged(tx));
    const held = await holdMembers(
      tx,
      found.map(({ memberId }) => memberId),
    );
    const members = found.flatMap(({ memberId }) => held.member(memberId) ?? []).filter(isJudged);
    const changes = await judge(tx, members, { ...judging, sources });
    for (const { memberId, to, inputs } of changes) {
      const member = held.member(memberId);
      if (member === undefined) continue;
      const { tierGiven: _before, ...rest } = member;
      const given = to === inputs.tierGiven ? {} : { tierGiven: inputs.tierGiven };
      // A figure without a year counts for that of `updatedAt`, which moves on here.
      const { running: spendYear } = yearsOf(member);
      held.setMember({ ...rest, spendYear, tier: to, ...given, updatedAt: toInstant(nowMs) });
    }
    await held.write(nowMs);
    await tx.query(
      `INSERT INTO tier_changes (month, at_ms, member_id, from_tier, to_tier, inputs)
       SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[])`,
      [
        judging.month,
        nowMs,
        changes.map(({ memberId }) => memberId),
        changes.map(({ from }) => from),
        changes.map(({ to }) => to),
        changes.map(({ inputs }) => canonicalJson(inputs)),
      ],
    );
    return ok(changes);
  });
}

function sourcesOf(merged: ReadonlyMap<string, readonly string[]>): Judging['sources'] {
  return (memberId) => [memberId, ...(merged.get(memberId) ?? [])];
}

/** Ids that were merged, by whom they are today. */
async function readMerged(session: HqSession): Promise<Map<string, string[]>> {
  const rows = await session.query<{ member_id: string; body: string }>(
    `SELECT member_id, body FROM members WHERE body LIKE '%"status":"merged"%' ORDER BY member_id`,
  );
  const into = new Map(
    rows.map(({ member_id, body }) => [member_id, readMemberBody(body).mergedInto]),
  );
  const merged = new Map<string, string[]>();
  for (const { member_id } of rows) {
    let alive = member_id;
    for (let step = 0; step <= MERGE_CHAIN_MAX; step++) alive = into.get(alive) ?? alive;
    if (alive !== member_id) merged.set(alive, [...(merged.get(alive) ?? []), member_id]);
  }
  return merged;
}
