import type { CheckRecord } from '../../sync/protocol/check.ts';

/** The record of a daily walk that found nothing, with these changes. */
export function checkRecord(changes: Partial<CheckRecord> = {}): CheckRecord {
  return {
    kind: 'walk',
    why: 'daily',
    startedAt: '2026-11-22T09:00:00.000Z',
    endedAt: '2026-11-22T09:00:01.000Z',
    outcome: 'clean',
    rows: 1_000,
    missing: 0,
    extra: 0,
    stale: 0,
    damaged: 0,
    mended: 0,
    repaired: 0,
    bytes: 60,
    roundTrips: 1,
    failure: null,
    ...changes,
  };
}
