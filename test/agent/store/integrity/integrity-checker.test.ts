import { afterAll, expect, test, vi } from 'vitest';
import {
  createIntegrityChecker,
  INTEGRITY_EVERY_MS,
  INTEGRITY_FIRST_MS,
  INTEGRITY_LOOK_MS,
  readIntegrity,
} from '../../../../agent/store/integrity/create-integrity-checker.ts';
import type { Store } from '../../../../agent/store/store.ts';
import {
  closeTill,
  damagedCopy,
  makeSoldFolder,
  openLikeTill,
  ruinPage,
  treesOf,
} from '../../../support/damaged.ts';
import { must } from '../../../support/must.ts';

const folder = makeSoldFolder({ sales: 10 });
const trees = treesOf(folder);
afterAll(() => folder.remove());

/** Timers that a test lets run by hand. */
function handTimers() {
  const waiting: { delayMs: number; run: () => void }[] = [];
  return {
    set(delayMs: number, run: () => void) {
      const one = { delayMs, run };
      waiting.push(one);
      return one;
    },
    clear: (handle: unknown) => void waiting.splice(waiting.indexOf(handle as never) >>> 0, 1),
    next() {
      const one = waiting.shift();
      one?.run();
      return one?.delayMs;
    },
  };
}

function checkerOf(store: Store, idle = () => true) {
  const timers = handTimers();
  const clock = { nowMs: 1_000_000, now: () => clock.nowMs };
  const found: string[][] = [];
  const checker = createIntegrityChecker({
    store,
    key: folder.key,
    clock,
    timers,
    log: () => undefined,
    idle,
    onFaults: (faults) => void found.push([...faults]),
  });
  return { checker, timers, clock, found };
}

test('a database that is whole is read table by table in a thread, once a day, and that is noted', async () => {
  const till = must(openLikeTill(folder.dataDir, folder.key));
  const { checker, timers, clock, found } = checkerOf(till.store);
  expect(timers.next()).toBe(INTEGRITY_FIRST_MS);
  await vi.waitFor(
    () => expect(readIntegrity(till.store)).toMatchObject({ ok: true, faults: [] }),
    20_000,
  );
  expect(readIntegrity(till.store)?.tables).toBeGreaterThan(20);
  const first = readIntegrity(till.store)?.atMs;
  clock.nowMs += INTEGRITY_EVERY_MS - 1;
  expect(timers.next()).toBe(INTEGRITY_LOOK_MS);
  clock.nowMs += 1;
  timers.next();
  await vi.waitFor(() => expect(readIntegrity(till.store)?.atMs).not.toBe(first), 20_000);
  expect(found).toEqual([]);
  await checker.close();
  closeTill(till);
});

test('a page that goes bad under a running till is found by the thread, though the till has it in memory', async () => {
  const copy = damagedCopy(folder, () => undefined);
  const till = must(openLikeTill(copy.dataDir, folder.key));
  ruinPage(copy.path, trees.get('replies')?.[0] ?? 0);
  const { checker, found } = checkerOf(till.store);
  expect(await checker.checkNow()).toMatchObject({ ok: false });
  expect(found).toEqual([['replies: SQLITE_CORRUPT']]);
  expect(readIntegrity(till.store)).toMatchObject({
    ok: false,
    faults: ['replies: SQLITE_CORRUPT'],
  });
  await checker.close();
  closeTill(till);
  copy.remove();
});

test('a thread that ends in the middle leaves the till as it was', async () => {
  const till = must(openLikeTill(folder.dataDir, folder.key));
  const { checker, found } = checkerOf(till.store);
  const asked = checker.checkNow();
  await checker.close();
  expect([await asked, found]).toEqual([undefined, []]);
  closeTill(till);
});
