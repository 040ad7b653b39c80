import { EVERY_STORE } from '../../protocol/feed.ts';
import type { HqDeps } from '../deps.ts';
import { describeError } from '../server/describe-error.ts';
import { digestStep, PASS_START, type PassPlace, type PassStep, STEP_ROWS } from './digest-step.ts';
import type { ScopeTable } from './sources.ts';

/** A pass over all rows begins so long after the one before ended, in milliseconds. */
export const PASS_EVERY_MS = 24 * 60 * 60_000;
/** Between two steps lies this many times the time that the last one took: a tenth of one connection's time at most ... */
const REST_FACTOR = 9;
/** ... and at least so long, in milliseconds. */
const REST_MIN_MS = 100;
/** Where no pass is due or another process is at it, it is looked again after so long, in milliseconds. */
export const IDLE_LOOK_MS = 60_000;
/** Tables of scopes that wait to be looked at before the pass comes to them; a till asks again for what finds no room. */
export const LOOKS_MAX = 64;
/** A table whose lost rows were published is looked at again after so long, in milliseconds: the sequencer numbers them. */
const NUMBERED_LOOK_MS = 1_000;

interface PassRow extends PassPlace {
  readonly started_at_ms: number | null;
  readonly ended_at_ms: number | null;
}

/**
 * Does the next step of the pass that all processes share.
 * @param onStays a table has damaged rows that could not be put right
 * @returns false where none is due, another process is at it, or rows that came back have to be numbered first
 */
export async function nextDigestStep(
  { db, nowMs }: Pick<HqDeps, 'db' | 'nowMs'>,
  onStays: (table: ScopeTable) => void = () => undefined,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const now = nowMs();
    const [pass] = await tx.query<PassRow>(
      'SELECT *, source_key AS "sourceKey" FROM digest_pass FOR UPDATE SKIP LOCKED',
    );
    if (pass === undefined) return false;
    const begins = pass.started_at_ms === null;
    // A clock that was set back must not keep the next pass from coming.
    if (begins && pass.ended_at_ms !== null && Math.abs(now - pass.ended_at_ms) < PASS_EVERY_MS)
      return false;
    const from = begins ? PASS_START : pass;
    const step = await digestStep(tx, from, now);
    if (stays(step) && step.place !== null) onStays(step.place);
    const { scope, tbl, key, sourceKey } = (step.waits ? again(from) : step.place) ?? PASS_START;
    await tx.query(
      `UPDATE digest_pass SET started_at_ms = $1, ended_at_ms = $2, scope = $3, tbl = $4, key = $5,
         rows = CASE WHEN $8 THEN 0 ELSE rows END + $6, mended = CASE WHEN $8 THEN 0 ELSE mended END + $7, source_key = $9`,
      [
        step.place === null ? null : (pass.started_at_ms ?? now),
        step.place === null ? now : pass.ended_at_ms,
        scope,
        tbl,
        key,
        step.waits ? 0 : step.rows,
        step.mendedRows + step.mendedRoots + step.publishedRows,
        begins,
        sourceKey,
      ],
    );
    return step.place !== null && !step.waits;
  });
}

/** A place to look at before the pass comes to it. */
interface Look extends PassPlace {
  /** Only the rows of one step; otherwise everything up to the end of the table. */
  readonly isOneStep: boolean;
}

export interface DigestPass {
  /**
   * Looks at a table of a store at once, before the pass comes to it.
   * @param key a row that is wrong: what lies about it is looked at, in one step
   */
  lookAt(storeId: string, table: string, key?: string): void;
  stop(): Promise<void>;
}

function stays({ damagedRows, publishedRows }: PassStep): boolean {
  return damagedRows > publishedRows;
}

/** The place of a table whose lost rows have to be numbered: they are looked for anew, from the first one. */
function again(place: PassPlace): PassPlace {
  return { ...place, sourceKey: null };
}

