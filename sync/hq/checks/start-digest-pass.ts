import type { HqDeps } from '../deps.ts';
import { describeError } from '../server/describe-error.ts';
import { digestStep, PASS_START, type PassPlace } from './digest-step.ts';

/** A pass over all rows begins so long after the one before ended, in milliseconds. */
export const PASS_EVERY_MS = 24 * 60 * 60_000;
/** Between two steps lies this many times the time that the last one took: a tenth of one connection's time at most ... */
const REST_FACTOR = 9;
/** ... and at least so long, in milliseconds. */
const REST_MIN_MS = 100;
/** Where no pass is due or another process is at it, it is looked again after so long, in milliseconds. */
export const IDLE_LOOK_MS = 60_000;

interface PassRow extends PassPlace {
  readonly started_at_ms: number | null;
  readonly ended_at_ms: number | null;
}

/** Does the next step of the pass that all processes share. @returns false where none is due, or another process is at it */
export async function nextDigestStep({
  db,
  nowMs,
}: Pick<HqDeps, 'db' | 'nowMs'>): Promise<boolean> {
  return db.transaction(async (tx) => {
    const now = nowMs();
    const [pass] = await tx.query<PassRow>('SELECT * FROM digest_pass FOR UPDATE SKIP LOCKED');
    if (pass === undefined) return false;
    const begins = pass.started_at_ms === null;
    // A clock that was set back must not keep the next pass from coming.
    if (begins && pass.ended_at_ms !== null && Math.abs(now - pass.ended_at_ms) < PASS_EVERY_MS)
      return false;
    const step = await digestStep(tx, begins ? PASS_START : pass, now);
    const { scope, tbl, key } = step.place ?? PASS_START;
    await tx.query(
      `UPDATE digest_pass SET started_at_ms = $1, ended_at_ms = $2, scope = $3, tbl = $4, key = $5,
         rows = CASE WHEN $8 THEN 0 ELSE rows END + $6, mended = CASE WHEN $8 THEN 0 ELSE mended END + $7`,
      [
        step.place === null ? null : (pass.started_at_ms ?? now),
        step.place === null ? now : pass.ended_at_ms,
        scope,
        tbl,
        key,
        step.rows,
        step.mendedRows + step.mendedRoots + step.publishedRows,
        begins,
      ],
    );
    return step.place !== null;
  });
}

/** Goes over the digests of all rows once a day, a step at a time beside everything else. */
export function startDigestPass(deps: HqDeps): { stop(): Promise<void> } {
  let stopped = false;
  let underWay: Promise<void> = Promise.resolve();
  let timer = deps.timers.set(IDLE_LOOK_MS, begin);

  function begin(): void {
    underWay = step();
  }

  async function step(): Promise<void> {
    const startMs = deps.nowMs();
    let goesOn = false;
    try {
      goesOn = await nextDigestStep(deps);
    } catch (error) {
      // It comes again by itself and goes on where it was.
      deps.log('warn', 'digests were not looked at', describeError(error));
    }
    if (stopped) return;
    const rest = REST_FACTOR * Math.abs(deps.nowMs() - startMs);
    timer = deps.timers.set(goesOn ? Math.max(REST_MIN_MS, rest) : IDLE_LOOK_MS, begin);
  }

  return {
    async stop() {
      stopped = true;
      deps.timers.clear(timer);
      await underWay;
    },
  };
}
