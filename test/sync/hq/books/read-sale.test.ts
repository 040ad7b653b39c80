import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { EntryHeader } from '../../../../agent/contract/ledger.ts';
import { sealBody } from '../../../../agent/domain/ledger/sealed-body.ts';
import { readReturns } from '../../../../sync/hq/books/returns/read-sale.ts';
import { SALE_MAX_RETURNS } from '../../../../sync/protocol/sale-lookup.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { ledgerCrypto } from '../../../support/ledger.ts';
import { type BooksRig, openBooks, type TestTill } from './rig.ts';

/** What older versions sealed of a return, whose facts did not tell what it undid. */
const OLDER = {
  v: 1,
  request: {},
  memberId: null,
  share: {
    refundMinor: 200,
    pointsToClawBack: 3,
    pointsToGiveBack: 1,
    lines: [
      { lineId: 'l1', units: 2, refundMinor: 150, pointsToClawBack: 2, pointsToGiveBack: 1 },
      { lineId: 'l2', units: 1, refundMinor: 50, pointsToClawBack: 1, pointsToGiveBack: 0 },
    ],
  },
};

/** An entry whose body its own key opens. */
async function sendSealed(till: TestTill, header: Partial<EntryHeader>, body: unknown) {
  const key = new Uint8Array(randomBytes(32));
  const entryId = `entry-sealed-${header.returnId}`;
  const salt = new Uint8Array(randomBytes(32));
  const { sealed, commitment } = sealBody(ledgerCrypto, { body, entryId, key, salt });
  const keyId = `key-of-${header.returnId}`;
  const item = till.entry({
    header: { ...header, entryId: entryId as EntryHeader['entryId'], commitment, keyId },
  });
  const keyed = {
    ...item,
    sealed: Buffer.from(sealed).toString('base64'),
    key: Buffer.from(key).toString('base64'),
  };
  must(await till.sendItems([keyed]));
}

const ofReturn = (returnId: string) =>
  ({ kind: 'return', saleId: 'sale-1', returnId, payableMinor: -200 }) as Partial<EntryHeader>;

const read = (rig: BooksRig) =>
  rig.db.transaction(async (tx) => ({ ok: true as const, value: await readReturns(tx, 'sale-1') }));

describeOnEngines('returns that headquarters tells', (hq) => {
  test('of older versions are told from what they sealed', async () => {
    const rig = openBooks(await hq.fresh());
    await sendSealed(rig.till('till-1'), ofReturn('ret-1'), OLDER);
    expect(must(await read(rig)).returns).toEqual([
      {
        returnId: 'ret-1',
        tillId: 'till-1',
        undone: {
          units: { l1: 2, l2: 1 },
          refundMinor: 200,
          earned: { base: 3 },
          spent: { base: 1 },
          gifts: [],
        },
      },
    ]);
  });

  test('leave out an older one that was erased, and tell the others', async () => {
    const rig = openBooks(await hq.fresh());
    const till = rig.till('till-1');
    await sendSealed(till, ofReturn('ret-1'), OLDER);
    await rig.db.query('DELETE FROM subject_keys');
    await sendSealed(till, ofReturn('ret-2'), OLDER);
    const { returns, unreadable } = must(await read(rig));
    expect(returns.map(({ returnId }) => returnId)).toEqual(['ret-2']);
    expect(unreadable).toEqual(['till-1']);
  });

  test(`are told up to ${SALE_MAX_RETURNS} of one sale`, async () => {
    const rig = openBooks(await hq.fresh());
    const till = rig.till('till-1');
    till.entry({
      undone: { units: { l1: 1 }, refundMinor: 1, earned: {}, spent: {}, gifts: [] },
      bought: { l1: 10_000 },
      header: ofReturn('ret-1'),
    });
    must(await till.send());
    const copy = (from: number, to: number) =>
      rig.db.query(
        `INSERT INTO ledger SELECT till_id, incarnation, n, entry_id || n, kind, sale_id, return_id || n, store_id,
           business_day, at_ms, payable_minor, currency, points_earned, points_spent, exception, header, hash, sealed,
           key_id, member_id, facts, received_at_ms
         FROM ledger, generate_series($1::bigint, $2::bigint) AS n WHERE seq = 1`,
        [from, to],
      );
    await copy(2, SALE_MAX_RETURNS);
    expect(must(await read(rig))).toMatchObject({ unreadable: [] });
    await copy(SALE_MAX_RETURNS + 1, SALE_MAX_RETURNS + 1);
    const { returns, unreadable } = must(await read(rig));
    expect(returns).toHaveLength(SALE_MAX_RETURNS);
    expect(unreadable).toEqual(['till-1']);
  });
});
