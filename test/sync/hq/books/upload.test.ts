import { expect, test } from 'vitest';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { codeOf, openBooks, receiptOf, saleFacts } from './rig.ts';

describeOnEngines("the intake of a till's outbox", (hq) => {
  const open = async () => openBooks(await hq.fresh());

  test('takes entries in order and receipts the head under its signature', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    till.entry();
    till.audit('drawer-opened');
    const last = till.entry();
    const receipt = receiptOf(await till.send());
    expect(receipt).toMatchObject({
      tillId: 'till-1',
      incarnation: till.caller.incarnation,
      outboxNo: 3,
      seq: 2,
      hash: last.hash,
      backedUpSeq: 0,
    });
    const rows = await rig.db.query<{ header: string; sealed: Uint8Array; hash: string }>(
      'SELECT header, sealed, hash FROM ledger ORDER BY seq',
    );
    expect(rows.map((row) => row.header)).toEqual(
      [till.outbox[0], last].map((one) => one && 'header' in one && one.header),
    );
    expect(Buffer.from(rows[1]?.sealed ?? []).toString('base64')).toBe(last.sealed);
    const [audit] = await rig.db.query('SELECT till_id, action FROM audit');
    expect(audit).toEqual({ till_id: 'till-1', action: 'drawer-opened' });
    const keys = await rig.db.query('SELECT key_id FROM subject_keys');
    expect(keys).toEqual([{ key_id: 'key-till-1-0000' }]);
  });

  test('a repeated upload changes nothing and is receipted again', async () => {
    const rig = await open();
    const member = await rig.member(1);
    const till = rig.till('till-1');
    till.entry(saleFacts(member, { saleId: 's1', earned: 90, spendMinor: 9_000 }));
    till.audit('drawer-opened');
    const first = receiptOf(await till.send());
    const body = await rig.body(member);
    expect(receiptOf(await till.send())).toEqual(first);
    expect(await rig.balance(member)).toBe(90);
    expect(await rig.body(member)).toEqual(body);
    expect(await rig.db.query('SELECT 1 FROM audit')).toHaveLength(1);
  });

  test('an upload that overlaps what was received books only what follows', async () => {
    const rig = await open();
    const member = await rig.member(1);
    const till = rig.till('till-1');
    till.entry(saleFacts(member, { saleId: 's1', earned: 10 }));
    await till.send();
    till.entry(saleFacts(member, { saleId: 's2', earned: 20 }));
    expect(receiptOf(await till.send())).toMatchObject({ seq: 2, outboxNo: 2 });
    expect(await rig.balance(member)).toBe(30);
  });

  test('the same upload on many connections at once is booked once', async () => {
    const rig = await open();
    const member = await rig.member(1);
    const till = rig.till('till-1');
    for (let n = 0; n < 5; n++)
      till.entry(saleFacts(member, { saleId: `s${n}`, earned: 10, spendMinor: 100 }));
    const replies = await Promise.all(Array.from({ length: 8 }, () => till.send()));
    expect(replies.map(codeOf)).toEqual(Array(8).fill('ok'));
    expect(new Set(replies.map((reply) => receiptOf(reply).hash)).size).toBe(1);
    expect(await rig.balance(member)).toBe(50);
    expect((await rig.body(member)).completedOrders).toBe(5);
  });

  test('a gap in the outbox is refused with the number that is missing', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    till.entry();
    await till.send();
    till.audit('a');
    till.audit('b');
    expect(await till.send(3)).toEqual({
      ok: false,
      error: { code: 'outbox-gap', detail: { expectedNo: 2 } },
    });
  });

  test('reordered items are refused whole', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    const a = till.entry();
    const b = till.entry();
    expect(codeOf(await till.sendItems([b, a]))).toBe('outbox-gap');
    expect(await rig.db.query('SELECT 1 FROM ledger')).toHaveLength(0);
    expect(codeOf(await till.sendItems([a, b]))).toBe('ok');
  });

  test('a gap in the ledger is refused with the entry that is missing', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    till.entry();
    const later = till.entry();
    expect(await till.sendItems([{ ...later, no: 1 }])).toEqual({
      ok: false,
      error: { code: 'ledger-gap', detail: { expectedSeq: 1 } },
    });
  });

  test('two data folders copied from one till: the second history is refused, with one alarm', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    till.entry();
    const copy = rig.till('till-1');
    copy.entry();
    await till.send();
    for (let n = 0; n < 3; n++)
      expect(await copy.send()).toEqual({
        ok: false,
        error: { code: 'ledger-forked', detail: { seq: 1 } },
      });
    const alarms = await rig.db.query('SELECT code, till_id FROM alarms');
    expect(alarms).toEqual([{ code: 'ledger-forked', till_id: 'till-1' }]);
  });

  test('an entry that names another one before it is a fork', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    till.entry();
    const other = rig.till('till-1');
    other.entry();
    const second = other.entry();
    await till.send();
    expect(codeOf(await till.sendItems([second]))).toBe('ledger-forked');
  });

  test('an entry sent again under a later outbox number is the same entry', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    const entry = till.entry();
    await till.send();
    expect(receiptOf(await till.sendItems([{ ...entry, no: 2 }]))).toMatchObject({
      seq: 1,
      outboxNo: 2,
    });
    expect(await rig.db.query('SELECT 1 FROM ledger')).toHaveLength(1);
  });

  test('an entry id of another till is refused as a fork', async () => {
    const rig = await open();
    const a = rig.till('till-1');
    const b = rig.till('till-2');
    const first = a.entry({ header: { entryId: 'twin' as never } });
    b.entry({ header: { entryId: 'twin' as never } });
    expect(codeOf(await a.sendItems([first]))).toBe('ok');
    expect(codeOf(await b.send())).toBe('ledger-forked');
  });

  test('an entry that is not in the form of one is refused by its field', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    const entry = till.entry();
    for (const [change, field] of [
      [{ header: '{' }, 'items.0.header'],
      [{ header: '{}' }, 'items.0.header'],
      [{ header: ` ${entry.header}` }, 'items.0.header'],
      [{ hash: 'f'.repeat(64) }, 'items.0.hash'],
    ] as const)
      expect(await till.sendItems([{ ...entry, ...change }])).toEqual({
        ok: false,
        error: { code: 'invalid-input', field },
      });
  });

  test("another till's or another database's entries are refused", async () => {
    const rig = await open();
    const till = rig.till('till-1');
    expect(codeOf(await till.sendItems([rig.till('till-2').entry()]))).toBe('forbidden');
    const old = rig.till('till-1', { incarnation: 'incarnation-old' });
    expect(codeOf(await till.sendItems([old.entry()]))).toBe('incarnation-unknown');
    const wrong = await rig.books.upload(
      till.caller,
      { incarnation: 'incarnation-old', items: [till.audit('x')] },
      undefined,
    );
    expect(wrong).toMatchObject({ error: { code: 'incarnation-unknown', field: 'incarnation' } });
  });

  test('a text that the database cannot keep is refused by its field', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    expect(await till.sendItems([till.release('a\0b')])).toEqual({
      ok: false,
      error: { code: 'invalid-input', field: 'items.0.allowanceId' },
    });
  });

  test('a refused upload leaves nothing behind', async () => {
    const rig = await open();
    const member = await rig.member(1);
    const till = rig.till('till-1');
    const good = till.entry(saleFacts(member, { saleId: 's1', earned: 90 }));
    till.audit('x');
    const gap = till.audit('y');
    expect(codeOf(await till.sendItems([good, gap]))).toBe('outbox-gap');
    expect(await rig.balance(member)).toBe(0);
    expect(await rig.db.query('SELECT 1 FROM ledger')).toHaveLength(0);
  });

  test('a till that was registered anew begins a chain of its own', async () => {
    const rig = await open();
    const old = rig.till('till-1', { incarnation: 'incarnation-old' });
    old.entry();
    must(await old.send());
    const fresh = rig.till('till-1', { incarnation: 'incarnation-new' });
    fresh.entry();
    expect(receiptOf(await fresh.send())).toMatchObject({ seq: 1, incarnation: 'incarnation-new' });
  });
});
