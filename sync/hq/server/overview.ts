import type { Text } from '../../../agent/contract/text.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import type { HqReply } from '../../protocol/hq-api.ts';
import type { HqDeps } from '../deps.ts';
import { alarmText } from '../tills/alarms.ts';
import { readTimeline } from '../tills/timeline.ts';

/** Alarms that the overview shows, the newest first. */
const ALARMS_SHOWN = 50;

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
       (SELECT coalesce(max(version), 0) FROM documents WHERE kind = 'rule-set') AS rule_set`,
  );
  if (figures === undefined) throw new Error('broken invariant: a SELECT of figures has one row');
  const alarms = await db.query<{ at_ms: number; code: string; till_id: string; detail: string }>(
    'SELECT at_ms, code, till_id, detail FROM alarms ORDER BY id DESC LIMIT $1',
    [ALARMS_SHOWN],
  );
  return {
    at: toInstant(nowMs()),
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
    alarms: alarms.map(({ at_ms, code, till_id, detail }) => ({
      at: toInstant(at_ms),
      code,
      tillId: till_id,
      text: alarmText(code, detail),
    })),
  };
}
