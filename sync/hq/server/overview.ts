import type { Text } from '../../../agent/contract/text.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import type { HqReply } from '../../protocol/hq-api.ts';
import { readCheckAges } from '../checks/read-check-ages.ts';
import type { HqDeps } from '../deps.ts';
import { readAlarms } from '../tills/alarms.ts';
import { readTimeline } from '../tills/timeline.ts';

/** Alarms that the overview shows, the newest first. */
const ALARMS_SHOWN = 50;
/** Drift and alarms are counted over so long, in milliseconds. */
const WEEK_MS = 7 * 24 * 60 * 60_000;

export interface HqFacts {
  readonly version: string;
  readonly demo: boolean;
  /** What everybody who runs HQ on this engine must know. */
  readonly warning: Text | null;
}

interface Figures {
  readonly members: number;
  readonly stores: number;
  readonly entries: number;
  readonly head: number;
  readonly waiting: number;
  readonly rule_set: number;
  readonly open_exceptions: number;
}

interface Week {
  readonly drift: number;
  readonly repaired: number;
  readonly alarms: number;
}

/** HQ's figures at a glance. */
export async function readOverview(
  { db, nowMs, currency }: Pick<HqDeps, 'db' | 'nowMs' | 'currency'>,
  facts: HqFacts,
): Promise<HqReply<'overview'>> {
  const [figures] = await db.query<Figures>(
    `SELECT (SELECT count(*) FROM members) AS members, (SELECT count(*) FROM stores) AS stores,
       (SELECT coalesce(sum(seq), 0)::bigint FROM ledger_heads) AS entries,
       (SELECT pos FROM feed_head) AS head, (SELECT count(*) FROM outbox) AS waiting,
       (SELECT coalesce(max(version), 0) FROM documents WHERE kind = 'rule-set') AS rule_set,
       (SELECT count(*) FROM exceptions WHERE state = 'open') AS open_exceptions`,
  );
  if (figures === undefined) throw new Error('broken invariant: a SELECT of figures has one row');
  const now = nowMs();
  const ages = await readCheckAges({ db, nowMs });
  const [week] = await db.query<Week>(
    `SELECT coalesce(sum(drift), 0)::bigint AS drift,
       coalesce(sum((record::jsonb ->> 'repaired')::bigint), 0)::bigint AS repaired,
       (SELECT count(*) FROM alarms WHERE at_ms > $1) AS alarms
     FROM till_checks WHERE kind = 'walk' AND drift > 0 AND received_at_ms > $1`,
    [now - WEEK_MS],
  );
  if (week === undefined) throw new Error('broken invariant: a SELECT of sums has one row');
  return {
    at: toInstant(now),
    version: facts.version,
    engine: db.engine,
    warning: facts.warning,
    timeline: await readTimeline(db),
    demo: facts.demo,
    currency,
    members: figures.members,
    stores: figures.stores,
    entries: figures.entries,
    head: figures.head,
    waiting: figures.waiting,
    ruleSetVersion: figures.rule_set,
    openExceptions: figures.open_exceptions,
    checks: {
      tills: Object.values(ages).reduce((sum, count) => sum + count, 0),
      checkedTills: ages['1d'] ?? 0,
      driftRows: week.drift,
      repairedRows: week.repaired,
    },
    recentAlarms: week.alarms,
    alarms: await readAlarms(db, ALARMS_SHOWN),
  };
}
