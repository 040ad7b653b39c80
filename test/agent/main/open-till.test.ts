import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { MemberId } from '../../../agent/contract/index.ts';
import { openLocked } from '../../../agent/main/open-locked.ts';
import {
  FIRST_COPY_AGAIN_MAX_MS,
  FIRST_COPY_MAX_MS,
  openTill,
} from '../../../agent/main/open-till.ts';
import { systemClock, waitedTimers } from '../../../agent/main/system.ts';
import { commitSale } from '../../support/ledger.ts';
import { memoryKeyStore, TEST_PLACE } from '../../support/store.ts';
import { startScriptedHq } from '../../sync/client/scripted-hq.ts';
import { until } from '../../sync/client/virtual-time.ts';

/** A registered till beside a headquarters that begins a first copy and never says a word of it. */
async function slowHq({ sold = false } = {}) {
  const hq = await startScriptedHq();
  const dataDir = mkdtempSync(join(tmpdir(), 'tillside-open-'));
  const keyStore = memoryKeyStore();
  hq.on('/v1/snapshots', (_, reply) =>
    reply.json({ start: hq.feed.head(), tables: [{ table: 'member', rows: 4 }] }),
  );
  hq.on('/v1/segments', () => undefined);
  const folder = openLocked(dataDir, undefined, TEST_PLACE, systemClock, keyStore);
  if (!folder.ok) throw new Error(folder.error.code);
  const { store, lock } = folder.value;
  if (sold) commitSale(store, 1, 'm-1' as MemberId);
  store.sync.register(hq.registration({ place: TEST_PLACE }));
  store.close();
  lock.release();
  onTestFinished(async () => {
    await hq.close();
    rmSync(dataDir, { recursive: true });
  });
  const waits: number[] = [];
  return {
    hq,
    waits,
    options: {
      dataDir,
      keyStore,
      place: TEST_PLACE,
      clock: systemClock,
      version: '0.0.0-test',
      log: () => undefined,
      timers: {
        ...waitedTimers,
        /** The time for the first copy is over as soon as its segment was asked for. */
        set(delayMs: number, run: () => void) {
          waits.push(delayMs);
          if (delayMs !== FIRST_COPY_MAX_MS && delayMs !== FIRST_COPY_AGAIN_MAX_MS)
            return waitedTimers.set(delayMs, run);
          const timer = setInterval(() => {
            if (hq.count('/v1/segments') === 0) return;
            clearInterval(timer);
            run();
          }, 5);
          return timer;
        },
        clear: (timer: unknown) => clearInterval(timer as NodeJS.Timeout),
      },
    },
  };
}

test.each([
  ['a fresh till', false, FIRST_COPY_MAX_MS],
  ['a till that has sold', true, FIRST_COPY_AGAIN_MAX_MS],
])('%s whose first copy does not come in time opens without it', async (_, sold, limitMs) => {
  const { options, waits } = await slowHq({ sold });
  const opened = await openTill(options);
  if (!opened.ok) throw new Error(opened.error.code);
  expect(waits).toContain(limitMs);
  expect(opened.value.store.sync.cursor()).toBeUndefined();
  await opened.value.close();
});

test('a till that is told to stop while its first copy comes down opens at once, to be closed', async () => {
  const { hq, options } = await slowHq();
  const stopping = new AbortController();
  const opening = openTill({ ...options, timers: waitedTimers, signal: stopping.signal });
  await until(() => hq.count('/v1/segments') > 0);
  stopping.abort();
  const opened = await opening;
  expect(opened.ok).toBe(true);
  if (opened.ok) await opened.value.close();
});
