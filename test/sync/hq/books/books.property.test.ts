import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MemberId } from '../../../../agent/contract/ids.ts';
import type { EntryHeader } from '../../../../agent/contract/ledger.ts';
import { verifyChain } from '../../../../agent/domain/ledger/chain.ts';
import { type LotMove, spendFromLots } from '../../../../agent/domain/points/lots.ts';
import { lotsOf } from '../../../../sync/hq/books/account.ts';
import type { PointsAccount } from '../../../../sync/protocol/feed.ts';
import { describeOnEngines, must } from '../../../support/hq-database.ts';
import { ledgerCrypto } from '../../../support/ledger.ts';
import {
  type BooksRig,
  codeOf,
  online,
  openBooks,
  receiptOf,
  saleFacts,
  type TestTill,
} from './rig.ts';

const TILLS = 3;
const MEMBERS = 2;

const till = fc.nat(TILLS - 1);
const member = fc.nat(MEMBERS - 1);
const points = fc.integer({ min: 1, max: 60 });
const op = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant('sale' as const), till, member, points }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('hold' as const), till, member, points }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('void' as const), till }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('return' as const), till, soldAt: till }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('refresh' as const), till }) },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('upload' as const),
      till,
      how: fc.constantFrom('once' as const, 'twice', 'backwards', 'all-again', 'half'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('online' as const),
      what: fc.constantFrom('buy' as const, 'return', 'give', 'take'),
      member,
      points,
    }),
  },
);
type Op = typeof op extends fc.Arbitrary<infer T> ? T : never;

interface Booked {
  readonly member: number;
  readonly delta: number;
  readonly spendMinor: number;
  readonly orders: number;
  /** Points taken back from a member who may have spent them. */
  readonly clawedBack: number;
}

interface Sale extends Booked {
  readonly moves: readonly LotMove[];
  readonly saleId: string;
}

/** A till of the model: what it wrote, what it holds, and its copy of the accounts. */
interface ModelTill {
  readonly real: TestTill;
  readonly written: Booked[];
  readonly sales: Sale[];
  readonly held: { allowanceId: string; member: number; points: number }[];
  copies: PointsAccount[];
  received: number;
}

