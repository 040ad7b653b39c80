import { err, ok } from '../../../agent/contract/result.ts';
import { toInstant } from '../../../agent/contract/time.ts';
import { type CheckRecord, checkRecordSchema, LARGE_DRIFT } from '../../protocol/check.ts';
import { hqFailure } from '../../protocol/hq-error.ts';
import type { HqSession } from '../database/database.ts';
import type { HqDeps, HqHandlers } from '../deps.ts';
import { raiseAlarm } from '../tills/alarms.ts';

/** Records of one till that headquarters keeps, the newest. */
export const RECORDS_KEPT = 200;
/** A record with more drift than this share of its rows is told as an alarm. */
export const DRIFT_ALARM_SHARE = 0.01;

/** Takes in what tills tell of their checks, and gives it to people. @param onEnded told once of every record that is new here */
export function createCheckHandlers(
  { db, nowMs }: Pick<HqDeps, 'db' | 'nowMs'>,
  onEnded: (record: CheckRecord) => void = () => {},
): Pick<HqHandlers, 'reportChecks' | 'tillChecks'> {
  return {
    async reportChecks(caller, { records }) {
      if (caller.kind !== 'till') return err(hqFailure('forbidden'));
      const { tillId } = caller;
      const fresh = await db.transaction(async (tx) => {
        const kept: CheckRecord[] = [];
        for (const record of records)
          if (await keepRecord(tx, tillId, record, nowMs())) kept.push(record);
        await tx.query(
          `DELETE FROM till_checks WHERE till_id = $1 AND id <= (
             SELECT id FROM till_checks WHERE till_id = $1 ORDER BY id DESC OFFSET ${RECORDS_KEPT} LIMIT 1)`,
          [tillId],
        );
        return kept;
      });
      for (const record of fresh) onEnded(record);
      return ok({});
    },
    async tillChecks(_caller, { tillId, limit }) {
      const rows = await db.query<{ record: string; received_at_ms: number }>(
        'SELECT record, received_at_ms FROM till_checks WHERE till_id = $1 ORDER BY id DESC LIMIT $2',
        [tillId, limit],
      );
      const checks = rows.map(({ record, received_at_ms }) => ({
        ...checkRecordSchema.parse(JSON.parse(record)),
        receivedAt: toInstant(received_at_ms),
      }));
      return ok({ checks });
    },
  };
}

/** @returns whether it was not here before; a report whose answer was lost is sent again */
async function keepRecord(
  tx: HqSession,
  tillId: string,
  record: CheckRecord,
  nowMs: number,
): Promise<boolean> {
  const drift = record.missing + record.extra + record.stale + record.damaged;
  const [inserted] = await tx.query<{ id: number }>(
    `INSERT INTO till_checks
       (till_id, kind, outcome, started_at_ms, ended_at_ms, received_at_ms, drift, record)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id`,
    [
      tillId,
      record.kind,
      record.outcome,
      Date.parse(record.startedAt),
      Date.parse(record.endedAt),
      nowMs,
      drift,
      JSON.stringify(record),
    ],
  );
  if (inserted === undefined) return false;
  const code = alarmOf(record, drift);
  if (code !== undefined && !(await stands(tx, tillId, inserted.id, record)))
    await raiseAlarm(tx, {
      atMs: nowMs,
      code,
      tillId,
      detail: `${record.kind}: ${drift} of ${record.rows} rows`,
    });
  return true;
}

/** Whether the walk before told of the same large drift: it stands until somebody acts, and one alarm told it. */
async function stands(
  tx: HqSession,
  tillId: string,
  id: number,
  { kind, outcome, failure }: CheckRecord,
): Promise<boolean> {
  if (kind !== 'walk' || outcome !== 'stays' || failure !== LARGE_DRIFT) return false;
  const [before] = await tx.query<{ record: string }>(
    `SELECT record FROM till_checks
     WHERE till_id = $1 AND id < $2 AND kind = 'walk' AND outcome <> 'failed' ORDER BY id DESC LIMIT 1`,
    [tillId, id],
  );
  if (before === undefined) return false;
  const told = checkRecordSchema.parse(JSON.parse(before.record));
  return told.outcome === 'stays' && told.failure === failure;
}

function alarmOf(
  { kind, outcome, rows, failure }: CheckRecord,
  drift: number,
): 'drift-stays' | 'drift-large' | undefined {
  // What is wrong with a ledger is told where it is found.
  if (kind === 'ledger') return undefined;
  const isLarge = failure === LARGE_DRIFT || outcome === 'reloaded';
  if (isLarge || drift > rows * DRIFT_ALARM_SHARE) return 'drift-large';
  return outcome === 'stays' ? 'drift-stays' : undefined;
}
