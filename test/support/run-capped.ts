import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { MemberId } from '../../agent/contract/index.ts';
import { createKeyFile } from '../../agent/main/key-file.ts';
import { openStore } from '../../agent/store/open-store.ts';
import { sumTable } from '../../sync/client/checks/table-tree.ts';
import type { RowPlace } from '../../sync/client/ports.ts';
import type { FeedRow } from '../../sync/protocol/feed.ts';
import { cursorAt, memberRow } from './fed-rows.ts';
import { commitSale } from './ledger.ts';

/**
 * Child process, started with a small heap. `feed`: takes so many rows of 2 KB in pages, compares and scrubs all of them, with a
 * sale after each step. `leak`: books sales and keeps memory until the process has no more. Each sale is told once booked.
 */
const [dataDir = '', keyPath = '', what = '', rows = '0'] = process.argv.slice(2);
const PAGE_ROWS = 1_000;
const opened = openStore({
  dataDir,
  keyStore: createKeyFile({ path: keyPath, dataDir }),
  clock: { now: () => 0 },
  random: randomBytes,
});
if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.detail}`);
const store = opened.value;
const { checks } = store.sync;

function sell(): void {
  const n = store.ledger.head().seq + 1;
  commitSale(store, n, 'm-1' as MemberId);
  writeSync(1, `${n}\n`);
}

const paddedRow = (n: number): FeedRow =>
  memberRow(n, n, { remark: randomBytes(1_000).toString('hex') } as object);

if (what === 'leak') {
  const kept: unknown[] = [];
  for (;;) {
    sell();
    kept.push(Array.from({ length: 50_000 }, (_, i) => ({ i })));
  }
}

for (let first = 1; first <= Number(rows); first += PAGE_ROWS) {
  const page = Array.from({ length: PAGE_ROWS }, (_, i) => paddedRow(first + i));
  store.sync.apply(page, cursorAt(first + PAGE_ROWS));
}
sell();
checks.setKey('5a'.repeat(32));
while (!checks.make(PAGE_ROWS).done);
sell();
let place: RowPlace | null = null;
do place = checks.scrub(place, PAGE_ROWS).next;
while (place !== null);
sell();
const parts = {
  checks,
  clock: { now: () => 0, monoMs: () => performance.now() },
  yieldNow: () => Promise.resolve(),
};
const tree = await sumTable(parts, 'member', new AbortController().signal);
if (!tree.ok || tree.value === 'cancelled' || tree.value.rows !== Number(rows))
  throw new Error('the tree is not whole');
sell();
store.close();
