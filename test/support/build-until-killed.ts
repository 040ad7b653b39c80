import { readFileSync, writeSync } from 'node:fs';
import { adoptSnapshot } from '../../agent/store/snapshot/adopt-snapshot.ts';
import { openSnapshotBuild } from '../../agent/store/snapshot/snapshot-build.ts';
import { segmentOf } from './segments.ts';
import { startOf, testSnapshot } from './snapshots.ts';

/**
 * Child process: builds and adopts a snapshot of `members` members in small segments, and says on standard output what
 * it has done; somebody kills it at any of it.
 */
const [dataDir = '', keyFile = '', fileId = '', members = '1'] = process.argv.slice(2);
const key = Buffer.from(readFileSync(keyFile, 'utf8').trim(), 'hex');
const source = testSnapshot(Number(members));
const say = (what: string): void => void writeSync(1, `${what}\n`);

say('begun');
const build = openSnapshotBuild(
  { dataDir, key, nowMs: 1_000, storeId: 'store-1', fileId },
  startOf(source),
);
for (let { next } = build.progress(); next !== null; next = build.progress().next) {
  build.segment(next, segmentOf(source, next, 100));
  say(`rows ${build.progress().rowsDone}`);
}
if (!build.finish().ok) throw new Error('the build is damaged');
build.close();
say('finished');
const adopted = adoptSnapshot({ dataDir, key, nowMs: 1_000 });
if (!adopted.ok) throw new Error(adopted.error.code);
say('adopted');
