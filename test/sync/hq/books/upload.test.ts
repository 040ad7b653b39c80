import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { PLACES_NAMED_MAX } from '../../../../sync/hq/books/intake/upload.ts';
import { type UploadItem, uploadRequestSchema } from '../../../../sync/protocol/upload.ts';
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

  test('a gap in the outbox is refused with the number that is missing, and with one alarm', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    till.entry();
    await till.send();
    till.audit('a');
    till.audit('b');
    for (let n = 0; n < 2; n++)
      expect(await till.send(3)).toEqual({
        ok: false,
        error: { code: 'outbox-gap', detail: { expectedNo: 2 } },
      });
    const alarms = await rig.db.query('SELECT code, till_id FROM alarms');
    expect(alarms).toEqual([{ code: 'outbox-gap', till_id: 'till-1' }]);
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

  test('a gap in the ledger is refused with the entry that is missing, and with one alarm', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    till.entry();
    const later = till.entry();
    for (let n = 0; n < 2; n++)
      expect(await till.sendItems([{ ...later, no: 1 }])).toEqual({
        ok: false,
        error: { code: 'ledger-gap', detail: { expectedSeq: 1 } },
      });
    const alarms = await rig.db.query('SELECT code, detail FROM alarms');
    expect(alarms).toEqual([
      { code: 'ledger-gap', detail: `${till.caller.incarnation} expected 1` },
    ]);
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

  test('text that the database cannot keep holds nothing up: it is booked with the character replaced, and a person hears of it', async () => {
    const rig = await open();
    const member = await rig.member(1);
    const till = rig.till('till-1');
    const bad = 'a\0b\ud800c';
    const keyId = 'key-\0-0000';
    const entry = till.entry({
      ...saleFacts(member, { saleId: 's1', earned: 9 }),
      couponsUsed: [bad],
      ruleUses: [{ ruleId: bad, day: '2026-11-21', uses: 1, budgetId: bad, amountMinor: 5 }],
      header: { keyId, pointsEarned: 9 },
    });
    till.outbox.push({
      kind: 'audit',
      no: 2,
      at: '2026-11-21T08:30:00.000Z',
      staffId: null,
      action: bad,
      detail: { [bad]: [bad], deep: { text: '\udfff' } },
    });
    till.join({ provisionalId: 'join-1' as never, name: '李\ud83d' });
    till.release(bad);
    till.audit('fine');
    // As it comes over the wire, read by the endpoint's own schema.
    const { incarnation } = till.caller;
    const sent = JSON.parse(JSON.stringify({ incarnation, items: till.outbox }));
    const upload = () => rig.books.upload(till.caller, uploadRequestSchema.parse(sent), undefined);
    const receipt = receiptOf(await upload());
    expect(receipt).toMatchObject({ outboxNo: 5, seq: 1, hash: entry.hash });
    const [stored] = await rig.db.query('SELECT header, hash, key_id, facts FROM ledger');
    expect(stored).toMatchObject({
      header: entry.header,
      hash: entry.hash,
      key_id: 'key-\ufffd-0000',
      facts: expect.stringContaining('a\ufffdb\ufffdc'),
    });
    expect((await rig.body('join-1')).name).toBe('李\ufffd');
    expect(await rig.balance(member)).toBe(9);
    const audits = await rig.db.query<{ detail: string }>('SELECT detail FROM audit ORDER BY id');
    expect(JSON.parse(audits[0]?.detail ?? '')).toEqual({
      'a\ufffdb\ufffdc': ['a\ufffdb\ufffdc'],
      deep: { text: '\ufffd' },
    });
    const cases = await rig.db.query<{ seq: number | null; detail: string }>(
      "SELECT seq, detail FROM exceptions WHERE code = 'ill-formed-text' ORDER BY id",
    );
    expect(cases.map(({ seq, detail }) => [seq, JSON.parse(detail)])).toEqual([
      [
        1,
        {
          kind: 'entry',
          outboxNo: 1,
          places: [
            'facts.couponsUsed.0',
            'facts.ruleUses.0.ruleId',
            'facts.ruleUses.0.budgetId',
            'header.keyId',
          ],
        },
      ],
      [null, { kind: 'audit', outboxNo: 2, places: ['action', 'detail', 'detail.deep.text'] }],
      [null, { kind: 'join', outboxNo: 3, places: ['join.name'] }],
      [null, { kind: 'release', outboxNo: 4, places: ['allowanceId'] }],
    ]);
    // Sent again it is the same, and nobody hears of it twice.
    expect(receiptOf(await upload())).toEqual(receipt);
    expect(await rig.exceptions()).toHaveLength(4);
  });

  test('a case names some places of ill-formed text, not all', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    const detail = Object.fromEntries(
      Array.from({ length: PLACES_NAMED_MAX + 1 }, (_, n) => [`field-${n}`, '\0']),
    );
    const item = { ...till.audit('x'), detail } as UploadItem;
    must(await till.sendItems([item]));
    const [row] = await rig.db.query<{ detail: string }>('SELECT detail FROM exceptions');
    expect(JSON.parse(row?.detail ?? '').places).toHaveLength(PLACES_NAMED_MAX);
  });

  test('a header with half a surrogate pair has no canonical form: it is refused by its field', async () => {
    const rig = await open();
    const till = rig.till('till-1');
    const entry = till.entry();
    const header = entry.header.replace('"key-till-1-0000"', '"key-\\ud800-0000"');
    expect(header).not.toBe(entry.header);
    const hash = createHash('sha256').update(header).digest('hex');
    expect(await till.sendItems([{ ...entry, header, hash }])).toEqual({
      ok: false,
      error: { code: 'invalid-input', field: 'items.0.header' },
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
