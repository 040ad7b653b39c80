import { randomBytes } from 'node:crypto';
import { copyFileSync, cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { MemberId } from '../../agent/contract/index.ts';
import { verifyLedger } from '../../agent/main/verify-ledger.ts';
import { openStore } from '../../agent/store/open-store.ts';
import { createSnapshotPort } from '../../agent/store/snapshot/create-snapshot-port.ts';
import type { Store } from '../../agent/store/store.ts';
import { createSyncClient } from '../../sync/client/create-sync-client.ts';
import { registerTill } from '../../sync/client/register-till.ts';
import type { SyncClient } from '../../sync/client/sync-client.ts';
import { closeTill, journalOf, openLikeTill, PAGE, ruinPage, treesOf } from '../support/damaged.ts';
import { HQ_START_LIMIT_MS, startTestHq, type TestHq } from '../support/hq.ts';
import { commitSale } from '../support/ledger.ts';
import { must } from '../support/must.ts';
import { memoryKeyStore, TEST_PLACE } from '../support/store.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: HQ_START_LIMIT_MS });

const clock = { now: () => Date.now(), monoMs: () => performance.now() };
const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
const timers = {
  set: (delayMs: number, run: () => void) => setTimeout(run, delayMs),
  clear: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout),
  immediate: (run: () => void) => void setImmediate(run),
};

let hq: TestHq;
let n = 0;
const folders: string[] = [];
beforeAll(async () => {
  hq = await startTestHq({ stores: ['store-1'], tls: 'http' });
});
afterAll(() => hq.close());

/** A machine with a data folder. */
interface Machine {
  readonly dataDir: string;
  readonly key: Uint8Array;
}

let tillId: string;
let machine: Machine;
beforeEach(async () => {
  tillId = `t${++n}`;
  const dataDir = mkdtempSync(join(tmpdir(), 'tillside-machine-'));
  folders.push(dataDir);
  const keyStore = memoryKeyStore();
  const place = { ...TEST_PLACE, tillId: tillId as never };
  const store = must(openStore({ dataDir, keyStore, clock, random, place }));
  machine = { dataDir, key: keyStore.key ?? new Uint8Array() };
  await register(store);
  store.close();
});
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function register(store: Store): Promise<void> {
  const registration = must(
    await registerTill({
      ticket: must(await hq.ticket(tillId, 'store-1', `http://127.0.0.1:${hq.port}`)),
      incarnation: store.incarnation,
      former: store.sync.former(),
      version: '0.0.0-test',
      random,
      clock,
      timers,
    }),
  );
  store.sync.register(registration);
}

/** A copy of a machine's disk. */
function imageOf({ dataDir, key }: Machine): Machine {
  const to = mkdtempSync(join(tmpdir(), 'tillside-image-'));
  folders.push(to);
  cpSync(dataDir, to, { recursive: true });
  return { dataDir: to, key };
}

interface Life {
  readonly store: Store;
  readonly client: SyncClient;
  /** Whether headquarters knows more than this database. */
  outdated(): boolean;
  state(): string | undefined;
  settled(): Promise<void>;
}

/** One life of a till on a machine: opened as a till is, synced, and closed. */
async function live<T>(on: Machine, work: (life: Life) => Promise<T>): Promise<T> {
  const opened = must(openLikeTill(on.dataDir, on.key));
  const { store } = opened;
  let outdated = false;
  const snapshot = createSnapshotPort({
    dataDir: on.dataDir,
    key: on.key,
    storeId: 'store-1',
    store,
    clock,
    random,
  });
  const client = createSyncClient({
    store: store.sync,
    clock,
    timers,
    random,
    log: () => undefined,
    version: '0.0.0-test',
    installDocument: () => ({ ok: true, value: null }),
    onApplied: () => undefined,
    localPoints: () => 0,
    snapshot,
    onOutdated() {
      outdated = true;
      store.wantIncarnation();
    },
  });
  client.start();
  const shown = () => client.headquarters.facts();
  try {
    return await work({
      store,
      client,
      outdated: () => outdated,
      state: () => shown().stopped ?? shown().state,
      async settled() {
        await vi.waitFor(
          () => expect([shown().state, shown().waiting]).toEqual(['online', 0]),
          30_000,
        );
      },
    });
  } finally {
    await client.stop();
    await snapshot.close();
    closeTill(opened);
  }
}

let sale = 0;
/** Books sales without headquarters. @returns their ids */
function sell(store: Store, count: number): string[] {
  return Array.from({ length: count }, () => {
    sale += 1;
    return commitSale(store, sale, `m-${sale % 5}` as MemberId).header.saleId;
  });
}

function offline<T>(on: Machine, work: (store: Store) => T): T {
  const opened = must(openLikeTill(on.dataDir, on.key));
  try {
    return work(opened.store);
  } finally {
    closeTill(opened);
  }
}

