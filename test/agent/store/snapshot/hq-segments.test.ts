import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSnapshotBuild } from '../../../../agent/store/snapshot/snapshot-build.ts';
import { createSnapshotReader } from '../../../../sync/hq/feed/create-snapshot-reader.ts';
import { describeOnEngines } from '../../../support/hq-database.ts';
import { endSequencersAfterEach, startSequencer } from '../../../sync/hq/feed/follow.ts';

describeOnEngines('what headquarters packs', (hq) => {
  endSequencersAfterEach();

  test('is what a till’s build takes, in as many segments as it comes, whatever the keys are', async () => {
    const db = await hq.fresh();
    const sequencer = await startSequencer(db);
    for (const tag of ['b', 'a', 'é', 'Z', '酒', '😀', '\uFFFD', 'a-b'])
      await db.query('INSERT INTO tags VALUES ($1, $2)', [tag, JSON.stringify({ tag })]);
    await sequencer.drain();
    const limits = { maxRows: 3, maxBytes: 1_000_000 };
    const reader = createSnapshotReader({ db, limits });
    const dataDir = mkdtempSync(join(tmpdir(), 'tillside-segments-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true }));
    const options = {
      dataDir,
      key: randomBytes(32),
      nowMs: 1,
      storeId: 'store-1',
      fileId: randomBytes(8).toString('hex'),
    };
    const build = openSnapshotBuild(options, await reader.start('store-1', 2));
    for (let { next } = build.progress(); next !== null; next = build.progress().next) {
      const parts: Uint8Array[] = [];
      const query = { storeId: 'store-1', protocol: 2, ...next };
      for await (const part of reader.readSegment(query)) parts.push(part);
      expect(build.segment(next, Buffer.concat(parts))).toMatchObject({ ok: true });
    }
    expect(build.finish()).toMatchObject({ ok: true, value: { rowsDone: 8, rowsAll: 8 } });
    build.close();
  });
});
