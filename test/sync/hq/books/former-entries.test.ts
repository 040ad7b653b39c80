import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type MemberId, toInstant } from '../../../../agent/contract/index.ts';
import { openStore } from '../../../../agent/store/open-store.ts';
import type { Store } from '../../../../agent/store/store.ts';
import { BACKUP_MARGIN_MS } from '../../../../sync/hq/books/note-backup.ts';
import type { TillCaller } from '../../../../sync/hq/deps.ts';
import { followIncarnation } from '../../../../sync/hq/tills/begin-ledger.ts';
import { UPLOAD_MAX_BYTES } from '../../../../sync/protocol/upload.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { commitSale } from '../../../support/ledger.ts';
import { type LedgerRig, openLedgerRig } from '../checks/ledger-rig.ts';
import { admin, receiptOf } from './rig.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step();
});

/** The image of a till's disk on another machine. */
function imageOf(rig: LedgerRig): { store: Store; renew(): Store } {
  rig.till.store.close();
  const dataDir = mkdtempSync(join(tmpdir(), 'tillside-image-'));
  cpSync(rig.till.dataDir, dataDir, { recursive: true });
  rig.till.store = undefined as never;
  const { keyStore, clock } = rig.till;
  const open = () => must(openStore({ dataDir, keyStore, clock, random: randomBytes }));
  const image = {
    store: open(),
    renew() {
      expect(image.store.wantIncarnation()).toBe(true);
      image.store.close();
      image.store = open();
      return image.store;
    },
  };
  undo.push(() => {
    image.store.close();
    rmSync(dataDir, { recursive: true });
  });
  rig.till.store = must(
    openStore({ dataDir: rig.till.dataDir, keyStore, clock, random: randomBytes }),
  );
  return image;
}

/** Sends what waits, at most `atOnce` items in an upload, and takes the receipts. */
async function send(rig: LedgerRig, store: Store, caller: TillCaller, atOnce = 200): Promise<void> {
  const { incarnation } = caller;
  for (;;) {
    const items = store.sync.nextUpload(atOnce, UPLOAD_MAX_BYTES);
    if (items.length === 0) return;
    const receipt = receiptOf(await rig.hq.books.upload(caller, { incarnation, items }, undefined));
    expect(store.sync.acknowledge(receipt)).toEqual({ ok: true });
  }
}

async function follow(rig: LedgerRig, store: Store): Promise<TillCaller> {
  await rig.hq.db.transaction((tx) =>
    followIncarnation(tx, 'till-1', store.incarnation, store.sync.former()),
  );
  return { ...rig.caller, incarnation: store.incarnation };
}

/** Feeds a member's account, as headquarters has it. @returns the points that the till shows */
async function shown(rig: LedgerRig, store: Store, memberId: MemberId): Promise<number> {
  const body = JSON.stringify(await rig.hq.account(memberId));
  shownVersion += 1;
  expect(store.sync.apply([['points', memberId, shownVersion, body]]).refused ?? []).toEqual([]);
  return store.points.lots(memberId).reduce((sum, { points }) => sum + points, 0);
}
let shownVersion = 1_000;

const where = (rig: LedgerRig) =>
  rig.hq.db.query<{ incarnation: string; seq: number }>(
    'SELECT incarnation, seq FROM ledger ORDER BY incarnation, seq',
  );