interface Booked {
  readonly sale_id: string;
  readonly incarnation: string;
  readonly seq: number;
}

const bookedAtHq = () =>
  hq.deps.db.query<Booked>(
    'SELECT sale_id, incarnation, seq FROM ledger WHERE till_id = $1 ORDER BY received_at_ms, seq',
    [tillId],
  );
const alarms = async () =>
  (
    await hq.deps.db.query<{ code: string }>(
      'SELECT code FROM alarms WHERE till_id = $1 ORDER BY id',
      [tillId],
    )
  ).map(({ code }) => code);

test('an image of the disk that is brought back reuses no number: it goes on under a fresh incarnation, and its sales arrive', async () => {
  const early = await live(machine, async ({ store, settled }) => {
    const sold = sell(store, 5);
    await settled();
    return sold;
  });
  const image = imageOf(machine);
  const late = await live(machine, async ({ store, settled }) => {
    const sold = sell(store, 4);
    await settled();
    return sold;
  });
  // The image sells before it hears of anything: numbers 6 and 7 are taken a second time.
  const unsent = offline(image, (store) => sell(store, 2));

  // It shows an old proof, so headquarters takes it for a copy until a person registers it again.
  await live(image, async ({ state }) => {
    await vi.waitFor(() => expect(state()).toBe('till-copied'), 30_000);
  });
  const opened = must(openLikeTill(image.dataDir, image.key));
  const before = opened.store.incarnation;
  await register(opened.store);
  closeTill(opened);

  await live(image, async ({ outdated, state }) => {
    await vi.waitFor(() => expect([outdated(), state()]).toEqual([true, 'ledger-forked']), 30_000);
  });
  const fresh = await live(image, async ({ store, settled }) => {
    expect(store.incarnation).not.toBe(before);
    const sold = sell(store, 3);
    await settled();
    expect(verifyLedger(store)).toMatchObject({ ok: true });
    return sold;
  });

  const booked = await bookedAtHq();
  expect(booked.map(({ sale_id }) => sale_id).sort()).toEqual(
    [...early, ...late, ...unsent, ...fresh].sort(),
  );
  expect(new Set(booked.map(({ incarnation, seq }) => `${incarnation} ${seq}`)).size).toBe(
    booked.length,
  );
  expect(await alarms()).toEqual(
    expect.arrayContaining(['till-copied', 'till-renewed', 'till-restored']),
  );
});

test('an image that has sold nothing sends nothing under numbers that are taken', async () => {
  await live(machine, async ({ store, settled }) => {
    sell(store, 2);
    await settled();
  });
  const image = imageOf(machine);
  await live(machine, async ({ store, settled }) => {
    sell(store, 3);
    await settled();
  });
  offline(image, () => undefined);
  const opened = must(openLikeTill(image.dataDir, image.key));
  await register(opened.store);
  closeTill(opened);
  await live(image, async ({ outdated }) => {
    await vi.waitFor(() => expect(outdated()).toBe(true), 30_000);
  });
  await live(image, async ({ store, settled }) => {
    sell(store, 1);
    await settled();
  });
  expect(await bookedAtHq()).toHaveLength(6);
});

test('an image of a till that was renewed and had sold nothing since goes on, and does not start without end', async () => {
  await live(machine, async ({ store, settled }) => {
    sell(store, 2);
    await settled();
    store.wantIncarnation();
  });
  await live(machine, ({ settled }) => settled());
  const image = imageOf(machine);
  await live(machine, async ({ store, settled }) => {
    sell(store, 2);
    await settled();
  });
  const opened = must(openLikeTill(image.dataDir, image.key));
  await register(opened.store);
  closeTill(opened);
  await live(image, async ({ outdated }) => {
    await vi.waitFor(() => expect(outdated()).toBe(true), 30_000);
  });
  await live(image, async ({ store, settled, outdated }) => {
    sell(store, 1);
    await settled();
    expect(outdated()).toBe(false);
  });
  expect(await bookedAtHq()).toHaveLength(5);
});

test('a till whose profile was cloned: the fenced one sells on, and what it sold arrives once it is registered again', async () => {
  await live(machine, async ({ store, settled }) => {
    sell(store, 2);
    await settled();
  });
  const clone = imageOf(machine);
  // The clone speaks first, so the original is the one that shows an old proof.
  await live(clone, ({ settled }) => settled());
  const fenced = await live(machine, async ({ store, state }) => {
    await vi.waitFor(() => expect(state()).toBe('till-copied'), 30_000);
    return sell(store, 3);
  });
  await live(clone, async ({ state }) => {
    await vi.waitFor(() => expect(state()).toBe('till-copied'), 30_000);
  });
  const opened = must(openLikeTill(machine.dataDir, machine.key));
  await register(opened.store);
  closeTill(opened);
  await live(machine, ({ settled }) => settled());
  const booked = (await bookedAtHq()).map(({ sale_id }) => sale_id);
  expect(booked).toEqual(expect.arrayContaining(fenced));
  // The clone is out: its key counts no more.
  await live(clone, async ({ state, store }) => {
    await vi.waitFor(() => expect(state()).toBe('till-replaced'), 30_000);
    expect(store.sync.waiting().count).toBe(0);
  });
});

