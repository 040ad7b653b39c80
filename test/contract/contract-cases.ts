import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMON_ERRORS, PROCEDURES, TOKEN_ERRORS } from '../../agent/api/scopes.ts';
import {
  type ErrorCode,
  errorBodySchema,
  foundSaleSchema,
  POS_SCOPES,
  returnQuoteSchema,
  soldSaleSchema,
  walletSchema,
} from '../../agent/contract/index.ts';
import { type Reply, type Served, TRANSPORTS, type TransportUnderTest } from './transports.ts';

/** A till under test and what the cases must know about its data. */
export interface TillUnderTest extends Served {
  /** Scan text of an active member that no other member shares. */
  readonly memberCard: string;
  /** A member with points. */
  readonly walletMember: string;
  /** Two lines, worth what they are worth. */
  readonly lines: readonly {
    readonly lineId: string;
    readonly sku: string;
    readonly qty: number;
    readonly unitPriceMinor: number;
  }[];
  readonly currency: string;
  /** A member of staff for bookings; absent where somebody is signed in. */
  readonly staffId?: string;
  /** Whether goods can come back; absent = no sale is known. */
  readonly takesBack?: true;
  /** Pairs a program with fewer scopes. */
  pair(scopes: Served['scopes']): Promise<{ readonly clientId: string; readonly token: string }>;
  close(): Promise<void>;
}

/**
 * The cases of the POS contract. Every transport must answer each of them alike, so that a POS moves from one to
 * another without reading anything again.
 */