describeOnEngines(
  'entries of a former incarnation',
  (dbs) => {
    test.each([200, 1])(
      'go to a branch of their own from the first number that was taken on, %i to an upload, and the till whose name it was goes on',
      async (atOnce) => {
        const rig = await openLedgerRig(await dbs.fresh());
        await rig.sell(4);
        const image = imageOf(rig);
        const a = rig.caller.incarnation;
        await rig.sell(2);
        for (const n of [101, 102, 103]) commitSale(image.store, n, rig.memberId);
        const caller = await follow(rig, image.renew());
        await send(rig, image.store, caller, atOnce);
        const branch = `${a}~${caller.incarnation.slice(-12)}`;
        const rows = await where(rig);
        expect(rows.filter((row) => row.incarnation === branch).map(({ seq }) => seq)).toEqual([
          5, 6, 7,
        ]);
        expect(await rig.alarms()).toEqual([expect.stringContaining('till-restored')]);

        commitSale(rig.till.store, 201, rig.memberId);
        expect(await rig.send()).toBe(7);
        expect((await where(rig)).filter((row) => row.incarnation === a)).toHaveLength(7);

        rig.hq.clockMs += BACKUP_MARGIN_MS + 1_000;
        must(
          await rig.hq.books.noteBackup(admin, { startedAt: toInstant(rig.hq.clockMs) }, undefined),
        );
        const heads = await rig.hq.db.query<{ seq: number; backed_up_seq: number }>(
          'SELECT seq, backed_up_seq FROM ledger_heads WHERE backed_up_seq > 0',
        );
        expect(heads).toEqual([{ seq: 7, backed_up_seq: 7 }]);
      },
    );

    test('are kept under the name that wrote them where they follow its head, which moves with them', async () => {
      const rig = await openLedgerRig(await dbs.fresh());
      await rig.sell(4);
      const image = imageOf(rig);
      for (const n of [101, 102]) commitSale(image.store, n, rig.memberId);
      const store = image.renew();
      await send(rig, store, await follow(rig, store));
      const a = rig.caller.incarnation;
      expect((await where(rig)).map(({ incarnation }) => incarnation)).toEqual(Array(6).fill(a));
      // Whoever else goes by that name forks, and is not answered for ever that headquarters is busy.
      commitSale(rig.till.store, 201, rig.memberId);
      const items = rig.till.store.sync.nextUpload(200, UPLOAD_MAX_BYTES);
      const reply = await rig.hq.books.upload(rig.caller, { incarnation: a, items }, undefined);
      expect(reply).toMatchObject({ ok: false, error: { code: 'ledger-forked' } });
    });

    test('are counted once in the points that the restored till shows, before they went up and after', async () => {
      const rig = await openLedgerRig(await dbs.fresh());
      await rig.sell(4);
      const image = imageOf(rig);
      // Both have sold under 5 and 6, and headquarters knows the other one's.
      await rig.sell(2);
      for (const n of [101, 102, 103]) commitSale(image.store, n, rig.memberId);
      const store = image.renew();
      const atHq = await rig.hq.balance(rig.memberId);
      expect(await shown(rig, store, rig.memberId)).toBe(atHq + 3 * (atHq / 6));
      await send(rig, store, await follow(rig, store));
      expect(await rig.hq.balance(rig.memberId)).toBe(atHq + 3 * (atHq / 6));
      expect(await shown(rig, store, rig.memberId)).toBe(atHq + 3 * (atHq / 6));
      expect(store.ownBookings.ofMember(rig.memberId)).toEqual([]);
    });

    test('that headquarters had all along are told to the renewed till as booked', async () => {
      const rig = await openLedgerRig(await dbs.fresh());
      await rig.sell(3);
      for (const n of [104, 105]) commitSale(rig.till.store, n, rig.memberId);
      const items = rig.till.store.sync.nextUpload(200, UPLOAD_MAX_BYTES);
      // The answer never comes.
      const { incarnation } = rig.caller;
      receiptOf(await rig.hq.books.upload(rig.caller, { incarnation, items }, undefined));
      rig.till.store.wantIncarnation();
      const store = rig.till.reopen();
      await send(rig, store, await follow(rig, store));
      expect(await where(rig)).toHaveLength(5);
      expect(await shown(rig, store, rig.memberId)).toBe(await rig.hq.balance(rig.memberId));
      expect(store.ownBookings.ofMember(rig.memberId)).toEqual([]);
    });
  },
  ['pglite'],
);
