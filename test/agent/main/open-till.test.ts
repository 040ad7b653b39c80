import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { noHeadquarters } from '../../../agent/app/no-headquarters.ts';
import { createNoAllowance } from '../../../agent/app/self-allowance.ts';
import {
  assert,
  evaluateRequestSchema,
  type MemberId,
  type TillId,
} from '../../../agent/contract/index.ts';
import { tillConfigSchema } from '../../../agent/main/config.ts';
import { startHeadless } from '../../../agent/main/headless.ts';
import { openLocked } from '../../../agent/main/open-locked.ts';
import {
  FIRST_COPY_AGAIN_MAX_MS,
  FIRST_COPY_MAX_MS,
  openTill,
} from '../../../agent/main/open-till.ts';
import { registerStore } from '../../../agent/main/register-store.ts';
import { systemClock, waitedTimers } from '../../../agent/main/system.ts';
import type { Store } from '../../../agent/store/store.ts';
import { documentRow } from '../../support/fed-rows.ts';
import { startTestHq } from '../../support/hq.ts';
import { must } from '../../support/hq-database.ts';
import { commitSale } from '../../support/ledger.ts';
import { seedSmallChain } from '../../support/seed-small-chain.ts';
import { segmentOf } from '../../support/segments.ts';
import { CASHIER } from '../../support/small-chain.ts';
import { startOf, testSnapshot } from '../../support/snapshots.ts';
import { memoryKeyStore, TEST_PLACE } from '../../support/store.ts';
import { startScriptedHq } from '../../sync/client/scripted-hq.ts';
import { until } from '../../sync/client/virtual-time.ts';

const config = tillConfigSchema.parse({ place: TEST_PLACE, port: 0 });

/** The folder of a till that is not registered yet. */
function freshFolder(place = TEST_PLACE) {
  const dataDir = mkdtempSync(join(tmpdir(), 'tillside-open-'));
  const keyStore = memoryKeyStore();
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  return {
    dataDir,
    keyStore,
    async fill(use: (store: Store) => unknown): Promise<void> {
      const folder = openLocked(dataDir, undefined, place, systemClock, keyStore);
      if (!folder.ok) throw new Error(folder.error.code);
      await use(folder.value.store);
      folder.value.store.close();
      folder.value.lock.release();
    },
  };
}

