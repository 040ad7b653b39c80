import { expect, test } from 'vitest';
import { createMakeDigests, MAKE_SLICE } from '../../../../sync/client/checks/make-digests.ts';
import { createStorageTrouble } from '../../../../sync/client/checks/storage-trouble.ts';
import { createTroubles } from '../../../../sync/client/troubles.ts';
import { diskFull } from '../memory-store.ts';
import { createVirtualTime } from '../virtual-time.ts';

/** A till that lacks `missing` digests. */
function lacking(missing: number) {
  const { clock } = createVirtualTime();
  const troubles = createTroubles(
    clock,
    () => {},
    () => {},
  );
  const seen = { left: missing, slices: 0, made: 0, fails: false };
  const ending = new AbortController();
  const make = createMakeDigests({
    checks: {
      ready: () => seen.left === 0,
      make(limit) {
        if (seen.fails) throw diskFull();
        const rows = Math.min(limit, seen.left);
        seen.left -= rows;
        return { rows, done: seen.left === 0 };
      },
    },
    clock,
    log: () => {},
    storage: createStorageTrouble(troubles),
    makeRoom: async () => {
      seen.slices += 1;
    },
    onSlice: () => {},
    onMade: () => {
      seen.made += 1;
    },
  });
  return { seen, ending, run: () => make(ending.signal), troubles: () => troubles.list().length };
}

test('digests that are missing are made with room between the slices, and it is told once that all are there', async () => {
  const { seen, run } = lacking(20 * MAKE_SLICE.most);
  expect(await run()).toBe(true);
  expect(seen).toMatchObject({ left: 0, made: 1 });
  expect(seen.slices).toBeGreaterThanOrEqual(19);
  expect(await run()).toBe(true);
  expect(seen.made).toBe(1);
});

test('a disk that fails is told until digests could be made, and the end of the program leaves the rest', async () => {
  const { seen, run, ending, troubles } = lacking(10 * MAKE_SLICE.most);
  seen.fails = true;
  expect([await run(), troubles()]).toEqual([false, 1]);
  seen.fails = false;
  expect([await run(), troubles()]).toEqual([true, 0]);
  seen.left = 10 * MAKE_SLICE.most;
  ending.abort();
  expect([await run(), seen.made]).toEqual([false, 1]);
});
