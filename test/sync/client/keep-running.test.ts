import { afterEach, describe, expect, test } from 'vitest';
import { WELL_AFTER_MS } from '../../../sync/client/keep-running.ts';
import { rigClient } from './client-rig.ts';
import { createMemoryStore, diskFull, type MemoryStore } from './memory-store.ts';
import { startScriptedHq } from './scripted-hq.ts';
import { createVirtualTime, until } from './virtual-time.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

type Broken = 'nextUpload' | 'cursor' | 'documentsDue' | 'openAllowances' | 'received';

/** A till whose store throws from one method as long as `fault` is set. */
async function rigOf(method: Broken) {
  const hq = await startScriptedHq();
  const time = createVirtualTime();
  const store = createMemoryStore(hq.registration());
  let fault: Error | undefined;
  const whole = store[method] as (...given: unknown[]) => unknown;
  Object.assign(store, {
    [method]: (...given: unknown[]) => {
      if (fault !== undefined) throw fault;
      return whole(...given);
    },
  } satisfies Partial<Record<keyof MemoryStore, unknown>>);
  const rig = rigClient(hq, { ...time, store });
  open.push(
    () => hq.close(),
    () => rig.client.stop(),
  );
  return {
    ...rig,
    hq,
    time,
    breaks: (error: Error | undefined) => {
      fault = error;
    },
    troubles: () => (rig.facts().troubles ?? []).map(({ code, detail }) => `${code}: ${detail}`),
  };
}

/** Lets time pass, a second at a time, until something holds. */
async function passUntil(time: ReturnType<typeof createVirtualTime>, holds: () => boolean) {
  for (let seconds = 0; seconds < 600 && !holds(); seconds += 1) await time.advance(1_000);
  expect(holds()).toBe(true);
}

describe('a part of sync that throws', () => {
  test('is shown and begins again, the feed goes on beside it, and all is well once it throws no more', async () => {
    const rig = await rigOf('nextUpload');
    rig.breaks(new Error('broken invariant: entry 7 of the outbox is in the ledger'));
    rig.store.queue(1);
    rig.client.start();
    await passUntil(rig.time, () => rig.troubles().length > 0);
    expect(rig.troubles()).toEqual([
      'sync-broken: push: broken invariant: entry 7 of the outbox is in the ledger',
    ]);
    rig.hq.publish([['setting', 'join', 1, '{}']]);
    await until(() => rig.store.fed('setting', 'join') === '{}');
    expect(rig.facts()).toMatchObject({ state: 'online', waiting: 1 });
    rig.breaks(undefined);
    await passUntil(rig.time, () => rig.store.outbox.length === 0);
    await rig.time.advance(WELL_AFTER_MS);
    expect(rig.troubles()).toEqual([]);
  });

  test('says nothing of what it threw but its kind where that may quote a member', async () => {
    const rig = await rigOf('nextUpload');
    rig.breaks(new SyntaxError('Unexpected token in "13800000000"'));
    rig.client.start();
    await passUntil(rig.time, () => rig.troubles().length > 0);
    expect(rig.troubles()).toEqual(['sync-broken: push: SyntaxError']);
    expect(JSON.stringify(rig.logs)).not.toContain('13800000000');
  });

  test.each<Broken>(['cursor', 'documentsDue', 'openAllowances', 'received'])(
    'from %s never ends the process, and stops as ever',
    async (method) => {
      const rig = await rigOf(method);
      rig.client.start();
      await until(() => rig.hq.count('/v1/stream') > 0);
      rig.breaks(new Error('broken invariant: made up'));
      rig.hq.cut();
      await rig.time.advance(60_000);
      rig.breaks(undefined);
      rig.store.queue(1);
      await passUntil(rig.time, () => rig.store.outbox.length === 0);
    },
  );
});

test.each<Broken>(['nextUpload', 'cursor'])(
  'a disk that fails at reading from %s is told as the disk',
  async (method) => {
    const rig = await rigOf(method);
    rig.client.start();
    await until(() => rig.hq.count('/v1/stream') > 0);
    rig.breaks(diskFull());
    rig.store.queue(1);
    rig.client.notify();
    rig.hq.cut();
    await passUntil(rig.time, () => rig.troubles().length > 0);
    expect(rig.troubles()).toEqual(['storage-failed: disk-full']);
    rig.breaks(undefined);
    await passUntil(rig.time, () => rig.store.outbox.length === 0);
  },
);
