import { expect, test } from 'vitest';
import type { EntryFacts } from '../../../../agent/contract/entry-facts.ts';
import type { EntryHeader } from '../../../../agent/contract/ledger.ts';
import { toInstant } from '../../../../agent/contract/time.ts';
import { RETURN_CLAIM_MS } from '../../../../sync/protocol/sale-lookup.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { type BooksRig, NOON_MS, openBooks, saleFacts, type TestTill } from './rig.ts';

const SALE = 'sale-1' as never;

/** A sale of two tea, and the return of some of them as a till books it. */
function returned(
  till: TestTill,
  returnId: string,
  units: number,
  before?: EntryFacts['before'],
  saleId = SALE,
) {
  return till.entry({
    ...(before === undefined ? {} : { before }),
    undone: { units: { l1: units }, refundMinor: 100 * units, earned: {}, spent: {}, gifts: [] },
    bought: { l1: 2 },
    header: {
      kind: 'return',
      saleId,
      returnId: returnId as EntryHeader['returnId'],
      payableMinor: -100 * units,
    },
  } as Partial<EntryFacts> & { header: Partial<EntryHeader> });
}

describeOnEngines('returns of the chain', (hq) => {
  async function open() {
    const rig = openBooks(await hq.fresh());
    const a = rig.till('till-1');
    const b = rig.till('till-2', { storeId: 'store-2' });
    a.entry(saleFacts(null, { saleId: SALE, spendMinor: 200 }));
    must(await a.send());
    return { rig, a, b };
  }
  const claim = async (rig: BooksRig, till: TestTill, returnId: string, saleId = SALE) =>
    must(
      await rig.books.claimReturn(till.caller, { returnId: returnId as never, saleId }, undefined),
    );

  test('one till at a time takes goods of a sale back', async () => {
    const { rig, a, b } = await open();
    expect(await claim(rig, b, 'ret-1')).toMatchObject({ state: 'granted', returns: [] });
    expect(await claim(rig, b, 'ret-1')).toMatchObject({ state: 'granted' });
    expect(await claim(rig, a, 'ret-2')).toMatchObject({ state: 'claimed', tillId: 'till-2' });
    returned(b, 'ret-1', 1);
    must(await b.send());
    expect(await claim(rig, a, 'ret-2')).toMatchObject({
      state: 'granted',
      returns: [{ returnId: 'ret-1', tillId: 'till-2', undone: { units: { l1: 1 } } }],
    });
    expect(await rig.exceptions()).toEqual([]);
  });

  test('the same return id is booked once, whichever till sends it', async () => {
    const { rig, a, b } = await open();
    await claim(rig, b, 'ret-1');
    expect(await claim(rig, a, 'ret-1')).toMatchObject({ state: 'claimed' });
    returned(b, 'ret-1', 1);
    must(await b.send());
    expect(await claim(rig, a, 'ret-1')).toMatchObject({ state: 'booked', tillId: 'till-2' });
  });

  test('many tills at once are granted one claim', async () => {
    const { rig } = await open();
    const tills = Array.from({ length: 6 }, (_, n) => rig.till(`till-${n + 10}`));
    const states = await Promise.all(
      tills.map(async (till, n) => (await claim(rig, till, `ret-${n}`)).state),
    );
    expect(states.filter((state) => state === 'granted')).toHaveLength(1);
  });

  test('a claim ends when its till gives it up, no longer stands by it, or is away too long', async () => {
    const { rig, a, b } = await open();
    await claim(rig, b, 'ret-1');
    const release = (till: TestTill) =>
      rig.books.releaseReturn(till.caller, { returnId: 'ret-1' as never }, undefined);
    expect(must(await release(a))).toEqual({ released: false });
    expect(must(await release(b))).toEqual({ released: true });
    expect((await claim(rig, a, 'ret-2')).state).toBe('granted');
    const reconcile = (before: number) =>
      rig.books.reconcile(
        a.caller,
        { incarnation: a.caller.incarnation, open: [], before: toInstant(before) },
        undefined,
      );
    expect(must(await reconcile(NOON_MS))).toEqual({ released: 0 });
    expect((await claim(rig, b, 'ret-1')).state).toBe('claimed');
    expect(must(await reconcile(NOON_MS + 1))).toEqual({ released: 1 });
    expect((await claim(rig, b, 'ret-1')).state).toBe('granted');
    rig.clockMs += RETURN_CLAIM_MS - 1;
    expect((await claim(rig, a, 'ret-2')).state).toBe('claimed');
    rig.clockMs += 1;
    expect((await claim(rig, a, 'ret-2')).state).toBe('granted');
  });

  test('a sale that headquarters has not heard of is for its own till to tell', async () => {
    const { rig, b } = await open();
    expect(await claim(rig, b, 'ret-1', 'sale-9' as never)).toMatchObject({ state: 'unknown' });
    const found = await rig.books.findSale(b.caller, { saleId: 'sale-9' as never }, undefined);
    expect(must(found)).toEqual({ sale: null, reason: 'unknown' });
    // Its body is no sealed one here.
    const unreadable = await rig.books.findSale(b.caller, { saleId: SALE }, undefined);
    expect(must(unreadable)).toEqual({ sale: null, reason: 'unreadable' });
  });

  test('units that came back at two tills are a case for a person, and both returns are booked', async () => {
    const { rig, a, b } = await open();
    returned(b, 'ret-1', 2);
    must(await b.send());
    returned(a, 'ret-2', 1);
    must(await a.send());
    const [row] = await rig.db.query<{ detail: string; till_id: string }>(
      `SELECT detail, till_id FROM exceptions WHERE code = 'returned-twice'`,
    );
    expect(row?.till_id).toBe('till-1');
    expect(JSON.parse(row?.detail ?? '')).toEqual({
      saleId: SALE,
      returnId: 'ret-2',
      lineId: 'l1',
      returned: 3,
      bought: 2,
    });
    expect(await rig.db.query(`SELECT 1 FROM ledger WHERE kind = 'return'`)).toHaveLength(2);
    // Sent again it is the same entry, and no second case.
    must(await a.send());
    expect(await rig.exceptions()).toEqual(['returned-twice']);
  });

  test('returns that knew of each other are no case, those that did not are one', async () => {
    const { rig, a, b } = await open();
    returned(b, 'ret-1', 1, {});
    must(await b.send());
    returned(b, 'ret-2', 1, { l1: 1 });
    must(await b.send());
    expect(await rig.exceptions()).toEqual([]);
    const { a: home, b: away, rig: other } = await open();
    returned(away, 'ret-1', 1, {});
    must(await away.send());
    returned(home, 'ret-2', 1, {});
    must(await home.send());
    expect(await other.exceptions()).toEqual(['returns-overlapped']);
    expect(a).not.toBe(home);
  });

  test('a return of an older version that cannot be opened is a case where another till took goods back too', async () => {
    const { rig, a, b } = await open();
    a.entry({ header: { kind: 'return', saleId: SALE, returnId: 'ret-1' as never } });
    must(await a.send());
    expect(await rig.exceptions()).toEqual([]);
    returned(b, 'ret-2', 1, {});
    must(await b.send());
    expect(await rig.exceptions()).toEqual(['returns-overlapped']);
    const late = await open();
    returned(late.b, 'ret-1', 1, {});
    must(await late.b.send());
    late.a.entry({ header: { kind: 'return', saleId: SALE, returnId: 'ret-2' as never } });
    must(await late.a.send());
    expect(await late.rig.exceptions()).toEqual(['returns-overlapped']);
  });

  test('one return id is claimed for one sale', async () => {
    const { rig, a } = await open();
    a.entry(saleFacts(null, { saleId: 'sale-2', spendMinor: 200 }));
    must(await a.send());
    expect(await claim(rig, a, 'ret-1')).toMatchObject({ state: 'granted' });
    expect(await claim(rig, a, 'ret-1', 'sale-2' as never)).toMatchObject({
      state: 'claimed',
      tillId: 'till-1',
    });
  });

  test('one return id of two sales is no return twice', async () => {
    const { rig, a, b } = await open();
    a.entry(saleFacts(null, { saleId: 'sale-2', spendMinor: 200 }));
    must(await a.send());
    returned(b, 'ret-1', 1);
    must(await b.send());
    returned(a, 'ret-1', 1, undefined, 'sale-2' as never);
    must(await a.send());
    expect(await rig.exceptions()).toEqual([]);
  });

  test('one return id at two tills is a case for a person', async () => {
    const { rig, a, b } = await open();
    returned(b, 'ret-1', 1);
    must(await b.send());
    returned(a, 'ret-1', 1);
    must(await a.send());
    expect(await rig.exceptions()).toEqual(['returned-twice']);
  });
});
