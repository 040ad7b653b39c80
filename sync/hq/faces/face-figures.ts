import { toInstant } from '../../../agent/contract/time.ts';
import {
  FACES_FILING_LIMIT,
  filingState,
} from '../../../agent/domain/face-consent/filing-limit.ts';
import {
  DESTRUCTION_ALARM_MS,
  type FaceFigures,
  WAITING_TILLS_SHOWN_MAX,
} from '../../protocol/face-figures.ts';
import type { HqDeps } from '../deps.ts';

interface WaitingRow {
  readonly till_id: string;
  readonly store_id: string | null;
  readonly state: string | null;
  readonly templates: number;
  readonly since_ms: number;
}

/**
 * How many people the chain keeps faces of, against the filing limit, and which tills have yet to say that they destroyed the
 * keys of ended templates. A member counts once, however many templates and merged ids; who has withdrawn no longer does.
 */
export async function readFaceFigures({
  db,
  nowMs,
}: Pick<HqDeps, 'db' | 'nowMs'>): Promise<FaceFigures> {
  const now = nowMs();
  const [count] = await db.query<{ stored: number }>(
    'SELECT count(DISTINCT owner_id) AS stored FROM face_templates',
  );
  if (count === undefined) throw new Error('broken invariant: a SELECT of a count has one row');
  // A till that was heard to have a key only after its end is waited for from then on.
  const rows = await db.query<WaitingRow>(
    `SELECT h.till_id, t.store_id, t.state, count(*) AS templates, min(greatest(e.at_ms, h.since_ms)) AS since_ms
     FROM face_holders h JOIN face_ends e USING (template_id) LEFT JOIN tills t ON t.till_id = h.till_id
     WHERE h.confirmed_at_ms IS NULL
     GROUP BY h.till_id, t.store_id, t.state ORDER BY since_ms, h.till_id`,
  );
  // A till that headquarters lets in no more cannot say anything: nobody can hurry it, so it is told and no alarm.
  const isGone = ({ state }: WaitingRow) => state === null || state === 'revoked';
  const oldest = rows.find((row) => !isGone(row));
  const waiting = rows.map((row) => ({
    tillId: row.till_id,
    storeId: row.store_id,
    state: row.state,
    templates: row.templates,
    since: toInstant(row.since_ms),
    isLate: !isGone(row) && now - row.since_ms > DESTRUCTION_ALARM_MS,
    isGone: isGone(row),
  }));
  return {
    stored: count.stored,
    limit: FACES_FILING_LIMIT,
    filing: filingState(count.stored),
    waitingTills: waiting.length,
    waitingTemplates: waiting.reduce((sum, one) => sum + one.templates, 0),
    lateTills: waiting.filter((one) => one.isLate).length,
    goneTills: waiting.filter((one) => one.isGone).length,
    oldestMs: Math.max(0, now - (oldest?.since_ms ?? now)),
    waiting: waiting.slice(0, WAITING_TILLS_SHOWN_MAX),
  };
}