/** A registered till beside a headquarters that never says a word at `silentAt`. */
async function slowHq({ sold = false, silentAt = '/v1/segments' } = {}) {
  const hq = await startScriptedHq();
  onTestFinished(() => hq.close());
  const { dataDir, keyStore, fill } = freshFolder();
  const source = testSnapshot(4, [documentRow(1, 7)]);
  const { timeline } = hq;
  hq.on('/v1/snapshots', (_, reply) => reply.json(startOf(source, 100, timeline)));
  hq.on('/v1/segments', ({ query }, reply) => {
    const wanted = { table: query.get('table') ?? '', after: query.get('after') ?? '' };
    reply.send(200, 'application/octet-stream', segmentOf(source, wanted));
  });
  hq.on(silentAt, () => undefined);
  await fill((store) => {
    if (sold) commitSale(store, 1, 'm-1' as MemberId);
    store.sync.register(hq.registration({ place: TEST_PLACE }));
  });
  const waits: number[] = [];
  return {
    hq,
    waits,
    options: {
      dataDir,
      keyStore,
      config,
      clock: systemClock,
      version: '0.0.0-test',
      log: () => undefined,
      timers: {
        ...waitedTimers,
        /** The time for all that comes first is over as soon as headquarters was asked for what it never sends. */
        set(delayMs: number, run: () => void) {
          waits.push(delayMs);
          if (delayMs !== FIRST_COPY_MAX_MS && delayMs !== FIRST_COPY_AGAIN_MAX_MS)
            return waitedTimers.set(delayMs, run);
          const timer = setInterval(() => {
            if (hq.count(silentAt) === 0) return;
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

test('a till whose first copy breaks the thread that builds it opens without it, and says so', async () => {
  const { options } = await slowHq({ silentAt: '/never' });
  const logs: unknown[] = [];
  const opened = await openTill({
    ...options,
    timers: waitedTimers,
    builderUrl: new URL('../../support/build-and-die.ts', import.meta.url),
    log: (level, message, fields) => void logs.push([level, message, fields?.part ?? fields?.why]),
  });
  if (!opened.ok) throw new Error(opened.error.code);
  expect(opened.value.store.sync.cursor()).toBeUndefined();
  expect(logs).toEqual([
    ['error', 'a part of sync broke before the till was open', 'the first copy'],
    ['warn', 'the till opens without the first copy of headquarters; it comes later', 'broken'],
  ]);
  await opened.value.close();
});

test('a till that breaks while it opens gives its store and its folder back', async () => {
  const { options } = await slowHq({ silentAt: '/never' });
  const broken = openTill({
    ...options,
    timers: {
      ...waitedTimers,
      set() {
        throw new Error('broken invariant: made up');
      },
    },
  });
  await expect(broken).rejects.toThrow('made up');
  const again = openLocked(options.dataDir, undefined, config.place, systemClock, options.keyStore);
  expect(again.ok).toBe(true);
  if (!again.ok) return;
  again.value.store.close();
  again.value.lock.release();
});

test('a till whose thread that builds has died closes all the same, and gives its folder back', async () => {
  const { options } = await slowHq({ silentAt: '/never' });
  const opened = await openTill({
    ...options,
    firstCopyBeside: true,
    builderUrl: new URL('../../support/build-and-die.ts', import.meta.url),
  });
  if (!opened.ok) throw new Error(opened.error.code);
  const { snapshot, close, store } = opened.value;
  const progress = await snapshot?.begin(startOf(testSnapshot(4), 100));
  assert(snapshot !== undefined && progress?.next != null, 'a build was begun');
  await expect(snapshot.segment(progress.next, new Uint8Array())).rejects.toThrow();
  await close();
  expect(() => store.members.count()).toThrow('not open');
  expect(
    openLocked(options.dataDir, undefined, config.place, systemClock, options.keyStore).ok,
  ).toBe(true);
});

test('a till whose rules do not come in time opens with its first copy all the same', async () => {
  const { options, waits } = await slowHq({ silentAt: '/v1/documents/rule-set/1' });
  const opened = await openTill(options);
  if (!opened.ok) throw new Error(opened.error.code);
  const { store, close } = opened.value;
  expect([store.members.count(), store.sync.documentsDue().length]).toEqual([4, 1]);
  expect(waits.filter((ms) => ms === FIRST_COPY_MAX_MS)).toHaveLength(1);
  await close();
});

test('a fresh till opens with the rules of its headquarters: the first basket is evaluated at once', async () => {
  const hq = await startTestHq({ stores: [] });
  onTestFinished(() => hq.close());
  await seedSmallChain(hq.deps, 3);
  const place = { ...TEST_PLACE, tillId: 'till-9' as TillId };
  const { dataDir, keyStore, fill } = freshFolder(place);
  const ticket = must(await hq.ticket('till-9', 's1'));
  await fill(async (store) =>
    expect(await registerStore(store, ticket, '1')).toMatchObject({ ok: true }),
  );
  const started = await startHeadless({
    config: tillConfigSchema.parse({ port: 0 }),
    dataDir,
    keys: { store: keyStore, protection: { kind: 'system-store', backend: 'test' } },
    logLevel: 'silent',
    // Nothing more comes: what the till has it opened with.
    headquarters: ({ clock }) => ({
      headquarters: noHeadquarters({ sinceMs: clock.now(), allowance: createNoAllowance() }),
      start: () => undefined,
      notify: () => undefined,
      stop: () => Promise.resolve(),
    }),
  });
  if (!started.ok) throw new Error(started.error.code);
  onTestFinished(() => started.value.close());
  const basket = evaluateRequestSchema.parse({
    id: 'first',
    currency: 'CNY',
    staffId: CASHIER.staffId,
    lines: [{ lineId: '1', sku: 'tea', qty: 1, unitPriceMinor: 1_000 }],
  });
  const pos = { kind: 'client', clientId: 'pos-1', scopes: ['basket'] } as const;
  expect(await started.value.till.evaluate(pos, basket)).toMatchObject({ ok: true });
}, 60_000);
