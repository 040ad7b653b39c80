import type { HqFailure } from '../../../protocol/hq-error.ts';
import type { HqDeps, TillCaller } from '../../deps.ts';
import { raiseAlarmOnce } from '../../tills/alarms.ts';

/** Entries or rows of the outbox were missing before those that a till sent: once for each, however often it tries again. */
export async function noteGap(
  { db, log, nowMs }: Pick<HqDeps, 'db' | 'log' | 'nowMs'>,
  { tillId, incarnation }: TillCaller,
  { code, detail }: HqFailure,
): Promise<void> {
  const expected = detail?.['expectedSeq'] ?? detail?.['expectedNo'];
  const what = `${incarnation} expected ${expected}`;
  if (await raiseAlarmOnce(db, { atMs: nowMs(), code, tillId, detail: what }))
    log('error', 'a till left out what headquarters has yet to receive', {
      tillId,
      code,
      expected,
    });
}

/** Once for each fork, however often the till tries again. */
export async function noteFork(
  { db, log, nowMs }: Pick<HqDeps, 'db' | 'log' | 'nowMs'>,
  { tillId, incarnation }: TillCaller,
  { detail }: HqFailure,
): Promise<void> {
  const seq = detail?.['seq'];
  const what = `${incarnation} seq ${seq}`;
  const isFirst = await raiseAlarmOnce(db, {
    atMs: nowMs(),
    code: 'ledger-forked',
    tillId,
    detail: what,
  });
  if (isFirst) log('error', 'a till sent another entry under a known number', { tillId, seq });
}
