import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { LotId, MemberId, StaffId } from '../../../../agent/contract/index.ts';
import { verifyChain } from '../../../../agent/domain/ledger/chain.ts';
import { MIGRATIONS } from '../../../../agent/store/migrations.ts';
import { adoptSnapshot } from '../../../../agent/store/snapshot/adopt-snapshot.ts';
import { openSnapshotBuild } from '../../../../agent/store/snapshot/snapshot-build.ts';
import {
  readNote,
  SNAPSHOT_NOTE,
  writeNote,
} from '../../../../agent/store/snapshot/snapshot-note.ts';
import { accountRow, cursorAt, staffRow } from '../../../support/fed-rows.ts';
import {
  appendEntry,
  commitSale,
  ledgerCrypto,
  testFacts,
  testLot,
  testMember,
} from '../../../support/ledger.ts';
import { feedBuild, startOf, testSnapshot } from '../../../support/snapshots.ts';
import { openTestStore, type TestStore } from '../../../support/store.ts';

const M1 = 'm-1' as MemberId;
const key = (till: TestStore): Uint8Array => till.keyStore.key ?? new Uint8Array();

function liveFile(till: TestStore): string {
  return (JSON.parse(readFileSync(join(till.dataDir, 'live.json'), 'utf8')) as { file: string })
    .file;
}

/** Builds a snapshot beside the till's database and finishes it. */
function build(till: TestStore, source = testSnapshot(20)): void {
  const fileId = randomBytes(8).toString('hex');
  const options = {
    dataDir: till.dataDir,
    key: key(till),
    nowMs: 1_000,
    storeId: 'store-1',
    fileId,
  };
  const building = openSnapshotBuild(options, startOf(source));
  feedBuild(building, source, 50);
  expect(building.finish().ok).toBe(true);
  building.close();
}

function adopt(till: TestStore) {
  return adoptSnapshot({ dataDir: till.dataDir, key: key(till), nowMs: 2_000 });
}

/** A till that has sold, joined somebody, paired a POS and counted a wrong PIN. */
function busyTill(): TestStore {
  const till = openTestStore();
  const { store } = till;
  for (let n = 1; n <= 5; n++) commitSale(store, n, M1);
  store.sync.apply([accountRow(M1, 2, { old: 7 }, {})], cursorAt(3));
  store.members.upsert([testMember(900, { memberId: 'join-1' as MemberId }), testMember(901)]);
  store.outbox.append({
    kind: 'join',
    atMs: 1,
    join: {
      provisionalId: 'join-1' as MemberId,
      phone: '13800000900',
      consentVersion: '1',
      consentChannel: 'spoken',
      staffId: 's-1' as StaffId,
      at: '2026-11-21T08:30:00.000Z',
    },
  });
  store.sync.stageProof('proof-1');
  store.meta.set('clock.highest-ms', '77');
  store.audit.append({ atMs: 1, staffId: null, action: 'looked', detail: {} });
  return till;
}

