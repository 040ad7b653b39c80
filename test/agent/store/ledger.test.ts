import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  GENESIS_HASH,
  type MemberId,
  type ReturnId,
  type SaleId,
} from '../../../agent/contract/index.ts';
import { linkEntry, verifyChain } from '../../../agent/domain/ledger/chain.ts';
import { openBody } from '../../../agent/domain/ledger/sealed-body.ts';
import type { LedgerRow } from '../../../agent/store/store.ts';
import { appendEntry, commitSale, draftEntry, ledgerCrypto } from '../../support/ledger.ts';
import { openTestStore } from '../../support/store.ts';

const { hash } = ledgerCrypto;
const member = 'm-1' as MemberId;

function bareRow(
  n: number,
  head: { seq: number; hash: string },
  more: Parameters<typeof draftEntry>[1] = {},
): LedgerRow {
  return { ...linkEntry(hash, draftEntry(n, more), head), sealed: randomBytes(80) };
}

describe('the ledger', () => {
  test('begins empty, with the genesis hash', () => {
    expect(openTestStore().store.ledger.head()).toEqual({ seq: 0, hash: GENESIS_HASH });
  });

  test('gives back what was appended, also after a restart', () => {
    const till = openTestStore();
    const rows = [1, 2, 3].map((n) => till.store.transaction(() => appendEntry(till.store, n)));
    const plain = (all: LedgerRow[]) =>
      all.map((row) => ({ ...row, sealed: Buffer.from(row.sealed).toString('hex') }));
    expect(plain(till.reopen().ledger.after(0, 10))).toEqual(plain(rows));
    expect(plain(till.store.ledger.after(1, 1))).toEqual(plain(rows.slice(1, 2)));
    expect(till.store.ledger.recent(2).map(({ header }) => header.seq)).toEqual([3, 2]);
    expect(till.store.ledger.bySeq(2)?.hash).toBe(rows[1]?.hash);
    expect(till.store.ledger.bySeq(4)).toBeUndefined();
    expect(till.store.ledger.head()).toEqual({ seq: 3, hash: rows[2]?.hash });
  });

  test('refuses a gap, a repetition, a foreign link and a hash that is not the header’s', () => {
    const { ledger } = openTestStore().store;
    const first = bareRow(1, ledger.head());
    ledger.append(first);
    const head = ledger.head();
    const second = bareRow(2, head);
    expect(() => ledger.append(first)).toThrow('entry 1 follows entry 1');
    expect(() => ledger.append(bareRow(2, { ...head, seq: 2 }))).toThrow('entry 3 follows entry 1');
    expect(() => ledger.append(bareRow(2, { ...head, hash: GENESIS_HASH }))).toThrow('chained');
    expect(() => ledger.append({ ...second, hash: first.hash })).toThrow('carries its own hash');
    expect(ledger.head()).toEqual(head);
    ledger.append(second);
  });

  test('holds a sale once, and beside it its void and returns, in their order', () => {
    const { store } = openTestStore();
    const { ledger } = store;
    const saleId = 'sale-1' as SaleId;
    ledger.append(bareRow(1, ledger.head()));
    expect(() => ledger.append(bareRow(2, ledger.head(), { saleId }))).toThrow('UNIQUE');
    const returnId = 'return-1' as ReturnId;
    ledger.append(bareRow(2, ledger.head(), { saleId, kind: 'return', returnId }));
    expect(() =>
      ledger.append(bareRow(3, ledger.head(), { saleId, kind: 'return', returnId })),
    ).toThrow('UNIQUE');
    ledger.append(
      bareRow(3, ledger.head(), { saleId, kind: 'return', returnId: 'return-2' as ReturnId }),
    );
    ledger.append(bareRow(4, ledger.head(), { saleId, kind: 'override' }));
    ledger.append(bareRow(5, ledger.head(), { saleId, kind: 'override' }));
    expect(ledger.bySale(saleId).map(({ header }) => header.kind)).toEqual([
      'sale',
      'return',
      'return',
      'override',
      'override',
    ]);
    expect(ledger.byReturn(returnId)?.header.seq).toBe(2);
  });

  test.each([
    ['changed', `UPDATE ledger SET header = replace(header, '9001', '1')`],
    ['removed', 'DELETE FROM ledger WHERE seq = 1'],
    [
      'replaced',
      `INSERT OR REPLACE INTO ledger SELECT seq, kind, sale_id, return_id, '{}', hash, sealed FROM ledger`,
    ],
    ['emptied of its box', `UPDATE ledger SET sealed = x''`],
  ])('is append-only: no entry is %s, whoever asks', (_, sql) => {
    const till = openTestStore();
    const row = till.store.transaction(() => appendEntry(till.store, 1));
    till.withSql((db) => expect(() => db.exec(sql)).toThrow('the ledger is append-only'));
    expect(till.store.ledger.bySeq(1)?.hash).toBe(row.hash);
  });

  test.each([
    ['points_movements', 'UPDATE points_movements SET delta = 0'],
    ['points_movements', 'DELETE FROM points_movements'],
    ['audit', `UPDATE audit SET action = ''`],
    ['audit', 'DELETE FROM audit'],
  ])('%s is append-only too: %s', (_, sql) => {
    const till = openTestStore();
    commitSale(till.store, 1, member);
    till.store.audit.append({ atMs: 1, staffId: null, action: 'override', detail: {} });
    till.withSql((db) => expect(() => db.exec(sql)).toThrow('append-only'));
  });
});

describe('an erased member', () => {
  test('leaves a chain that is whole, and bodies that answer erased, theirs only', () => {
    const till = openTestStore();
    commitSale(till.store, 1, member);
    commitSale(till.store, 2, 'm-2' as MemberId);
    const bodyOf = (seq: number) => {
      const row = till.store.ledger.bySeq(seq);
      if (row === undefined) throw new Error('no entry');
      return openBody(ledgerCrypto, row, till.store.keys.byId(row.header.keyId)?.key);
    };
    expect(bodyOf(1)).toMatchObject({ ok: true, value: { member: { memberId: 'm-1' } } });
    till.store.keys.erase(member);
    for (const _ of ['before a restart', 'after it']) {
      expect(verifyChain(hash, till.store.ledger.after(0, 10))).toMatchObject({
        ok: true,
        value: { seq: 2 },
      });
      expect(bodyOf(1)).toEqual({ ok: false, error: { code: 'erased' } });
      expect(bodyOf(2)).toMatchObject({ ok: true });
      till.reopen();
    }
  });
});
