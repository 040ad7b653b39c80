import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { MemberId } from '../../../agent/contract/index.ts';
import { tillConfigSchema } from '../../../agent/main/config.ts';
import { startHeadless } from '../../../agent/main/headless.ts';
import { createKeyFile } from '../../../agent/main/key-file.ts';
import type { SalvageReport } from '../../../agent/store/salvage/salvage-report.ts';
import { openDatabase } from '../../../agent/store/sqlite/open-database.ts';
import type { Store } from '../../../agent/store/store.ts';
import { journalOf, PAGE, ruinPage, treesOf } from '../../support/damaged.ts';
import { commitSale, testMember } from '../../support/ledger.ts';
import { must } from '../../support/must.ts';
import { runTill } from '../../support/till.ts';

const root = mkdtempSync(join(tmpdir(), 'tillside-salvage-'));
const [dataDir, keyFile] = [join(root, 'data'), join(root, 'till.key')];
afterAll(() => rmSync(root, { recursive: true }));

const MEMBERS = 200;
/** A driver process that has no devices and ends when it is told to. */
function noDrivers() {
  const ended = Promise.withResolvers<number | null>();
  const port = {
    postMessage(message: unknown) {
      if (JSON.stringify(message).includes('shutdown')) ended.resolve(0);
    },
    onMessage: () => undefined,
    close: () => undefined,
  };
  return { port, exit: ended.promise, pid: undefined, kill: () => ended.resolve(0) };
}

async function start(prepare: (store: Store) => void = () => undefined) {
  const restart = Promise.withResolvers<void>();
  const till = must(
    await startHeadless({
      config: tillConfigSchema.parse({ port: 0 }),
      dataDir,
      keyFile,
      logLevel: 'silent',
      host: { spawn: noDrivers },
      browserScreens: false,
      prepare: async (store) => prepare(store),
      onRestartRequest: () => restart.resolve(),
    }),
  );
  return { till, restart: restart.promise };
}

it('a till that meets a bad page while it runs asks to start again, salvages, and says so in doctor', async () => {
  const { till, restart } = await start((store) => {
    store.members.upsert(Array.from({ length: MEMBERS }, (_, n) => testMember(n)));
    for (let n = 1; n <= 8; n++) commitSale(store, n, `m-${n}` as MemberId);
  });
  const { store } = till;
  const file = store.file.slice(dataDir.length + 1);
  const key = must(createKeyFile({ path: keyFile, dataDir }).load()) ?? new Uint8Array();
  const pages = treesOf({ dataDir, file, key, sold: [], remove: () => undefined }).get('members');
  // Another connection's commit makes the till's own forget what it has in memory.
  const other = openDatabase(store.file, key, false);
  other.prepare("INSERT INTO meta VALUES ('touched', '1')").run();
  other.pragma('wal_checkpoint(TRUNCATE)');
  other.close();
  ruinPage(store.file, pages?.at(-1) ?? 0);

  const looked = Array.from({ length: MEMBERS }, (_, n) => {
    try {
      return store.members.byId(`m-${n}` as MemberId) !== undefined;
    } catch {
      return false;
    }
  });
  expect(looked).toContain(false);
  expect(JSON.parse(readFileSync(join(dataDir, 'damaged.json'), 'utf8'))).toMatchObject({
    detail: 'SQLITE_CORRUPT',
  });
  await restart;
  await till.close();

  const again = await start();
  expect(again.till.store.ledger.head().seq).toBe(8);
  expect(again.till.store.audit.recent(1)).toMatchObject([{ action: 'database-salvaged' }]);
  const { repair } = must(await again.till.till.status());
  expect(repair?.text).toEqual({
    'zh-CN': '本机数据曾损坏，已自动修复，交易没有丢失；照常收银',
    en: "This till's data was damaged and has been repaired; no sale was lost. Selling goes on",
  });
  // It sells on.
  commitSale(again.till.store, 9, 'm-1' as MemberId);
  await again.till.close();
  expect(existsSync(join(dataDir, 'damaged.json'))).toBe(false);
  expect(readdirSync(dataDir).filter((name) => name.startsWith('damaged-'))).not.toEqual([]);

  const doctor = await runTill(['doctor', '--data', dataDir, '--key-file', keyFile, '--json']);
  const checks = JSON.parse(doctor.stdout) as { check: string; ok: boolean; detail: string }[];
  expect(checks.find(({ check }) => check === 'salvage')).toMatchObject({ ok: true });
  expect(checks.find(({ check }) => check === 'ledger')).toMatchObject({ ok: true });
}, 60_000);

const asideIn = (folder: string): string =>
  readdirSync(folder).find((name) => /^damaged-.*\.db$/.test(name)) ?? '';
/** `damaged-TIME-` of a file that was set aside. */
const stampOf = (name: string): string => name.slice(0, name.indexOf('till-'));

it('`till salvage` brings a file that was set aside into a folder of its own, and changes nothing of it', async () => {
  const aside = join(dataDir, asideIn(dataDir));
  const before = readFileSync(aside);
  expect(before.length % PAGE).toBe(0);
  const to = join(root, 'salvaged');
  const salvage = () =>
    runTill([
      ...['salvage', aside, '--to', to],
      ...['--data', dataDir, '--key-file', keyFile, '--json'],
    ]);
  const done = await salvage();
  expect(done.code).toBe(0);
  expect(JSON.parse(done.stdout)).toMatchObject({
    outcome: 'salvaged',
    // The journal beside it goes on, and knows that the next number is taken.
    ledger: { entries: 9, lost: [], isRenewed: true, fromJournal: { entries: [9] } },
  });
  expect(readFileSync(aside).equals(before)).toBe(true);
  const refused = await salvage();
  expect(refused.code).toBe(2);
}, 60_000);

it('`till salvage` brings entries back from the journal that was set aside with a file', async () => {
  const from = mkdtempSync(join(root, 'copied-'));
  cpSync(dataDir, from, { recursive: true });
  const aside = asideIn(from);
  const key = must(createKeyFile({ path: keyFile, dataDir }).load()) ?? new Uint8Array();
  const db = openDatabase(join(from, aside), key, false);
  const begins = db.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'ledger'`).pluck();
  const page = Number(begins.get());
  db.close();
  ruinPage(join(from, aside), page);
  const journal = basename(journalOf(join(from, aside)));
  renameSync(join(from, journal), join(from, `${stampOf(aside)}${journal}`));
  const to = join(from, 'salvaged');
  const done = await runTill([
    ...['salvage', join(from, aside), '--to', to],
    ...['--data', dataDir, '--key-file', keyFile, '--json'],
  ]);
  const { ledger } = JSON.parse(done.stdout) as SalvageReport;
  expect(ledger).toMatchObject({ entries: 9, lost: [], lostUnsent: 0 });
  expect(ledger?.fromJournal.entries).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
}, 60_000);