/** What must be true of the books, kept beside them in the plainest way: sums. */
function createModel(rig: BooksRig, run: number, memberIds: readonly MemberId[]) {
  let serial = 0;
  const nextId = (what: string) => `${what}-${run}-${++serial}`;
  const tills = Array.from(
    { length: TILLS },
    (_, n): ModelTill => ({
      real: rig.till(`till-${run}-${n}`, { storeId: `store-${n % 2}` }),
      written: [],
      sales: [],
      held: [],
      copies: [],
      received: 0,
    }),
  );
  const webShop: Booked[] = [];
  const orders: { orderId: string; member: number; minor: number; earned: number }[] = [];
  const at = (n: number) => tills[n] as ModelTill;
  const idOf = (n: number) => memberIds[n] as MemberId;

  async function refresh(one: ModelTill): Promise<void> {
    one.copies = await Promise.all(memberIds.map((id) => rig.account(id)));
  }

  /** As the till does it: from its own copy of the lots, the rest is owed. */
  function spend(one: ModelTill, memberNo: number, wanted: number, saleId: string): LotMove[] {
    const copy = one.copies[memberNo];
    const lots = copy === undefined ? [] : lotsOf(copy);
    const { moves, owed } = spendFromLots(lots, wanted, '2026-11-21');
    return owed === 0 ? moves : [...moves, { lotId: `${saleId}.owed`, delta: -owed }];
  }

  function sell(one: ModelTill, memberNo: number, earned: number): void {
    const hold = one.held.shift();
    const who = hold?.member ?? memberNo;
    const saleId = nextId('sale');
    const spent = hold === undefined ? [] : spend(one, who, hold.points, saleId);
    const owedLot = {
      earnedAt: '2026-11-21T00:00:00.000Z',
      channel: 'store' as const,
      bucket: 'base',
      source: `sale:${saleId}`,
    };
    const facts = saleFacts(idOf(who), { saleId, earned, spendMinor: earned * 100 });
    const spentPoints = hold?.points ?? 0;
    one.real.entry({
      ...facts,
      movements: [
        ...spent.map((move) => (move.lotId.endsWith('.owed') ? { ...move, lot: owedLot } : move)),
        ...(facts.movements ?? []),
      ],
      allowanceIds: hold === undefined ? [] : [hold.allowanceId],
      header: { ...facts.header, pointsSpent: spentPoints },
    });
    const sale: Sale = {
      member: who,
      delta: earned - spentPoints,
      spendMinor: earned * 100,
      orders: 1,
      clawedBack: 0,
      moves: [...spent, { lotId: `${saleId}.base`, delta: earned }],
      saleId,
    };
    one.written.push(sale);
    one.sales.push(sale);
  }

  /** At any till: what was sold elsewhere may reach HQ as goods that come back before it does as a sale. */
  function takeBack(one: ModelTill, seller: ModelTill): void {
    const sale = seller.sales.shift();
    if (sale === undefined) return;
    const earned = sale.moves.reduce((sum, { delta }) => sum + Math.max(0, delta), 0);
    const spent = sale.moves.reduce((sum, { delta }) => sum + Math.max(0, -delta), 0);
    one.real.entry({
      memberId: idOf(sale.member),
      movements: sale.moves.map(({ lotId, delta }) => ({ lotId, delta: -delta })),
      spendMinor: -sale.spendMinor,
      orders: -1,
      header: {
        kind: 'return',
        saleId: sale.saleId as EntryHeader['saleId'],
        returnId: nextId('return') as NonNullable<EntryHeader['returnId']>,
        pointsEarned: -earned,
        pointsSpent: -spent,
      },
    });
    one.written.push({
      member: sale.member,
      delta: -sale.delta,
      spendMinor: -sale.spendMinor,
      orders: -1,
      clawedBack: earned,
    });
  }

  function giveUp(one: ModelTill): void {
    const hold = one.held.shift();
    if (hold !== undefined) one.real.release(hold.allowanceId);
  }

  async function upload(
    one: ModelTill,
    how: 'once' | 'twice' | 'backwards' | 'all-again' | 'half',
  ) {
    const { real } = one;
    const waiting = real.outbox.slice(one.received);
    if (waiting.length === 0) return;
    if (how === 'backwards' && waiting.length > 1) {
      expect(codeOf(await real.sendItems([...waiting].reverse()))).toBe('outbox-gap');
      return;
    }
    const items =
      how === 'half'
        ? waiting.slice(0, Math.ceil(waiting.length / 2))
        : how === 'all-again'
          ? real.outbox
          : waiting;
    const sends = how === 'twice' ? [items, items] : [items];
    const replies = await Promise.all(sends.map((some) => real.sendItems(some)));
    for (const reply of replies) one.received = Math.max(one.received, receiptOf(reply).outboxNo);
  }

  async function hold(one: ModelTill, memberNo: number, wanted: number): Promise<void> {
    const allowanceId = nextId('allowance');
    const what = { kind: 'points', points: wanted } as const;
    const reply = must(await one.real.reserve(allowanceId, what, { memberId: idOf(memberNo) }));
    if (reply.granted) one.held.push({ allowanceId, member: memberNo, points: wanted });
  }

  async function web(what: 'buy' | 'return' | 'give' | 'take', memberNo: number, n: number) {
    const key = nextId('key-12345678');
    const memberId = idOf(memberNo);
    if (what === 'buy') {
      const orderId = nextId('W');
      const minor = n * 100;
      const input = { memberId, orderId, amountMinor: minor, currency: 'CNY', pointsSpent: 0 };
      must(await rig.books.bookPurchase(online, input, key));
      orders.push({ orderId, member: memberNo, minor, earned: n });
      webShop.push({ member: memberNo, delta: n, spendMinor: minor, orders: 1, clawedBack: 0 });
    } else if (what === 'return') {
      const order = orders.shift();
      if (order === undefined) return;
      const { orderId, minor, earned } = order;
      must(await rig.books.bookReturn(online, { orderId, amountMinor: minor }, key));
      webShop.push({
        member: order.member,
        delta: -earned,
        spendMinor: -minor,
        orders: -1,
        clawedBack: earned,
      });
    } else {
      const change = what === 'give' ? n : -n;
      const input = { memberId, points: change, reason: 'test' };
      const reply = await rig.books.changePoints(online, input, key);
      expect(codeOf(reply)).toBe(reply.ok ? 'ok' : 'points-short');
      if (reply.ok)
        webShop.push({ member: memberNo, delta: change, spendMinor: 0, orders: 0, clawedBack: 0 });
    }
  }

  /** First what tills do by themselves, then everything that reaches HQ at once. */
  async function round(ops: readonly Op[]): Promise<void> {
    for (const one of ops) {
      if (one.op === 'refresh') await refresh(at(one.till));
      if (one.op === 'sale') sell(at(one.till), one.member, one.points);
      if (one.op === 'void') giveUp(at(one.till));
      if (one.op === 'return') takeBack(at(one.till), at(one.soldAt));
    }
    const busy = new Set<number>();
    const calls = ops.map(async (one) => {
      if (one.op === 'hold') await hold(at(one.till), one.member, one.points);
      if (one.op === 'online') await web(one.what, one.member, one.points);
      if (one.op !== 'upload' || busy.has(one.till)) return;
      busy.add(one.till);
      await upload(at(one.till), one.how);
    });
    await Promise.all(calls);
  }

  /** What HQ has received: entries stand in the outbox between other items. */
  function bookedByTill(one: ModelTill): Booked[] {
    const received = one.real.outbox.slice(0, one.received);
    return one.written.slice(0, received.filter(({ kind }) => kind === 'entry').length);
  }

  async function check(): Promise<void> {
    const booked = [...webShop, ...tills.flatMap(bookedByTill)];
    for (const [n, memberId] of memberIds.entries()) {
      const own = booked.filter((one) => one.member === n);
      const sum = (figure: (one: Booked) => number) =>
        own.reduce((all, one) => all + figure(one), 0);
      const balance = sum((one) => one.delta);
      expect(await rig.balance(memberId)).toBe(balance);
      expect(await rig.body(memberId)).toMatchObject({
        yearSpendMinor: Math.max(
          0,
          sum((one) => one.spendMinor),
        ),
        completedOrders: Math.max(
          0,
          sum((one) => one.orders),
        ),
      });
      const [open] = await rig.db.query<{ points: number }>(
        "SELECT coalesce(sum(points), 0)::bigint AS points FROM allowances WHERE member_id = $1 AND state = 'open'",
        [memberId],
      );
      // Promised points are covered by points that are there; only goods that came back can take them away.
      const short = balance - (open?.points ?? 0);
      expect(short).toBeGreaterThanOrEqual(-sum((one) => one.clawedBack));
    }
  }

  async function finish(): Promise<void> {
    for (const one of tills) await upload(one, 'once');
    await check();
    for (const { real, written } of tills) {
      const { tillId } = real.caller;
      const rows = await rig.db.query<{ header: string; hash: string }>(
        'SELECT header, hash FROM ledger WHERE till_id = $1 ORDER BY seq',
        [tillId],
      );
      const chain = rows.map(({ header, hash }) => ({
        header: JSON.parse(header) as EntryHeader,
        hash,
      }));
      expect(must(verifyChain(ledgerCrypto.hash, chain)).seq).toBe(written.length);
      for (const memberId of memberIds) {
        const last = real.outbox.findLast(
          (item) => item.kind === 'entry' && item.facts.memberId === memberId,
        );
        const seq =
          last?.kind === 'entry' ? (JSON.parse(last.header) as EntryHeader).seq : undefined;
        const { booked } = await rig.account(memberId);
        expect(booked[`${tillId}:${real.caller.incarnation}`]).toBe(seq);
      }
    }
    const codes = new Set(await rig.exceptions());
    codes.delete('points-overdrawn');
    // Goods came back before HQ heard of their sale.
    codes.delete('lot-unknown');
    expect([...codes]).toEqual([]);
  }

  return { round, check, finish };
}

describeOnEngines('the books of a chain', (hq) => {
  test('are exact and never promise more than there is, whatever tills and the web shop do at once', async () => {
    const rig = openBooks(await hq.fresh());
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(op, { minLength: 1, maxLength: 10 }), { minLength: 2, maxLength: 6 }),
        async (rounds) => {
          run++;
          const ids: MemberId[] = [];
          for (let n = 0; n < MEMBERS; n++)
            ids.push((await rig.member(run * MEMBERS + n)) as MemberId);
          const model = createModel(rig, run, ids);
          for (const ops of rounds) {
            await model.round(ops);
            await model.check();
          }
          await model.finish();
        },
      ),
      // One connection is one thing at a time: what happens at once is PostgreSQL's to show.
      { numRuns: hq.engine === 'pglite' ? 6 : 20 },
    );
  });
});
