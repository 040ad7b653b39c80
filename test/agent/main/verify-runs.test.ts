import { describe, expect, test } from 'vitest';
import { checksOfVerify } from '../../../agent/main/commands/sync.ts';
import { createVerifyRuns, VERIFY_RUNS_KEPT } from '../../../agent/main/verify-runs.ts';
import type { CheckRecord } from '../../../sync/protocol/check.ts';
import { checkRecord } from '../../support/check-record.ts';

const record = checkRecord();

describe('a check that the operator began', () => {
  test('is asked for by its number until it has ended', async () => {
    let end: (records: readonly CheckRecord[]) => void = () => {};
    const runs = createVerifyRuns({
      verifySync: () =>
        new Promise((resolve) => {
          end = (value) => resolve({ ok: true, value });
        }),
    });
    const run = runs.begin(true);
    expect(runs.look(run)).toEqual({ state: 'running' });
    end([record]);
    await Promise.resolve();
    expect(runs.look(run)).toEqual({ state: 'done', records: [record] });
    expect(runs.look(run + 1)).toEqual({ state: 'unknown' });
  });

  test('is remembered until so many others were begun', () => {
    const runs = createVerifyRuns({ verifySync: () => new Promise(() => {}) });
    const first = runs.begin(false);
    for (let others = 1; others < VERIFY_RUNS_KEPT; others++) runs.begin(false);
    expect(runs.look(first).state).toBe('running');
    runs.begin(false);
    expect(runs.look(first).state).toBe('unknown');
  });

  test('is told as one finding a record: well only where nothing differed', () => {
    const scrub = { ...record, kind: 'scrub', outcome: 'repaired', damaged: 2 } as const;
    const walk = { ...record, outcome: 'repaired', missing: 2, repaired: 2 } as const;
    const ledger = { ...record, kind: 'ledger' } as const;
    const checks = checksOfVerify({ state: 'done', records: [scrub, walk, ledger] });
    expect(checks.map(({ check, ok }) => [check, ok])).toEqual([
      ['deep-check', false],
      ['full-check', false],
      ['ledger-check', true],
    ]);
    expect(checks[1]?.detail).toContain('rows differed (2 missing)');
    expect(checks[1]?.remedy).toContain('till sync status');
    expect(checks[2]?.remedy).toBeUndefined();
  });

  test('that could not be run says why and what to do', () => {
    for (const code of ['offline', 'not-configured', 'not-known-there', 'failed']) {
      const [check] = checksOfVerify({ state: 'failed', code, detail: 'why' });
      expect(check).toMatchObject({ check: 'full-check', ok: false, detail: `${code}: why` });
      expect(check?.remedy?.length).toBeGreaterThan(10);
    }
    expect(checksOfVerify({ state: 'unknown' })).toMatchObject([{ ok: false }]);
  });
});
