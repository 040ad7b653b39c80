import { expect, test } from 'vitest';
import { toInstant } from '../../../../agent/contract/time.ts';
import { BACKUP_MARGIN_MS } from '../../../../sync/hq/books/note-backup.ts';
import { bookingListSchema, memberHitSchema } from '../../../../sync/protocol/fleet.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import {
  admin,
  type BooksRig,
  codeOf,
  NOON_MS,
  online,
  openBooks,
  receiptOf,
  saleFacts,
} from './rig.ts';

describeOnEngines('the list of what was booked', (hq) => {
  test('tills and the web shop stand in one list, the latest first, with masked names', async () => {
    const rig = openBooks(await hq.fresh());
    const member = await rig.member(1, { name: '王小明' });
    const till = rig.till('till-1');
    till.entry(saleFacts(member, { saleId: 's1', earned: 9, spendMinor: 900 }));
    till.entry({
      header: {
        kind: 'return',
        saleId: 's1' as never,
        returnId: 'r1' as never,
        payableMinor: -900,
        pointsEarned: -9,
      },
    });
    must(await till.send());
    rig.clockMs += 1_000;
    const input = { memberId: member as never, orderId: 'W-1', amountMinor: 500, currency: 'CNY' };
    must(await rig.books.bookPurchase(online, { ...input, pointsSpent: 2 }, 'key-12345678'));
    const list = async (limit: number) =>
      bookingListSchema.parse(must(await rig.books.listBookings(admin, { limit }, undefined)));
    const { total, rows } = await list(50);
    expect(total).toBe(3);
    expect(
      rows.map((row) => [row.source, row.kind, row.reference, row.maskedName, row.payableMinor]),
    ).toEqual([
      ['online', 'purchase', 'W-1', '王*明', 500],
      ['till', 'return', 'r1', null, -900],
      ['till', 'sale', 's1', '王*明', 900],
    ]);
    expect(rows[0]).toMatchObject({
      receivedAt: toInstant(NOON_MS + 1_000),
      tillId: null,
      currency: 'CNY',
      pointsEarned: 5,
      pointsSpent: 2,
    });
    expect(rows[2]).toMatchObject({ tillId: 'till-1', storeId: 'store-1', seq: 1 });
    expect((await list(1)).rows).toEqual(rows.slice(0, 1));
    expect(JSON.stringify(rows)).not.toContain('王小明');
  });

  test('a chain without bookings has an empty list', async () => {
    const rig = openBooks(await hq.fresh());
    expect(must(await rig.books.listBookings(admin, { limit: 50 }, undefined))).toEqual({
      total: 0,
      rows: [],
    });
  });
});

describeOnEngines("the console's search for members", (hq) => {
  const search = async (rig: BooksRig, query: string, limit = 20) => {
    const { members } = must(await rig.books.searchMembers(admin, { query, limit }, undefined));
    return members.map((one) => memberHitSchema.parse(one));
  };

  test('finds by id, card, GSRN, phone, the end of a phone and the beginning of a name', async () => {
    const rig = openBooks(await hq.fresh());
    const member = await rig.member(1, { name: '欧阳娜娜', phone: '13800001234' });
    await rig.member(2, { name: '王小明' });
    await rig.lot(member, 'a', 40);
    await rig.lot(member, 'gone', 40, { expiresOn: '2026-11-20' });
    const hit = {
      memberId: member,
      maskedName: '欧**娜',
      phoneLast4: '1234',
      tier: 'standard',
      points: 40,
      homeStoreId: null,
    };
    for (const query of [
      'm-1',
      '620000000001',
      '000000000000000001',
      '+8613800001234',
      '1234',
      '欧阳',
      ' 欧阳娜 ',
    ])
      expect(await search(rig, query)).toEqual([hit]);
    for (const query of ['阳娜', '123', '%', '_', '欧阳%娜'])
      expect(await search(rig, query)).toEqual([]);
  });

  test('a merged member appears as whom they were merged into, once', async () => {
    const rig = openBooks(await hq.fresh());
    const living = await rig.member(2, { name: '王小明' });
    await rig.member(1, { name: '王小', status: 'merged', mergedInto: living as never });
    expect((await search(rig, '王小')).map((one) => one.memberId)).toEqual([living]);
    expect((await search(rig, 'm-1')).map((one) => one.memberId)).toEqual([living]);
  });

  test('no more than the limit are answered', async () => {
    const rig = openBooks(await hq.fresh());
    for (let n = 0; n < 5; n++) await rig.member(n, { name: `王${n}` });
    expect(await search(rig, '王', 3)).toHaveLength(3);
  });
});

describeOnEngines('a finished backup', (hq) => {
  const note = (rig: BooksRig, startedMs: number) =>
    rig.books.noteBackup(admin, { startedAt: toInstant(startedMs) }, undefined);

  test('covers what was received well before it began, and the next receipts say so', async () => {
    const rig = openBooks(await hq.fresh());
    const till = rig.till('till-1');
    till.entry();
    till.entry();
    must(await till.send());
    rig.clockMs += 2 * BACKUP_MARGIN_MS;
    till.entry();
    must(await till.send());
    expect(must(await note(rig, NOON_MS + BACKUP_MARGIN_MS))).toEqual({ tills: 0 });
    expect(must(await note(rig, NOON_MS + BACKUP_MARGIN_MS + 1))).toEqual({ tills: 1 });
    expect(receiptOf(await till.send())).toMatchObject({ seq: 3, backedUpSeq: 2 });
    // An older one, noted late, takes nothing back.
    expect(must(await note(rig, NOON_MS))).toEqual({ tills: 0 });
    expect(receiptOf(await till.send())).toMatchObject({ backedUpSeq: 2 });
    rig.clockMs += BACKUP_MARGIN_MS + 1;
    expect(must(await note(rig, rig.clockMs))).toEqual({ tills: 1 });
    expect(receiptOf(await till.send())).toMatchObject({ backedUpSeq: 3 });
  });

  test('cannot have begun in the future', async () => {
    const rig = openBooks(await hq.fresh());
    expect(codeOf(await note(rig, NOON_MS + 1))).toBe('invalid-input');
  });
});