describe('a snapshot that is adopted', () => {
  test('brings what headquarters has, and everything that the till alone knew goes over', () => {
    const till = busyTill();
    const { tillId, incarnation } = till.store;
    const before = {
      upload: till.store.sync.nextUpload(50, 1_000_000),
      head: till.store.ledger.head(),
      audit: till.store.audit.recent(9),
      events: till.store.events.after(0, 99),
      reply: till.store.replies.get('pos-1', 'key-3-12345678'),
    };
    build(till);
    till.store.close();
    expect(adopt(till)).toEqual({ ok: true });
    const store = till.reopen();
    expect([store.tillId, store.incarnation]).toEqual([tillId, incarnation]);
    expect({
      upload: store.sync.nextUpload(50, 1_000_000),
      head: store.ledger.head(),
      audit: store.audit.recent(9),
      events: store.events.after(0, 99),
      reply: store.replies.get('pos-1', 'key-3-12345678'),
    }).toEqual(before);
    expect(verifyChain(ledgerCrypto.hash, store.ledger.after(0, 99)).ok).toBe(true);
    expect(store.sync.cursor()).toEqual(cursorAt(100));
    expect(store.sync.proofs()).toEqual(['proof-1']);
    expect(store.meta.get('clock.highest-ms')).toBe('77');
    expect(store.members.count()).toBe(21);
    expect(store.members.byId('join-1' as MemberId)).toBeDefined();
    expect(store.members.byId('m-901' as MemberId)).toBeUndefined();
    expect(store.members.byCard(testMember(7).cards[0] ?? '')?.memberId).toBe('m-7');
    expect(JSON.parse(store.documents.current('place')?.body ?? '')).toMatchObject({
      store: { storeTier: 'flagship' },
    });
    // The lot of the snapshot, and five sales that it has not booked.
    expect(store.points.balance(M1)).toBe(1 + 5 * 90);
    expect(store.points.balance('m-9' as MemberId)).toBe(9);
  });

  test('leaves the triggers that keep the ledger append-only, and the schema, as they were', () => {
    const till = busyTill();
    const schema = () =>
      till.withSql((db) =>
        db
          .prepare(
            `SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name`,
          )
          .all(),
      );
    const before = schema();
    build(till);
    till.store.close();
    adopt(till);
    till.reopen();
    expect(schema()).toEqual(before);
    expect(() => till.withSql((db) => db.exec('DELETE FROM ledger'))).toThrow('append-only');
    expect(till.withSql((db) => db.pragma('foreign_key_check'))).toEqual([]);
    expect(till.withSql((db) => db.pragma('integrity_check', { simple: true }))).toBe('ok');
    commitSale(till.store, 6, M1);
    expect(till.store.sync.waiting().count).toBe(8);
  });

  test('keeps a wrong PIN counted, points that were given back and lots that were made here', () => {
    const till = openTestStore();
    const source = testSnapshot(3);
    till.store.sync.apply([['staff', 's-1', 1, source['staff']?.[0]?.[2] ?? '']]);
    till.store.staff.setPinFailures('s-1' as StaffId, 4, 99);
    commitSale(till.store, 1, M1);
    till.store.transaction(() => {
      const { header } = appendEntry(till.store, 2, { memberId: 'm-77' as MemberId });
      till.store.points.upsertLots([testLot('l', 'm-77', 0)]);
      till.store.points.move([
        { seq: header.seq, lotId: 'l' as LotId, memberId: 'm-77' as MemberId, delta: 5 },
      ]);
      till.store.outbox.append({
        kind: 'entry',
        seq: 2,
        atMs: 2,
        facts: testFacts('m-77' as MemberId),
      });
    });
    const upload = till.store.sync.nextUpload(9, 1_000_000);
    build(till, source);
    till.store.close();
    adopt(till);
    const store = till.reopen();
    expect(store.staff.byId('s-1' as StaffId)).toMatchObject({ wrongPins: 4, lockedUntilMs: 99 });
    expect(store.points.balance('m-77' as MemberId)).toBe(5);
    expect(store.sync.nextUpload(9, 1_000_000)).toEqual(upload);
  });

  test('begins the wrong PINs anew where the PIN itself is another by then', () => {
    const till = openTestStore();
    till.store.sync.apply([staffRow('s-1', 1, '$argon2id$v=19$m=1024,t=1,p=1$b3RoZXI$aGFzaA')]);
    till.store.staff.setPinFailures('s-1' as StaffId, 4, 99);
    build(till, testSnapshot(3));
    till.store.close();
    adopt(till);
    expect(till.reopen().staff.byId('s-1' as StaffId)).toMatchObject({
      wrongPins: 0,
      lockedUntilMs: 0,
    });
  });

  test('without a member’s account leaves of it what headquarters has yet to hear, and nothing more', () => {
    const till = openTestStore();
    const gone = 'm-77' as MemberId;
    const { store } = till;
    store.sync.apply([accountRow(gone, 1, { a: 30 })]);
    const spend = (n: number, delta: number) =>
      store.transaction(() => {
        const { header } = appendEntry(store, n, { memberId: gone });
        store.points.move([{ seq: header.seq, lotId: 'a', memberId: gone, delta }]);
        store.outbox.append({ kind: 'entry', seq: n, atMs: n, facts: testFacts(gone) });
      });
    spend(1, -10);
    spend(2, -3);
    store.sync.acknowledge({
      tillId: store.tillId,
      incarnation: store.incarnation,
      timeline: 'timeline-1',
      outboxNo: 1,
      seq: 1,
      hash: store.ledger.bySeq(1)?.hash ?? '',
      backedUpSeq: 0,
      at: '2026-11-21T08:30:00.000Z',
    });
    build(till, testSnapshot(3));
    store.close();
    adopt(till);
    expect(till.reopen().points.balance(gone)).toBe(-3);
  });

  test('knows every table of the schema: one that is added is the till’s own unless it is named', () => {
    const till = openTestStore();
    const tables = till.withSql((db) =>
      db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).pluck().all(),
    );
    // Whoever adds a table that headquarters feeds names it in copy-local-tables.ts, then here.
    expect(tables).toEqual([
      'articles',
      'audit',
      'baskets',
      'checks',
      'clients',
      'coupon_uses',
      'credential_counters',
      'credential_uses',
      'device_bindings',
      'device_statistics',
      'digest_state',
      'documents',
      'drift_stays',
      'erased_keys',
      'events',
      'face_pairs',
      'faces',
      'fed_counts',
      'fed_digests',
      'fed_repairs',
      'fed_roots',
      'feed_rows',
      'holds',
      'ledger',
      'ledger_base',
      'ledger_pruned',
      'member_cards',
      'members',
      'meta',
      'migrations',
      'outbox',
      'points_accounts',
      'points_lots',
      'points_movements',
      'received_marks',
      'replies',
      'rule_uses',
      'screens',
      'staff',
      'subject_keys',
      'sync_state',
      'tombstones',
      'use_totals',
      'visits',
    ]);
    expect(MIGRATIONS.length).toBe(
      till.withSql((db) => db.pragma('user_version', { simple: true })),
    );
  });
});

