import { type SyncView, text } from '../../contract/index.ts';
import { type Check, finding } from './check.ts';
import { both } from './io.ts';

/** Behind headquarters by more rows than this is said; a page or two is nothing. */
const BEHIND_ROWS_MAX = 1_000;
/** A row that waits for longer than this, in milliseconds, while headquarters is online, is stuck. */
const STUCK_MS = 5 * 60_000;
/** An online till compares everything daily; a check that is older than this, in milliseconds, is overdue. */
const CHECK_AGE_MAX_MS = 2 * 24 * 60 * 60_000;
/** Clocks that differ by more than this, in milliseconds, should be looked at. */
const CLOCK_OFF_MAX_MS = 60_000;

/** What `till sync status` and `till doctor` say of a till's sync. @param nowMs epoch milliseconds */
export function checksOfSync(view: SyncView, nowMs: number): Check[] {
  if (view.state === 'not-configured')
    return [finding('headquarters', true, 'not set up; this till works by itself', NO_REMEDY)];
  return [
    connection(view),
    feed(view),
    outbox(view, nowMs),
    finding(
      'receipts',
      true,
      `entry ${view.ledgerSeq} is the last; headquarters signed for ${view.receivedSeq}, its backup holds ${view.backedUpSeq}`,
      NO_REMEDY,
    ),
    clock(view),
    ...fullChecks(view, nowMs),
    ...view.troubles.map(({ code, text: said, detail, remedy, since }) =>
      finding(code, false, `${both(said)} (${detail}), since ${since}`, remedy),
    ),
  ];
}

const NO_REMEDY = text('', '');

function connection({ state, since, reason, url, transport, nextAttemptAt }: SyncView): Check {
  const way = state === 'online' ? `, by ${transport}` : '';
  const next = nextAttemptAt === null ? '' : `, next attempt ${nextAttemptAt}`;
  const why = reason === null ? '' : `: ${both(reason.text)}`;
  return finding(
    'headquarters',
    state === 'online',
    `${state} since ${since}${way}${why} (${url ?? ''}${next})`,
    reason?.remedy ?? text('检查网络', 'Check the network'),
  );
}

function feed({ pos, headPos, snapshot, lastAppliedAt }: SyncView): Check {
  if (snapshot.state === 'loading' || snapshot.state === 'merging')
    return finding(
      'feed',
      true,
      `first copy ${snapshot.state}: ${snapshot.rowsDone} of ${snapshot.rowsAll} rows`,
      NO_REMEDY,
    );
  const behind = headPos === null ? 0 : Math.max(0, headPos - pos);
  return finding(
    'feed',
    behind <= BEHIND_ROWS_MAX,
    `at ${pos}, headquarters at ${headPos ?? 'unknown'}, last applied ${lastAppliedAt ?? 'never'}`,
    text('正在追赶；稍后再看', 'It is catching up; look again in a while'),
  );
}

function outbox({ waiting, oldestWaitingAt, state }: SyncView, nowMs: number): Check {
  const ageMs = oldestWaitingAt === null ? 0 : nowMs - Date.parse(oldestWaitingAt);
  return finding(
    'outbox',
    state !== 'online' || ageMs <= STUCK_MS,
    waiting === 0
      ? 'nothing waits'
      : `${waiting} rows wait, the oldest since ${oldestWaitingAt ?? 'unknown'}`,
    text(
      '运行 till sync now；若不减少请联系技术支持',
      'Run till sync now; if it does not shrink, call support',
    ),
  );
}

/** The last comparison with headquarters and the last deep scrub. */
function fullChecks({ checks, state }: SyncView, nowMs: number): Check[] {
  if (checks === undefined) return [];
  const { lastWalk, lastScrub, lastLedger, staying, text: said, progress } = checks;
  const runs = progress === null ? both(said) : `${both(said)} ${progress.done}/${progress.all}`;
  const findings = [
    finding(
      'full-check',
      checks.state === 'off' || state !== 'online' || isFresh(lastWalk?.endedAt, nowMs),
      lastWalk === null
        ? `none has ended yet; ${runs}`
        : `${lastWalk.endedAt}: ${both(lastWalk.found)}; ${runs}`,
      text('运行 till sync verify', 'Run till sync verify'),
    ),
    finding(
      'drift',
      staying === 0,
      staying === 0
        ? 'no row differs from headquarters after its repair'
        : `${staying} rows differ again after their repair`,
      text('请联系技术支持', 'Call support'),
    ),
  ];
  for (const [check, last] of [
    ['deep-check', lastScrub],
    ['ledger-check', lastLedger],
  ] as const)
    if (last !== null)
      findings.push(finding(check, true, `${last.endedAt}: ${both(last.found)}`, NO_REMEDY));
  return findings;
}

/** Until a till has been there for long no check is missed. */
function isFresh(endedAt: string | undefined, nowMs: number): boolean {
  return endedAt === undefined || nowMs - Date.parse(endedAt) <= CHECK_AGE_MAX_MS;
}

function clock({ clockOffsetMs }: SyncView): Check {
  return finding(
    'clock-offset',
    clockOffsetMs === null || Math.abs(clockOffsetMs) <= CLOCK_OFF_MAX_MS,
    clockOffsetMs === null
      ? 'not compared yet'
      : `headquarters is ${Math.round(clockOffsetMs / 1_000)} s ahead of this till`,
    text('校准系统时间', 'Set the system clock right'),
  );
}
