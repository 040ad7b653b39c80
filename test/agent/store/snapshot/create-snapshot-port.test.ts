import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSnapshotPort } from '../../../../agent/store/snapshot/create-snapshot-port.ts';
import { readNote } from '../../../../agent/store/snapshot/snapshot-note.ts';
import { cursorAt } from '../../../support/fed-rows.ts';
import { packSegment, segmentOf } from '../../../support/segments.ts';
import { startOf, testSnapshot } from '../../../support/snapshots.ts';
import { openTestStore, type TestStore } from '../../../support/store.ts';

function portOf(till: TestStore, more: { readonly workerUrl?: URL } = {}) {
  const port = createSnapshotPort({
    dataDir: till.dataDir,
    key: till.keyStore.key ?? new Uint8Array(),
    storeId: 'store-1',
    store: till.store,
    clock: { now: () => till.clock.nowMs, monoMs: () => 0 },
    random: randomBytes,
    ...more,
  });
  onTestFinished(() => port.close());
  return port;
}

describe('a snapshot that is built in a thread of its own', () => {
  const source = testSnapshot(50);

  test('is begun, taken in segments, finished, merged and thrown away', async () => {
    const till = openTestStore();
    const port = portOf(till);
    let progress = await port.begin(startOf(source));
    while (progress.next !== null) {
      const taken = await port.segment(progress.next, segmentOf(source, progress.next, 30));
      if (!taken.ok) throw new Error(taken.error.message);
      progress = taken.value;
    }
    expect(await port.finish()).toMatchObject({ ok: true, value: { rowsDone: progress.rowsAll } });
    while (!port.merge(8).done);
    expect(till.store.members.count()).toBe(50);
    expect(till.store.sync.cursor()).toEqual(cursorAt(100));
    await port.discard();
    expect(readNote(till.dataDir)).toBeUndefined();
    expect(readdirSync(till.dataDir).filter((name) => name.endsWith('.db'))).toHaveLength(1);
  });

  test('answers a damaged segment, keeps what it had over the end of the thread, and goes on', async () => {
    const till = openTestStore();
    const port = portOf(till);
    const begun = await port.begin(startOf(source));
    const next = begun.next ?? { table: '', after: '' };
    const bad = await port.segment(next, packSegment(next.table, [], { done: false }));
    expect(bad).toMatchObject({ ok: false, error: { code: 'segment-damaged' } });
    const good = await port.segment(next, segmentOf(source, next, 30));
    expect(good).toMatchObject({ ok: true, value: { rowsDone: 30 } });
    await port.close();
    const again = portOf(till);
    expect(await again.begin(startOf(source))).toMatchObject({ rowsDone: 30 });
  });

  test('is begun anew where what lies there was begun behind the till on its timeline', async () => {
    const till = openTestStore();
    const cut = portOf(till);
    const { next } = await cut.begin(startOf(source));
    if (next === null) throw new Error('a snapshot with rows has a first segment');
    await cut.segment(next, segmentOf(source, next, 30));
    await cut.close();
    till.store.sync.apply([], cursorAt(100));
    expect(await portOf(till).begin(startOf(source, 120))).toMatchObject({ rowsDone: 30 });
    till.store.sync.apply([], cursorAt(101));
    const anew = await portOf(till).begin(startOf(source, 120));
    expect(anew).toMatchObject({ rowsDone: 0, start: { pos: 120 } });
  });

  test.each([
    ['by itself', false],
    ['by an error', true],
  ])(
    'is given up where its thread ends %s between two questions; the next one goes on, and it closes',
    async (_, byError) => {
      const till = openTestStore();
      const workerUrl = new URL('../../../support/build-and-die.ts', import.meta.url);
      if (byError) writeFileSync(join(till.dataDir, 'die-by-error'), '');
      const port = portOf(till, { workerUrl });
      /** A question that meets the thread's very end is answered by an error. */
      const begun = (): Promise<unknown> => port.begin(startOf(source)).catch(() => begun());
      const died = join(till.dataDir, 'builder-died');
      for (let life = 1; life <= 3; life += 1) {
        rmSync(died, { force: true });
        expect(await begun()).toMatchObject({ rowsDone: 0 });
        while (!existsSync(died)) await sleep(5);
      }
      await port.close();
    },
  );

  test('throws what the disk did as a storage error, not as a crash of the thread', async () => {
    const till = openTestStore();
    const port = createSnapshotPort({
      dataDir: join(till.dataDir, 'nowhere'),
      key: till.keyStore.key ?? new Uint8Array(),
      storeId: 'store-1',
      store: till.store,
      clock: { now: () => 0, monoMs: () => 0 },
      random: randomBytes,
    });
    onTestFinished(() => port.close());
    await expect(port.begin(startOf(source))).rejects.toMatchObject({
      message: expect.any(String),
    });
    await expect(port.begin(startOf(source))).rejects.toThrow();
    expect(existsSync(join(till.dataDir, 'nowhere'))).toBe(false);
  });
});