export function contractCases(name: string, open: () => Promise<TillUnderTest>): void {
  describe.each(TRANSPORTS)(`${name} over $name`, ({ open: connect }) => {
    let till: TillUnderTest;
    let pos: TransportUnderTest;
    let serial = 0;

    beforeAll(async () => {
      till = await open();
      pos = await connect(till);
    });
    afterAll(async () => {
      pos.close();
      await till.close();
    });

    const staff = (): { staffId?: string } =>
      till.staffId === undefined ? {} : { staffId: till.staffId };
    const basketId = (): string => `basket-${++serial}`;
    const evaluate = (id = basketId(), extra: object = {}): Promise<Reply> =>
      pos.call('pos.baskets.evaluate', {
        id,
        currency: till.currency,
        lines: till.lines,
        ...staff(),
        ...extra,
      });
    const held = async () => {
      const { evaluationId, basketHash } = value(await evaluate());
      value(await pos.call('pos.evaluations.hold', { id: evaluationId, basketHash, ...staff() }));
      return { evaluationId, basketHash };
    };
    const commit = (
      evaluationId: string,
      basketHash: string,
      key: string,
      over: object = {},
    ): Promise<Reply> =>
      pos.call('pos.evaluations.commit', {
        params: { id: evaluationId },
        headers: { 'idempotency-key': key },
        body: { basketHash, referenceId: 'R-0001', ...staff(), ...over },
      });

    function expectError(reply: Reply, procedure: string, code: ErrorCode, field?: string): void {
      if (reply.ok) throw new Error(`expected ${code}, got an answer`);
      expect(errorBodySchema.parse(reply.error)).toEqual(reply.error);
      expect(reply.error.code).toBe(code);
      if (field !== undefined) expect(reply.error.field).toBe(field);
      // What a procedure answers with stands in the API document.
      expect([
        ...COMMON_ERRORS,
        ...TOKEN_ERRORS,
        ...(PROCEDURES[procedure]?.errors ?? []),
      ]).toContain(code);
    }

    it('status says what this till is', async () => {
      expect(value(await pos.call('pos.status'))).toMatchObject({
        name: 'tillside',
        currency: till.currency,
      });
    });

    it('a card identifies a member, and the identification can be asked for and cleared', async () => {
      const found = value(await pos.call('pos.identifications.create', { text: till.memberCard }));
      expect(found.outcome).toBe('identified');
      const id = found.identificationId;
      expect(value(await pos.call('pos.identifications.get', { id })).identificationId).toBe(id);
      expect(value(await pos.call('pos.identifications.release', { id })).outcome).toBe('released');
    });

    it('an unknown card is an answer and not an error', async () => {
      expect(
        value(await pos.call('pos.identifications.create', { text: '2999999999991' })).outcome,
      ).toBe('unknown');
    });

    it('a wallet shows what a member has to use, with the name masked, and an unknown member is refused', async () => {
      const wallet = value(await pos.call('pos.members.wallet', { id: till.walletMember }));
      expect(walletSchema.parse(wallet)).toEqual(wallet);
      expect(wallet).toMatchObject({ memberId: till.walletMember, buckets: [{ bucket: 'base' }] });
      expect(wallet.maskedName).toContain('*');
      const nobody = await pos.call('pos.members.wallet', { id: 'nobody-at-all' });
      expectError(nobody, 'pos.members.wallet', 'member-unknown', 'id');
    });

    it('a basket is evaluated twice alike, and lines add up to what is due', async () => {
      const id = basketId();
      const [first, second] = [value(await evaluate(id)), value(await evaluate(id))];
      expect(second.evaluation).toEqual(first.evaluation);
      const listMinor = till.lines.reduce((sum, line) => sum + line.qty * line.unitPriceMinor, 0);
      expect(first.evaluation.listMinor).toBe(listMinor);
      expect(first.evaluation.listMinor - first.evaluation.discountMinor).toBe(
        first.evaluation.payableMinor,
      );
    });

    it('hold, commit and the question what became of it answer the same booking', async () => {
      const { evaluationId, basketHash } = await held();
      const booked = value(await commit(evaluationId, basketHash, 'key-commit-1'));
      expect(booked).toMatchObject({ kind: 'sale', state: 'COMMITTED', exception: null });
      expect(booked.receipt.lines.length).toBeGreaterThan(0);
      expect(value(await commit(evaluationId, basketHash, 'key-commit-1'))).toEqual(booked);
      expect(value(await pos.call('pos.commits.get', { key: 'key-commit-1' }))).toEqual(booked);
    });

    it('the same key with another body is refused', async () => {
      const { evaluationId, basketHash } = await held();
      value(await commit(evaluationId, basketHash, 'key-commit-2'));
      expectError(
        await commit(evaluationId, basketHash, 'key-commit-2', { referenceId: 'R-0002' }),
        'pos.evaluations.commit',
        'key-reused',
      );
    });

    it('every key that a commit takes can be asked for by its address, and no other is taken', async () => {
      const { evaluationId, basketHash } = await held();
      const key = 'Till-7:2026.11_0001';
      const booked = value(await commit(evaluationId, basketHash, key));
      expect(value(await pos.call('pos.commits.get', { key }))).toEqual(booked);
      for (const odd of ['big-key/2', 'big key 2', 'big%2Fkey', 'big-key?2', 'big-key#2']) {
        const reply = await commit(evaluationId, basketHash, odd);
        expectError(reply, 'pos.evaluations.commit', 'invalid-input', 'idempotency-key');
      }
    });

    it('a commit of a changed basket is refused by its hash', async () => {
      const { evaluationId } = await held();
      const reply = await commit(evaluationId, '0'.repeat(64), 'key-commit-4');
      expectError(reply, 'pos.evaluations.commit', 'basket-changed', 'basketHash');
    });

    it('a commit without a hold is refused', async () => {
      const { evaluationId, basketHash } = value(await evaluate());
      expectError(
        await commit(evaluationId, basketHash, 'key-commit-3'),
        'pos.evaluations.commit',
        'not-held',
      );
    });

    it('goods come back as quoted, or for others in an exchange', async () => {
      const { evaluationId, basketHash } = await held();
      const { saleId } = value(await commit(evaluationId, basketHash, 'key-commit-5'));
      const goods = (qty: number) => ({ saleId, lines: [{ lineId: 'l1', qty }] });
      const booking = (returnId: string) => ({
        ...goods(1),
        returnId,
        referenceId: 'R-0002',
        reason: 'does not fit',
        ...staff(),
      });
      const next = await held();
      const exchange = {
        params: {},
        headers: { 'idempotency-key': 'key-exchange-1' },
        body: {
          return: booking('ret-2'),
          evaluationId: next.evaluationId,
          sale: { basketHash: next.basketHash, referenceId: 'R-0003', ...staff() },
        },
      };
      if (till.takesBack !== true) {
        expectError(
          await pos.call('pos.returns.quote', goods(1)),
          'pos.returns.quote',
          'sale-unknown',
        );
        expectError(
          await pos.call('pos.sales.get', { id: saleId }),
          'pos.sales.get',
          'sale-unknown',
        );
        const refused = await pos.call('pos.exchanges.create', exchange);
        return expectError(refused, 'pos.exchanges.create', 'sale-unknown', 'return.saleId');
      }
      const quote = value(await pos.call('pos.returns.quote', goods(1)));
      expect(returnQuoteSchema.parse(quote)).toEqual(quote);
      const { quoteHash, refundMinor } = quote;
      const back = { ...booking('ret-1'), quoteHash };
      expect(value(await pos.call('pos.returns.create', back)).payableMinor).toBe(-refundMinor);
      const sale = value(await pos.call('pos.sales.get', { id: saleId }));
      expect(soldSaleSchema.parse(sale)).toEqual(sale);
      expect(sale.lines[0].unitsLeft).toBe(sale.lines[0].qty - 1);
      const { sales } = value(await pos.call('pos.sales.find', { referenceId: sale.referenceId }));
      expect(foundSaleSchema.parse(sales[0])).toEqual(sales[0]);
      expect(sales.map((one: { saleId: string }) => one.saleId)).toContain(saleId);
      const done = value(await pos.call('pos.exchanges.create', exchange));
      expect(done.netMinor).toBe(done.sale.payableMinor + done.return.payableMinor);
      expect(value(await pos.call('pos.exchanges.create', exchange))).toEqual(done);
      const tooMuch = await pos.call('pos.returns.quote', goods(1));
      expectError(tooMuch, 'pos.returns.quote', 'return-too-much', 'lines.0.qty');
    });

    it('a held basket is voided and then gives nothing more', async () => {
      const { evaluationId } = await held();
      const reply = await pos.call('pos.evaluations.void', {
        params: { id: evaluationId },
        headers: { 'idempotency-key': 'key-void-1' },
        body: { reason: 'shopper left', ...staff() },
      });
      expect(value(reply)).toMatchObject({ kind: 'void', state: 'VOIDED' });
    });

    it('errors of every origin have one shape and name the field', async () => {
      expectError(
        await pos.call('pos.identifications.get', { id: 'nobody-1' }),
        'pos.identifications.get',
        'identification-unknown',
      );
      expectError(
        await pos.call('pos.commits.get', { key: 'never-used-1' }),
        'pos.commits.get',
        'key-unknown',
      );
      expectError(
        await pos.call('pos.evaluations.hold', {
          id: 'nothing-1',
          basketHash: 'f'.repeat(64),
          ...staff(),
        }),
        'pos.evaluations.hold',
        'evaluation-unknown',
      );
      expectError(
        await pos.call('pos.identifications.create', {}),
        'pos.identifications.create',
        'invalid-input',
        'text',
      );
      expectError(
        await pos.call('pos.events', { after: 999_999_999 }),
        'pos.events',
        'events-gone',
        'after',
      );
    });

    it.each([
      ['0', 0],
      ['negative', -1],
      ['fractional', 1.5],
      ['huge', 10_001],
      ['unsafe', Number.MAX_SAFE_INTEGER + 2],
      ['text', '1'],
      ['no', null],
    ])('a basket with a %s quantity is refused by its line', async (_name, qty) => {
      const lines = [...till.lines, { ...till.lines[0], lineId: 'bad', qty }];
      const reply = await evaluate(basketId(), { lines });
      expectError(reply, 'pos.baskets.evaluate', 'invalid-input', `lines.${till.lines.length}.qty`);
    });

    it('a basket of 10,000 lines passes and one of 10,001 is refused', async () => {
      const lines = Array.from({ length: 10_001 }, (_, n) => ({
        ...till.lines[0],
        lineId: `l${n}`,
        qty: 1,
        unitPriceMinor: 100,
      }));
      expect(
        value(await evaluate(basketId(), { lines: lines.slice(1) })).evaluation.lines,
      ).toHaveLength(10_000);
      const reply = await evaluate(basketId(), { lines });
      expectError(reply, 'pos.baskets.evaluate', 'invalid-input', 'lines');
      expect(reply.ok ? '' : reply.error.message.en).toBe('lines must have at most 10000 entries');
    });

    it('mixed currency is refused', async () => {
      const lines = [...till.lines, { ...till.lines[0], lineId: 'usd', currency: 'USD' }];
      expectError(await evaluate(basketId(), { lines }), 'pos.baskets.evaluate', 'mixed-currency');
    });

    it('events arrive in order, and a reader that comes back misses none', async () => {
      const before = value(await pos.call('pos.status')).head.eventSeq;
      await pos.call('pos.identifications.create', { text: till.memberCard });
      await pos.call('pos.identifications.create', { text: till.memberCard });
      const [first] = await pos.events(before, 1);
      if (first === undefined) throw new Error('no event');
      expect(first.seq).toBe(before + 1);
      const more = pos.events(first.seq, 3);
      await pos.call('pos.identifications.create', { text: till.memberCard });
      await pos.call('pos.identifications.create', { text: till.memberCard });
      expect((await more).map(({ seq }) => seq)).toEqual([before + 2, before + 3, before + 4]);
    });

    it('a program without the scope is refused', async () => {
      const narrow = await connect({
        ...till,
        ...(await till.pair(['ledger:read'])),
        scopes: ['ledger:read'],
      });
      const reply = await narrow.call('pos.baskets.evaluate', {
        id: 'b',
        currency: till.currency,
        lines: till.lines,
      });
      narrow.close();
      expectError(reply, 'pos.baskets.evaluate', 'forbidden-scope');
    });
  });

  function value(reply: Reply) {
    if (!reply.ok)
      throw new Error(
        `${reply.error.code} ${reply.error.field ?? ''}: ${reply.error.message.en} ${JSON.stringify(reply.error.data ?? {})}`,
      );
    return reply.value;
  }
}

export const CASE_SCOPES = [...POS_SCOPES];