/** A text behind which this key comes next in the order of code points, or nearly so. */
function justBefore(key: string): string {
  const letters = [...key];
  const last = letters.pop()?.codePointAt(0) ?? 1;
  const beginning = letters.join('');
  if (last <= 1) return beginning;
  // No text has a half of a surrogate pair.
  const before = last === 0xe000 ? 0xd7ff : last - 1;
  return `${beginning}${String.fromCodePoint(before)}\u{10ffff}`;
}

/** Goes over the digests of all rows once a day, a step at a time beside everything else. */
export function startDigestPass(deps: Pick<HqDeps, 'db' | 'nowMs' | 'timers' | 'log'>): DigestPass {
  const looks = new Map<string, Look>();
  /** Tables that were searched for lost rows since their damage stays, and when. */
  const searched = new Map<string, number>();
  let stopped = false;
  let isAtIt = false;
  let underWay: Promise<void> = Promise.resolve();
  let timer = deps.timers.set(IDLE_LOOK_MS, begin);

  function begin(): void {
    isAtIt = true;
    underWay = step();
  }

  /** The damaged row may have lost its key: the row whose it was is looked for at its source, once a day. */
  function searchLost({ scope, tbl }: ScopeTable): void {
    const name = `${scope}\n${tbl}\n`;
    const atMs = searched.get(name);
    if (atMs !== undefined && Math.abs(deps.nowMs() - atMs) < PASS_EVERY_MS) return;
    if (looks.size >= LOOKS_MAX || looks.has(name)) return;
    if (searched.size >= LOOKS_MAX) searched.clear();
    searched.set(name, deps.nowMs());
    looks.set(name, { scope, tbl, key: '', sourceKey: null, isOneStep: false });
  }

  /** The next step of the table that was asked for first. @returns how long to rest at least, in milliseconds */
  async function nextLook(name: string, look: Look): Promise<number> {
    const { isOneStep, ...place } = look;
    looks.delete(name);
    const done = await deps.db.transaction((tx) =>
      digestStep(tx, place, deps.nowMs(), STEP_ROWS, true),
    );
    if (stays(done)) searchLost(place);
    const goesOn = done.place?.key != null && !isOneStep;
    if (goesOn || done.waits)
      looks.set(name, { ...(done.waits ? again(place) : (done.place ?? place)), isOneStep });
    return done.waits ? NUMBERED_LOOK_MS : REST_MIN_MS;
  }

  async function step(): Promise<void> {
    const startMs = deps.nowMs();
    let restMs = IDLE_LOOK_MS;
    try {
      const [look] = looks;
      if (look !== undefined) restMs = await nextLook(...look);
      else if (await nextDigestStep(deps, searchLost)) restMs = REST_MIN_MS;
    } catch (error) {
      // It comes again by itself and goes on where it was.
      deps.log('warn', 'digests were not looked at', describeError(error));
    }
    isAtIt = false;
    if (stopped) return;
    if (looks.size > 0) restMs = Math.min(restMs, NUMBERED_LOOK_MS);
    const tookMs = Math.abs(deps.nowMs() - startMs);
    timer = deps.timers.set(Math.max(restMs, REST_FACTOR * tookMs), begin);
  }

  return {
    lookAt(storeId, table, key) {
      if (stopped) return;
      const [from, isOneStep] = [key === undefined ? '' : justBefore(key), key !== undefined];
      // Tills ask again and again: a look that waits is not put off by the next one.
      const isDue = looks.size > 0;
      for (const scope of [EVERY_STORE, storeId]) {
        const name = `${scope}\n${table}\n${key ?? ''}`;
        if (looks.size < LOOKS_MAX && !looks.has(name))
          looks.set(name, { scope, tbl: table, key: from, sourceKey: null, isOneStep });
      }
      if (isAtIt || isDue) return;
      deps.timers.clear(timer);
      timer = deps.timers.set(REST_MIN_MS, begin);
    },
    async stop() {
      stopped = true;
      deps.timers.clear(timer);
      await underWay;
    },
  };
}
