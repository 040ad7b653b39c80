import { storeSchema } from '../../../agent/contract/store.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import type { CheckRecord } from '../../protocol/check.ts';
import { DRIFT_DAYS, type TillRow } from '../../protocol/fleet.ts';
import type { HqReply } from '../../protocol/hq-api.ts';
import { LAST_CHECK_SQL } from '../checks/last-check-sql.ts';
import type { HqDeps } from '../deps.ts';
import { ONLINE_WITHIN_MS } from './till-activity.ts';

/** Who tells how many rows a till of a store has yet to take, and where the feed stands. */
export interface FeedDistance {
  head(): Promise<{ readonly pos: number }>;
  behind(storeId: string, pos: number): Promise<number>;
}

interface Row {
  readonly till_id: string;
  readonly store_id: string;
  readonly state: 'waiting' | 'registered' | 'revoked' | 'copied';
  readonly version: string | null;
  readonly protocol: number | null;
  readonly registered_at_ms: number | null;
  readonly last_seen_ms: number | null;
  readonly cursor_pos: number | null;
  readonly clock_offset_ms: number | null;
  readonly body: string | null;
  readonly seq: number | null;
  readonly backed_up_seq: number | null;
  readonly check_kind: CheckRecord['kind'] | null;
  readonly check_outcome: CheckRecord['outcome'];
  readonly check_ended_ms: number;
  readonly check_drift: number;
  readonly recent_drift: number;
  readonly waiting: number | null;
  readonly oldest_waiting_ms: number | null;
}

const DAY_MS = 24 * 60 * 60_000;

/** Every till that HQ knows, in order of store and id. @param only the id of the one that is asked for; absent = all */
export async function listTills(
  { db, nowMs }: Pick<HqDeps, 'db' | 'nowMs'>,
  feed: FeedDistance,
  only?: string,
): Promise<HqReply<'listTills'>> {
  const now = nowMs();
  const rows = await db.query<Row>(
    `SELECT t.till_id, t.store_id, t.state, t.version, t.protocol, t.registered_at_ms, t.last_seen_ms,
       t.cursor_pos, t.clock_offset_ms, t.waiting, t.oldest_waiting_ms, s.body, h.seq, h.backed_up_seq,
       c.kind AS check_kind, c.outcome AS check_outcome, c.ended_at_ms AS check_ended_ms, c.drift AS check_drift,
       coalesce((SELECT sum(d.drift) FROM till_checks d
         WHERE d.till_id = t.till_id AND d.kind = 'walk' AND d.drift > 0 AND d.received_at_ms > $1), 0)::bigint AS recent_drift
     FROM tills t
     LEFT JOIN stores s ON s.store_id = t.store_id
     LEFT JOIN ledger_heads h ON h.till_id = t.till_id AND h.incarnation = t.incarnation
     LEFT JOIN LATERAL (${LAST_CHECK_SQL}) AS c ON true
     WHERE $2::text IS NULL OR t.till_id = $2
     ORDER BY t.store_id, t.till_id`,
    [now - DRIFT_DAYS * DAY_MS, only ?? null],
  );
  // Tills of a store mostly stand at the same place: one question for all of them.
  const distances = new Map<string, Promise<number>>();
  const behind = (storeId: string, pos: number): Promise<number> => {
    const name = `${storeId}\n${pos}`;
    const known = distances.get(name) ?? feed.behind(storeId, pos);
    distances.set(name, known);
    return known;
  };
  const tills = rows.map(async (row) => {
    const store = row.body === null ? null : storeSchema.parse(JSON.parse(row.body));
    const registered = row.state === 'registered';
    return {
      tillId: row.till_id,
      storeId: row.store_id,
      storeName: store?.name ?? { 'zh-CN': row.store_id, en: row.store_id },
      storeTier: store?.storeTier ?? '',
      state: row.state,
      online: registered && row.last_seen_ms !== null && now - row.last_seen_ms <= ONLINE_WITHIN_MS,
      lastSeenAt: instantOf(row.last_seen_ms),
      version: row.version,
      protocol: row.protocol,
      behind:
        registered && row.cursor_pos !== null ? await behind(row.store_id, row.cursor_pos) : null,
      waiting: registered ? row.waiting : null,
      oldestWaitingAt: registered ? instantOf(row.oldest_waiting_ms) : null,
      receivedSeq: row.seq ?? 0,
      backedUpSeq: row.backed_up_seq ?? 0,
      clockOffsetMs: row.clock_offset_ms,
      registeredAt: instantOf(row.registered_at_ms),
      lastCheck:
        row.check_kind === null
          ? null
          : {
              at: toInstant(row.check_ended_ms),
              kind: row.check_kind,
              outcome: row.check_outcome,
              drift: row.check_drift,
            },
      recentDrift: row.recent_drift,
    };
  });
  const { pos } = await feed.head();
  return {
    at: toInstant(now),
    head: pos,
    tills: (await Promise.all(tills)) as TillRow[],
  };
}

function instantOf(epochMs: number | null): string | null {
  return epochMs === null ? null : toInstant(epochMs);
}