describe('the file that was live before', () => {
  test('is set aside at the next start, and goes at the one after', () => {
    const till = openTestStore();
    const old = liveFile(till);
    build(till);
    till.store.close();
    adopt(till);
    expect(existsSync(join(till.dataDir, old))).toBe(true);
    expect(existsSync(join(till.dataDir, SNAPSHOT_NOTE))).toBe(false);
    till.reopen();
    const named = () => readdirSync(till.dataDir).filter((name) => name.startsWith(old));
    expect(named().sort()).toEqual([`${old}.first.old`, `${old}.old`]);
    till.reopen();
    expect(named()).toEqual([]);
  });
});

describe('nothing is adopted', () => {
  test('where no build lies in the folder, or one that is not finished', () => {
    const till = openTestStore();
    till.store.close();
    expect(adopt(till)).toEqual({ ok: false, error: { code: 'no-snapshot' } });
    const source = testSnapshot(5);
    const options = {
      dataDir: till.dataDir,
      key: key(till),
      nowMs: 1,
      storeId: 'store-1',
      fileId: randomBytes(8).toString('hex'),
    };
    openSnapshotBuild(options, startOf(source)).close();
    const live = liveFile(till);
    expect(adopt(till)).toEqual({ ok: false, error: { code: 'no-snapshot' } });
    expect(liveFile(till)).toBe(live);
    expect(till.reopen().members.count()).toBe(0);
  });

  test('and a note that names the live database deletes nothing', () => {
    const till = openTestStore();
    commitSale(till.store, 1, M1);
    writeNote(till.dataDir, liveFile(till));
    expect(readNote(till.dataDir)).toBeUndefined();
    build(till);
    expect(till.reopen().ledger.head().seq).toBe(1);
  });
});

describe('a kill', () => {
  test('between the copy and the pointer leaves the old database live, and adoption is done again with what was sold since', () => {
    const till = busyTill();
    const old = liveFile(till);
    build(till);
    const file = readNote(till.dataDir) ?? '';
    till.store.close();
    const pointer = readFileSync(join(till.dataDir, 'live.json'), 'utf8');
    adopt(till);
    // As if the pointer had not been written yet.
    writeFileSync(join(till.dataDir, 'live.json'), pointer);
    writeNote(till.dataDir, file);
    const store = till.reopen();
    expect(liveFile(till)).toBe(old);
    commitSale(store, 6, M1);
    store.close();
    expect(adopt(till)).toEqual({ ok: true });
    expect(till.reopen().ledger.head().seq).toBe(6);
    expect(liveFile(till)).toBe(file);
    expect(till.store.members.count()).toBe(21);
    expect(till.store.points.balance(M1)).toBe(1 + 6 * 90);
  });

  test('between the pointer and the end leaves the new database live, and its note deletes nothing', () => {
    const till = busyTill();
    build(till);
    const file = readNote(till.dataDir) ?? '';
    till.store.close();
    adopt(till);
    writeNote(till.dataDir, file);
    expect(adopt(till)).toEqual({ ok: false, error: { code: 'no-snapshot' } });
    expect(till.reopen().ledger.head().seq).toBe(5);
    expect(liveFile(till)).toBe(file);
  });

  test('at any moment of building and adopting loses no sale and ends with the whole snapshot', async () => {
    const members = 1_500;
    const till = busyTill();
    till.store.close();
    const keyFile = join(till.dataDir, '..', `${randomBytes(4).toString('hex')}.key`);
    onTestFinished(() => rmSync(keyFile));
    writeFileSync(keyFile, Buffer.from(key(till)).toString('hex'));
    const moments = ['begun', 'rows 300', 'rows 1700', 'rows 3004', 'finished', 'adopted'];
    let goesOnAt = 0;
    for (const moment of moments) {
      const said = await buildAndKill(till.dataDir, keyFile, members, moment);
      const rows = said.find((line) => line.startsWith('rows '));
      const first = rows === undefined ? goesOnAt : Number(rows.slice(5)) - 100;
      // Every segment that was said to be in before is in still.
      expect(first).toBeGreaterThanOrEqual(goesOnAt);
      goesOnAt = Math.max(
        goesOnAt,
        Number(said.findLast((line) => line.startsWith('rows '))?.slice(5) ?? 0),
      );
      const store = till.reopen();
      expect(store.ledger.head().seq).toBe(5);
      expect(store.sync.nextUpload(50, 1_000_000)).toHaveLength(7);
      store.close();
    }
    const store = till.reopen();
    expect(store.sync.cursor()).toEqual(cursorAt(100));
    expect(store.members.count()).toBe(members + 1);
    expect(till.withSql((db) => db.pragma('integrity_check', { simple: true }))).toBe('ok');
  }, 120_000);
});

/** Runs the child and kills it as soon as it has said `moment`; answers what it said. */
function buildAndKill(
  dataDir: string,
  keyFile: string,
  members: number,
  moment: string,
): Promise<string[]> {
  const args = [dataDir, keyFile, randomBytes(8).toString('hex'), String(members)];
  const child = spawn(process.execPath, ['test/support/build-until-killed.ts', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
    if (said.split('\n').includes(moment)) child.kill('SIGKILL');
  });
  return new Promise((settle) => {
    child.once('exit', () => settle(said.trimEnd().split('\n')));
  });
}
