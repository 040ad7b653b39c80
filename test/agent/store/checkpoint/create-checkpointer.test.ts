import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import {
  CHECKPOINTER_FIRST_MS,
  CHECKPOINTER_LONGEST_MS,
  CHECKPOINTER_WELL_MS,
  createCheckpointer,
} from '../../../../agent/store/checkpoint/create-checkpointer.ts';
import {
  LOG_ALONE_PAGES,
  LOG_CROWDED_PAGES,
  LOG_MAX_PAGES,
} from '../../../../agent/store/checkpoint/log-pages.ts';
import { openTestStore, type TestStore } from '../../../support/store.ts';

/** A page and its header in the log. */
const FRAME_BYTES = 4_096 + 24;
/** Pages of one write, at least. Where bytes stay as they were, SQLite writes no page. */
const WRITE_PAGES = 190;
const HALF_BYTES = 400_000;

const NAMES = Array.from({ length: 7 }, (_, n) => `load-${n}`);
const contentOf = ({ store }: TestStore) => NAMES.map((name) => store.meta.get(name));

/** The log file never shrinks while it is below what is kept, so its size is the longest that the log ever was. */
const longestLog = ({ store }: TestStore): number =>
  Math.floor(statSync(`${store.file}-wal`).size / FRAME_BYTES);

/** What SQLite says of the log: its pages, and how many of them were moved. */
const logOf = (till: TestStore): { readonly log: number; readonly checkpointed: number } =>
  till.withSql((db) => {
    const [state] = db.pragma('wal_checkpoint(NOOP)') as { log: number; checkpointed: number }[];
    return state ?? { log: -1, checkpointed: -1 };
  });

function write({ store }: TestStore, n: number): void {
  store.meta.set(`load-${n % NAMES.length}`, randomBytes(HALF_BYTES).toString('hex'));
}

function writeAtLeast(till: TestStore, pages: number): void {
  for (let n = 0; n < pages / WRITE_PAGES; n += 1) write(till, n);
}

function checkpointerOf(till: TestStore, more: { readonly workerUrl?: URL } = {}) {
  const logged: string[] = [];
  const waits: { readonly delayMs: number; readonly run: () => void }[] = [];
  const checkpointer = createCheckpointer({
    store: till.store,
    key: till.keyStore.key ?? new Uint8Array(),
    timers: { set: (delayMs, run) => waits.push({ delayMs, run }), clear: () => {} },
    log: (_level, message) => void logged.push(message),
    ...more,
  });
  open.push(() => checkpointer.close());
  return { checkpointer, logged, waits };
}

async function until(seen: () => boolean): Promise<void> {
  while (!seen()) await sleep(5);
}

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

describe('the write-ahead log of a running till', () => {
  test('is moved by the thread alone, and stays short where sync waits when it is crowded', async () => {
    const till = openTestStore();
    const { checkpointer } = checkpointerOf(till);
    await checkpointer.started;
    for (let n = 0; n < (1.1 * LOG_MAX_PAGES) / WRITE_PAGES; n += 1) {
      while (till.store.sync.isCrowded()) await sleep(5);
      write(till, n);
      await sleep(5);
    }
    // More was written than that; from LOG_MAX_PAGES on the till's own connection would have had to help.
    expect(longestLog(till)).toBeGreaterThan(LOG_CROWDED_PAGES / 2);
    expect(longestLog(till)).toBeLessThan(LOG_MAX_PAGES);
    await until(() => logOf(till).log - logOf(till).checkpointed < LOG_CROWDED_PAGES);
  });

  test('is left alone by the till while it has a thread, and moved by the till once it has none', () => {
    const till = openTestStore();
    till.store.leaveLog({ isCrowded: () => true, moveAll: () => false });
    expect(till.store.sync.isCrowded()).toBe(true);
    writeAtLeast(till, LOG_ALONE_PAGES + WRITE_PAGES);
    expect(logOf(till).checkpointed).toBe(0);
    till.store.leaveLog(undefined);
    expect(till.store.sync.isCrowded()).toBe(false);
    write(till, 1);
    const { log, checkpointed } = logOf(till);
    expect([log > LOG_ALONE_PAGES, log - checkpointed]).toEqual([true, 0]);
  });

  test('is bounded by the till itself where a writer never pauses and nobody moves it', () => {
    const till = openTestStore();
    till.store.leaveLog({ isCrowded: () => true, moveAll: () => false });
    writeAtLeast(till, 1.1 * LOG_MAX_PAGES);
    expect(longestLog(till)).toBeGreaterThanOrEqual(LOG_MAX_PAGES);
    expect(longestLog(till)).toBeLessThan(LOG_MAX_PAGES + 2 * WRITE_PAGES);
  });
});

describe('the thread', () => {
  test('that dies is logged and started again after ever longer waits; the till does its work meanwhile', async () => {
    const till = openTestStore();
    const workerUrl = new URL('data:text/javascript,throw new Error("made up")');
    const { waits, logged } = checkpointerOf(till, { workerUrl });
    const seen: number[] = [];
    for (let turn = 1; turn <= 8; turn += 1) {
      await until(() => waits.length === turn);
      seen.push(waits[turn - 1]?.delayMs ?? 0);
      waits[turn - 1]?.run();
    }
    expect(seen).toEqual(
      [1, 2, 4, 8, 16, 32, 60, 60].map((times) => times * CHECKPOINTER_FIRST_MS),
    );
    expect(Math.max(...seen)).toBe(CHECKPOINTER_LONGEST_MS);
    expect(logged.length).toBeGreaterThanOrEqual(8);
    writeAtLeast(till, 2 * LOG_ALONE_PAGES);
    expect(longestLog(till)).toBeLessThan(LOG_ALONE_PAGES + 2 * WRITE_PAGES);
  });

  test('that dies with the database open loses nothing, and the next one goes on', async () => {
    const till = openTestStore();
    const workerUrl = new URL('../../../support/checkpoint-and-die.ts', import.meta.url);
    const { waits, logged } = checkpointerOf(till, { workerUrl });
    for (let n = 0; logged.length < 3; n += 1) {
      write(till, n);
      await sleep(1);
      for (const { delayMs, run } of waits.splice(0)) if (delayMs < CHECKPOINTER_WELL_MS) run();
    }
    const kept = contentOf(till);
    expect(till.withSql((db) => db.pragma('integrity_check', { simple: true }))).toBe('ok');
    await Promise.all(open.splice(0).map((close) => close()));
    till.reopen();
    expect(contentOf(till)).toEqual(kept);
  });

  test('ends before the store closes, whose close empties the log', async () => {
    const till = openTestStore();
    const { checkpointer } = checkpointerOf(till);
    for (let n = 0; n < 5; n += 1) write(till, n);
    const { file } = till.store;
    await checkpointer.close();
    const kept = contentOf(till);
    till.store.close();
    expect(() => statSync(`${file}-wal`)).toThrow('ENOENT');
    till.reopen();
    expect(contentOf(till)).toEqual(kept);
  });
});