test('a database that was salvaged sends what is left under the incarnation that wrote it, and tells what is lost', async () => {
  const sent = await live(machine, async ({ store, settled }) => {
    const sold = sell(store, 4);
    await settled();
    return sold;
  });
  const unsent = offline(machine, (store) => sell(store, 40));
  const { file } = JSON.parse(
    (await import('node:fs')).readFileSync(join(machine.dataDir, 'live.json'), 'utf8'),
  ) as { file: string };
  const pages =
    treesOf({ ...machine, file, sold: [], remove: () => undefined }).get('ledger') ?? [];
  ruinPage(join(machine.dataDir, file), pages[5] ?? 0);
  rmSync(journalOf(join(machine.dataDir, file)));
  expect(pages.length * PAGE).toBeGreaterThan(0);

  const { lost, after } = await live(machine, async ({ store, settled }) => {
    const { gaps } = store.ledgerFacts();
    const more = sell(store, 2);
    await settled();
    return { lost: gaps, after: more };
  });
  const lostIds = lost.flatMap(({ fromSeq, toSeq }) =>
    [...sent, ...unsent].slice(fromSeq - 1, toSeq),
  );
  expect(lostIds.length).toBeGreaterThan(0);
  const booked = (await bookedAtHq()).map(({ sale_id }) => sale_id);
  expect(booked.sort()).toEqual(
    [...sent, ...unsent, ...after].filter((id) => !lostIds.includes(id)).sort(),
  );
  const told = await hq.deps.db.query<{ action: string }>(
    'SELECT action FROM audit WHERE till_id = $1',
    [tillId],
  );
  expect(told.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['salvage-row-lost', 'database-salvaged']),
  );
  // And once more nothing is sent twice.
  await live(machine, ({ settled }) => settled());
  expect(await bookedAtHq()).toHaveLength(booked.length);
});

/** What the database of a machine holds now; what is answered puts it back, as a disk does that loses what it had flushed. */
function databaseOf({ dataDir }: Machine): () => void {
  const kept = mkdtempSync(join(tmpdir(), 'tillside-database-'));
  folders.push(kept);
  const names = readdirSync(dataDir).filter((name) => /\.db(-wal)?$/.test(name));
  for (const name of names) copyFileSync(join(dataDir, name), join(kept, name));
  return () => {
    for (const name of names) copyFileSync(join(kept, name), join(dataDir, name));
  };
}

test('a database that lost its latest sales has them of its journal, and headquarters books each once', async () => {
  const early = await live(machine, async ({ store, settled }) => {
    const sold = sell(store, 3);
    await settled();
    return sold;
  });
  const lose = databaseOf(machine);
  const unsent = offline(machine, (store) => sell(store, 4));
  lose();
  const fresh = await live(machine, async ({ store, settled }) => {
    expect(store.ledger.head().seq).toBe(7);
    const sold = sell(store, 2);
    await settled();
    expect(verifyLedger(store)).toMatchObject({ ok: true });
    return sold;
  });
  const booked = await bookedAtHq();
  expect(booked.map(({ sale_id }) => sale_id)).toEqual([...early, ...unsent, ...fresh]);
});

test('a database that lost sales which headquarters has by then sends none of them twice', async () => {
  const early = await live(machine, async ({ store, settled }) => {
    const sold = sell(store, 3);
    await settled();
    return sold;
  });
  const lose = databaseOf(machine);
  const sent = await live(machine, async ({ store, settled }) => {
    const sold = sell(store, 3);
    await settled();
    return sold;
  });
  const unsent = offline(machine, (store) => sell(store, 2));
  lose();
  // It shows an old proof, so headquarters takes it for a copy until a person registers it again.
  await live(machine, async ({ state }) => {
    await vi.waitFor(() => expect(state()).toBe('till-copied'), 30_000);
  });
  const opened = must(openLikeTill(machine.dataDir, machine.key));
  await register(opened.store);
  closeTill(opened);
  const fresh = await live(machine, async ({ store, settled }) => {
    expect(store.ledger.head().seq).toBe(8);
    const sold = sell(store, 2);
    await settled();
    return sold;
  });
  const booked = await bookedAtHq();
  expect(booked.map(({ sale_id }) => sale_id).sort()).toEqual(
    [...early, ...sent, ...unsent, ...fresh].sort(),
  );
});
