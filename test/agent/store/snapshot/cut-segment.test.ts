import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openSnapshotBuild } from '../../../../agent/store/snapshot/snapshot-build.ts';
import { segmentOf } from '../../../support/segments.ts';
import { feedBuild, startOf, testSnapshot } from '../../../support/snapshots.ts';

const root = mkdtempSync(join(tmpdir(), 'tillside-cut-segment-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('zstd truncation: a segment cut at any byte is refused whole, and taken once it comes whole', () => {
  const source = testSnapshot(3);
  const options = {
    key: randomBytes(32),
    nowMs: 1,
    storeId: 'store-1',
    fileId: '0123456789abcdef',
  };
  const build = openSnapshotBuild({ ...options, dataDir: root }, startOf(source));
  const before = build.progress();
  if (before.next === null) throw new Error('a build begins with a segment');
  const whole = segmentOf(source, before.next, 10);
  for (let bytes = 0; bytes < whole.length; bytes++)
    expect(build.segment(before.next, whole.subarray(0, bytes))).toMatchObject({
      ok: false,
      error: { code: 'segment-damaged' },
    });
  expect(build.progress()).toEqual(before);
  feedBuild(build, source, 10);
  expect(build.finish().ok).toBe(true);
  build.close();
});
