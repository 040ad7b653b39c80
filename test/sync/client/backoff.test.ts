import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BACKOFF_FIRST_MS, BACKOFF_MAX_MS, backoffMs } from '../../../sync/client/backoff.ts';
import { RETRY_AFTER_MAX_MS } from '../../../sync/client/retry-after.ts';

describe('waiting after failures', () => {
  test('doubles up to its cap, half of it by chance, and is never sooner than was asked', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.option(fc.integer({ min: 0, max: RETRY_AFTER_MAX_MS })),
        (failures, chance, askedMs) => {
          const waitMs = backoffMs(failures, askedMs, chance);
          const full = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (failures - 1));
          expect(waitMs).toBeGreaterThanOrEqual(Math.floor(Math.max(full / 2, askedMs ?? 0)));
          if (askedMs === null) expect(waitMs).toBeLessThanOrEqual(full);
        },
      ),
    );
  });
});
