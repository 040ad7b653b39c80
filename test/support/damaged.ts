import { randomBytes } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { assert, type MemberId } from '../../agent/contract/index.ts';
import { openOrSalvage, type SalvagedTill } from '../../agent/main/salvage-till.ts';
import { openStore } from '../../agent/store/open-store.ts';
import { openDatabase } from '../../agent/store/sqlite/open-database.ts';
import type { Store } from '../../agent/store/store.ts';
import { commitSale, testLot, testMember } from './ledger.ts';
import { must } from './must.ts';
import { memoryKeyStore, TEST_NOW_MS, TEST_PLACE } from './store.ts';

export const PAGE = 4_096;

/** A till's folder with sales, from which damaged ones are copied. */
export interface SoldFolder {
  readonly dataDir: string;
  readonly key: Uint8Array;
  /** Name of the live database. */
  readonly file: string;
  /** Sale ids of every commit that returned. */
  readonly sold: readonly string[];
  remove(): void;
}

export interface FolderOptions {
  readonly sales: number;
  readonly members?: number;
  /** The till was killed: its log was never moved into the file. */
  readonly killed?: boolean;
  /** Told after each commit has returned. */
  readonly onSold?: (saleId: string, dataDir: string, file: string) => void;
  readonly prepare?: (store: Store) => void;
}

const clock = { now: () => TEST_NOW_MS, monoMs: () => 0 };

/** Makes a folder and books sales in it. */
export function makeSoldFolder({
  sales,
  members = 40,
  killed = false,
  onSold = () => undefined,
  prepare = () => undefined,
}: FolderOptions): SoldFolder {
  const dataDir = mkdtempSync(join(tmpdir(), 'tillside-sold-'));
  const keyStore = memoryKeyStore();
  const open = () =>
    must(openStore({ dataDir, keyStore, clock, random: randomBytes, place: TEST_PLACE }));
  let store = open();
  store.members.upsert(Array.from({ length: members }, (_, n) => testMember(n)));
  prepare(store);
  // From here on page 1 is kept beside, and the file holds what came before the sales.
  store.close();
  store = open();
  const { file } = JSON.parse(readFileSync(join(dataDir, 'live.json'), 'utf8')) as { file: string };
  const sold: string[] = [];
  for (let n = 1; n <= sales; n++) {
    const memberId = `m-${n % members}` as MemberId;
    store.points.upsertLots([testLot(`own-${n}`, memberId, 100)]);
    const { header } = commitSale(store, n, memberId);
    sold.push(header.saleId);
    onSold(header.saleId, dataDir, file);
  }
  const left = killed ? copyOf(dataDir) : undefined;
  store.close();
  const kept = left ?? dataDir;
  if (left !== undefined) rmSync(dataDir, { recursive: true });
  return {
    dataDir: kept,
    key: keyStore.key ?? new Uint8Array(),
    file,
    sold,
    remove: () => rmSync(kept, { recursive: true, force: true }),
  };
}

/** The folder as a power cut leaves it: without the shared memory, which lies on no disk. */
function copyOf(dataDir: string): string {
  const to = mkdtempSync(join(tmpdir(), 'tillside-cut-'));
  for (const name of readdirSync(dataDir))
    if (!name.endsWith('-shm')) copyFileSync(join(dataDir, name), join(to, name));
  return to;
}

/** A copy of a folder with something done to it. */
export function damagedCopy(
  { dataDir, file }: SoldFolder,
  damage: (path: string) => void,
): { readonly dataDir: string; readonly path: string; remove(): void } {
  const to = mkdtempSync(join(tmpdir(), 'tillside-damaged-'));
  copyFolder({ dataDir }, to);
  const path = join(to, file);
  damage(path);
  return { dataDir: to, path, remove: () => rmSync(to, { recursive: true, force: true }) };
}

/** Copies a till's folder to another place, which is made where it is not there. */
export function copyFolder({ dataDir }: Pick<SoldFolder, 'dataDir'>, to: string): void {
  cpSync(dataDir, to, { recursive: true });
}

/** The file of the journal beside a database. */
export function journalOf(path: string): string {
  const folder = dirname(path);
  const name = readdirSync(folder).find((file) => file.startsWith('ledger-journal-'));
  assert(name !== undefined, 'a till that sold has a journal');
  return join(folder, name);
}

/** Turns one bit of a file round. */
export function flipBit(path: string, byte: number, bit = 3): void {
  const handle = openSync(path, 'r+');
  try {
    const one = Buffer.alloc(1);
    readSync(handle, one, 0, 1, byte);
    one[0] = (one[0] ?? 0) ^ (1 << bit);
    writeSync(handle, one, 0, 1, byte);
  } finally {
    closeSync(handle);
  }
}

/** Puts rubbish over the middle of a page: no single bit mends it. */
export function ruinPage(path: string, pageNo: number): void {
  fillPage(path, pageNo, randomBytes(512), 1_000);
}

/** Writes over a page, from a byte of it on. */
export function fillPage(path: string, pageNo: number, bytes: Uint8Array, from = 0): void {
  const handle = openSync(path, 'r+');
  try {
    writeSync(handle, bytes, 0, bytes.length, (pageNo - 1) * PAGE + from);
  } finally {
    closeSync(handle);
  }
}

export function pagesOf(path: string): number {
  return Math.floor(statSync(path).size / PAGE);
}

/** Opens a folder as a till does, salvaging it where it is damaged. */
export function openLikeTill(
  dataDir: string,
  key: Uint8Array,
  heldWaitMs?: number,
): ReturnType<typeof openOrSalvage> {
  return openOrSalvage({
    dataDir,
    keyStore: memoryKeyStore(key),
    place: undefined,
    clock,
    log: () => undefined,
    heldWaitMs,
  });
}

/** Closes what {@link openLikeTill} opened. */
export function closeTill({ store, lock }: SalvagedTill): void {
  store.close();
  lock.release();
}

/** Of the sales that were committed, those that the ledger does not have. */
export function missingSales(store: Store, sold: readonly string[]): string[] {
  return sold.filter((saleId) => store.ledger.bySale(saleId as never).length === 0);
}

/** The pages of each table and index, as SQLite itself finds them. */
export function treesOf({ dataDir, file, key }: SoldFolder): Map<string, number[]> {
  const db = openDatabase(join(dataDir, file), key, false);
  try {
    const rows = db
      .prepare<[], { name: string; pageno: number }>(
        `SELECT name, pageno FROM dbstat WHERE ncell > 0 ORDER BY name, pageno`,
      )
      .all();
    const trees = new Map<string, number[]>();
    for (const { name, pageno } of rows) trees.set(name, [...(trees.get(name) ?? []), pageno]);
    return trees;
  } finally {
    db.close();
  }
}
