import { expect, onTestFinished, test } from 'vitest';
import type { Applied, RowPlace } from '../../../sync/client/ports.ts';
import { REFUSED_SLICE_ROWS, readRefused } from '../../../sync/client/read-refused.ts';
import { createTroubles } from '../../../sync/client/troubles.ts';
import { rigClient } from './client-rig.ts';
import { createMemoryStore, diskFull } from './memory-store.ts';
import { startScriptedHq } from './scripted-hq.ts';
import { createVirtualTime, until } from './virtual-time.ts';

const START: RowPlace = { table: '', key: '' };
const refusing = (key: string): Applied => ({
  changed: [],
  ignored: 0,
  refused: [{ table: 'member', key, why: 'tier is missing' }],
});

/** Slices that the store answers one after the other; what is asked and told is noted. */
function rigOf(slices: (() => { applied: Applied; next: RowPlace | null })[]) {
  const steps: unknown[] = [];
  const troubles = createTroubles(
    createVirtualTime().clock,
    () => {},
    () => {},
  );
  const parts = {
    store: {
      readRefused(after: RowPlace, limit: number) {
        steps.push(after.key);
        expect(limit).toBe(REFUSED_SLICE_ROWS);
        return (slices.shift() ?? (() => ({ applied: refusing('?'), next: null })))();
      },
    },
    applier: { yieldNow: async () => void steps.push('yield') },
    troubles,
    onApplied: (applied: Applied) => void steps.push(applied),
  };
  return { steps, troubles, parts };
}

test('rows that lie aside are tried slice by slice to the last, what came of each is told, and sales run between', async () => {
  const none: Applied = { changed: [], ignored: 0, refused: [] };
  const { steps, parts } = rigOf([
    () => ({ applied: refusing('m-1'), next: { table: 'member', key: 'm-1' } }),
    () => ({ applied: none, next: { table: 'member', key: 'm-2' } }),
    () => ({ applied: refusing('m-3'), next: null }),
  ]);
  await readRefused(parts, new AbortController().signal);
  expect(steps).toEqual(['', refusing('m-1'), 'yield', 'm-1', 'yield', 'm-2', refusing('m-3')]);
});

test('rows that lie aside wait where the disk fails, and where sync ends', async () => {
  const failing = rigOf([
    () => {
      throw diskFull();
    },
  ]);
  await readRefused(failing.parts, new AbortController().signal);
  expect(failing.troubles.list()).toMatchObject([{ code: 'storage-failed', detail: 'disk-full' }]);
  const ended = rigOf([]);
  await readRefused(ended.parts, AbortSignal.abort());
  expect(ended.steps).toEqual([]);
});

test('what a till cannot read is shown again after a restart, before headquarters answers', async () => {
  const hq = await startScriptedHq();
  hq.on('/v1/challenges', () => undefined);
  const store = createMemoryStore(hq.registration());
  const asked: RowPlace[] = [];
  Object.assign(store, {
    readRefused(after: RowPlace) {
      asked.push(after);
      return { applied: refusing('m-1'), next: null };
    },
  });
  const { client, facts } = rigClient(hq, { store });
  onTestFinished(async () => {
    await client.stop();
    await hq.close();
  });
  client.start();
  await until(() => (facts().troubles ?? []).length > 0);
  expect(facts().troubles).toMatchObject([{ code: 'row-refused' }]);
  expect(asked).toEqual([START]);
});
