import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { assert, type MemberId } from '../../../agent/contract/index.ts';
import { createCheckpointer } from '../../../agent/store/checkpoint/create-checkpointer.ts';
import { openStore } from '../../../agent/store/open-store.ts';
import { SCRUB_BEATS_MAX } from '../../../agent/store/sqlite/log-scrubber.ts';
import { openPages } from '../../support/open-pages.ts';
import { openTestStore, type TestStore } from '../../support/store.ts';

const member = 'm-1' as MemberId;
/** Short of what the thread moves by itself. */
const SOME_BYTES = 400_000;

/** How many pages of the file and its log hold the key. */
function pagesWith(key: Uint8Array, { keyStore, store }: TestStore, file = store.file): number {
  assert(keyStore.key !== undefined, 'the test store has its key');
  return openPages(file, keyStore.key).filter((page) => page.includes(Buffer.from(key))).length;
}

function write({ store }: TestStore, n: number): void {
  store.meta.set(`load-${n % 7}`, randomBytes(SOME_BYTES).toString('hex'));
}

async function withThread(till: TestStore) {
  const checkpointer = createCheckpointer({
    store: till.store,
    key: till.keyStore.key ?? new Uint8Array(),
    timers: { set: () => undefined, clear: () => undefined },
    log: () => undefined,
  });
  onTestFinished(() => checkpointer.close());
  await checkpointer.started;
}

/** A thread that never gets to the end of the log. */
const NEVER_DONE = { isCrowded: () => false, moveAll: () => false };

test('an erased key is in no page a few beats later, while the thread moves the log', async () => {
  const till = openTestStore();
  await withThread(till);
  for (let round = 0; round < 5; round += 1) {
    const { key } = till.store.keys.forSubject(member);
    for (let n = 0; n <= round * 3; n += 1) write(till, n);
    expect(pagesWith(key, till)).toBeGreaterThan(0);
    till.store.keys.erase(member);
    for (let beat = 1; beat < SCRUB_BEATS_MAX && pagesWith(key, till) > 0; beat += 1) {
      await sleep(150);
      till.store.scrubErased();
    }
    expect(pagesWith(key, till)).toBe(0);
  }
});

test('a thread that has not moved the log to its end is waited for, and not for ever', () => {
  const till = openTestStore();
  till.store.leaveLog(NEVER_DONE);
  const { key } = till.store.keys.forSubject(member);
  till.store.keys.erase(member);
  for (let beat = 1; beat < SCRUB_BEATS_MAX; beat += 1) till.store.scrubErased();
  expect(pagesWith(key, till)).toBeGreaterThan(0);
  till.store.scrubErased();
  expect(pagesWith(key, till)).toBe(0);
});

test('where a reader is in the way, a later beat does it', () => {
  const till = openTestStore();
  const { key } = till.store.keys.forSubject(member);
  till.withSql((db) => {
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM meta').get();
    till.store.keys.erase(member);
    till.store.scrubErased();
    expect(pagesWith(key, till)).toBeGreaterThan(0);
    db.exec('COMMIT');
  });
  till.store.scrubErased();
  expect(pagesWith(key, till)).toBe(0);
});

test('a till that was killed before it could do so does it at its next start', () => {
  const till = openTestStore();
  till.store.leaveLog(NEVER_DONE);
  const { key } = till.store.keys.forSubject(member);
  till.store.keys.erase(member);
  const dataDir = mkdtempSync(join(tmpdir(), 'tillside-killed-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  // What a kill leaves behind: nothing was closed.
  cpSync(till.dataDir, dataDir, { recursive: true });
  const file = join(dataDir, basename(till.store.file));
  expect(pagesWith(key, till, file)).toBeGreaterThan(0);
  const { keyStore, clock } = till;
  const opened = openStore({ dataDir, keyStore, clock, random: randomBytes });
  if (!opened.ok) throw new Error(opened.error.code);
  expect(pagesWith(key, till, file)).toBe(0);
  opened.value.close();
});
